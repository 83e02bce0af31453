//! Recorded histories, and whether there is an order that explains them.
//!
//! Each thread notes, for each operation, when it began and ended by a logical clock that all share,
//! and what it saw. Keys are independent of each other, so a history is linearizable iff that part of
//! it which concerns each key is (Herlihy and Wing 1990). What departs is reported by the operation that
//! made it depart; the report is an event of the departed entry's key, with that operation's interval.

mod capacity;
mod event;
mod record;
mod search;
mod table;

pub use event::{Call, Event, Interval};
pub use record::{Clock, History, Recorder};

use capacity::CapacityFault;
use core::fmt;
use search::{Stuck, linearize};
use std::collections::BTreeMap;

use crate::map::Spot;

/// Why a history is impossible for a correct map.
#[derive(Debug)]
#[non_exhaustive]
pub enum Impossible {
    /// No order of one key's events explains what they saw.
    NoOrder {
        /// The key.
        at: Spot,
        /// Its events, in the order in which they began.
        events: Vec<Event>,
        /// How far the best order came.
        stuck: Stuck,
    },
    /// There was room, or too much was held.
    Room(CapacityFault),
}

impl History {
    /// Whether a correct map can have a history like this.
    ///
    /// # Errors
    /// [`Impossible`], with the events of the key concerned.
    pub fn check(&self) -> Result<(), Impossible> {
        let mut keys: BTreeMap<Spot, Vec<Event>> = BTreeMap::new();
        for event in self.events() {
            keys.entry(event.at).or_default().push(*event);
        }
        for (at, mut events) in keys {
            events.sort_unstable_by_key(|event| event.when.began);
            if let Err(stuck) = linearize(&events) {
                return Err(Impossible::NoOrder { at, events, stuck });
            }
        }
        capacity::check(self).map_err(Impossible::Room)
    }
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOrder { at, events, stuck } => {
                writeln!(f, "no order of the events of {at:?} explains what they saw")?;
                table::write(f, events, stuck)
            }
            Self::Room(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for Impossible {}
