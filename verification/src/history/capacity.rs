//! What a history says about room: nobody is evicted while there is some, and no more is held than
//! the capacity. Both are judged by bounds, since only intervals are known.

use core::fmt;
use std::collections::BTreeMap;

use resumption_map::Cause;

use super::event::{Call, Event, Interval};
use super::record::History;

/// A history that contradicts its map's capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CapacityFault {
    /// An entry was evicted while there was room.
    EvictedWithRoom {
        /// The eviction.
        event: Event,
        /// The most entries that can have been there.
        at_most: usize,
        /// The least that the capacity can have been.
        capacity: usize,
    },
    /// More entries were there at once than the capacity.
    TooMany {
        /// When.
        at: u64,
        /// The least that can have been there.
        at_least: usize,
        /// The capacity.
        capacity: usize,
    },
}

impl fmt::Display for CapacityFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EvictedWithRoom { event, at_most, capacity } => {
                write!(f, "evicted with at most {at_most} of {capacity} places taken: {event:?}")
            }
            Self::TooMany { at, at_least, capacity } => {
                write!(f, "at {at}, at least {at_least} entries were held in {capacity} places")
            }
        }
    }
}

/// An entry's stay: when it came, and when it left.
type Stay = (Interval, Option<Interval>);

pub(super) fn check(history: &History) -> Result<(), CapacityFault> {
    let mut stays: BTreeMap<u64, Stay> = BTreeMap::new();
    for event in history.events() {
        if let Call::Inserted { number, .. } = event.call {
            stays.insert(number, (event.when, None));
        }
    }
    for event in history.events() {
        let stay = event.call.departed().and_then(|number| stays.get_mut(&number));
        if let Some((_, left)) = stay {
            *left = Some(event.when);
        }
    }
    let stays: Vec<_> = stays.into_values().collect();
    evicts_only_without_room(history, &stays)?;
    never_exceeds(history, &stays)
}

fn evicts_only_without_room(history: &History, stays: &[Stay]) -> Result<(), CapacityFault> {
    for event in history.events() {
        if !matches!(event.call, Call::Departed { cause: Cause::Evicted, .. }) {
            continue;
        }
        let when = &event.when;
        let Some(capacity) = least_capacity(history, when) else { continue };
        let there = |(came, left): &&Stay| {
            came.began < when.ended && left.is_none_or(|left| left.ended > when.began)
        };
        let there = stays.iter().filter(there).count();
        let tried = history.refused.iter().filter(|insert| meet(insert, when)).count();
        let at_most = there + tried + history.shards - 1;
        if at_most < capacity {
            return Err(CapacityFault::EvictedWithRoom { event: *event, at_most, capacity });
        }
    }
    Ok(())
}

fn meet(a: &Interval, b: &Interval) -> bool {
    a.began < b.ended && b.began < a.ended
}

/// The least that the capacity can have been during `when`; `None` when nothing can be said.
fn least_capacity(history: &History, when: &Interval) -> Option<usize> {
    let resized = || history.resized.iter().filter(|(change, _)| change.began < when.ended);
    // Without a limit, shards draw places in advance. Called in later, they pass through the hands of
    // whichever thread does it, and for that moment nobody has them.
    let was_unlimited = resized().any(|(_, capacity)| capacity.is_none());
    // Of two changes at once, the second may be over while the first has counted half of itself: then
    // fewer places are there than either says.
    let half_done = resized()
        .filter(|(change, _)| meet(change, when))
        .any(|(change, _)| resized().any(|(other, _)| other != change && meet(other, change)));
    if was_unlimited || half_done {
        return None;
    }
    let made = (Interval { began: 0, ended: 0 }, Some(history.capacity));
    let changes = || resized().chain([&made]);
    changes()
        .filter(|(change, _)| {
            // Not if another surely came after it, and before `when`.
            !changes().any(|(later, _)| later.began > change.ended && later.ended < when.began)
        })
        .filter_map(|(_, capacity)| *capacity)
        .min()
}

/// Only where the capacity never changed: a shrunk one is reached by and by.
fn never_exceeds(history: &History, stays: &[Stay]) -> Result<(), CapacityFault> {
    if !history.resized.is_empty() {
        return Ok(());
    }
    for (came, _) in stays {
        let at = came.ended;
        let surely =
            |(came, left): &&Stay| came.ended <= at && left.is_none_or(|left| left.began > at);
        let at_least = stays.iter().filter(surely).count();
        if at_least > history.capacity {
            return Err(CapacityFault::TooMany { at, at_least, capacity: history.capacity });
        }
    }
    Ok(())
}
