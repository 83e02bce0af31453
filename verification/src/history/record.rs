//! A thread's part of a history.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use resumption_map::reclaim::Reclaim;
use resumption_map::{Cause, Departures, Found, Handle, Inserted, Map, RefusedWhy, Verdict};

use super::event::{Call, Event, Interval};
use crate::map::{Drops, Entry, Operation, Spot, Value};

/// Handles held at once.
const HELD: usize = 3;

/// The logical clock that all threads of a history share.
#[derive(Debug, Default)]
pub struct Clock(AtomicU64);

impl Clock {
    /// The next instant. What a thread did before is before, for whoever gets a later one.
    fn tick(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// What threads did to one map.
#[derive(Debug, Default)]
pub struct History {
    /// How many entries the map was made for.
    pub capacity: usize,
    /// How many shards it has: so many places, but one, may lie idle.
    pub shards: usize,
    pub(super) events: Vec<Event>,
    /// Inserts that came to nothing: they may have held a place meanwhile.
    pub(super) refused: Vec<Interval>,
    /// Changes of the capacity.
    pub(super) resized: Vec<(Interval, Option<usize>)>,
    /// How many operations there were.
    pub operations: u64,
}

impl History {
    /// An empty history of a map of so many entries and shards.
    pub fn new(capacity: usize, shards: usize) -> Self {
        Self { capacity, shards, ..Self::default() }
    }

    /// A history made by hand.
    pub fn of(capacity: usize, events: impl IntoIterator<Item = Event>) -> Self {
        Self { events: events.into_iter().collect(), ..Self::new(capacity, 1) }
    }

    /// What was seen.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Adds another thread's part.
    pub fn merge(&mut self, other: Self) {
        self.events.extend(other.events);
        self.refused.extend(other.refused);
        self.resized.extend(other.resized);
        self.operations += other.operations;
    }

    /// Adds what is in the map when all threads are done: every key's entry, or that it has none.
    pub fn finish<R: Reclaim>(&mut self, map: &Map<Value, R>, clock: &Clock, keys: &[Spot]) {
        let (began, live) = (clock.tick(), map.snapshot().collect::<Vec<_>>());
        let when = Interval { began, ended: clock.tick() };
        let mut see = |at, call| self.events.push(Event { thread: usize::MAX, when, at, call });
        for handle in &live {
            see(Spot::of(handle), Call::Still { number: handle.number() });
        }
        for at in keys {
            if live.iter().all(|handle| Spot::of(handle) != *at) {
                see(*at, Call::Absent);
            }
        }
    }
}

/// Does operations on a map, and notes what they saw.
pub struct Recorder<'m, R: Reclaim> {
    map: &'m Map<Value, R>,
    clock: &'m Clock,
    drops: &'m Drops,
    thread: usize,
    now: u64,
    next: u64,
    held: VecDeque<Handle<'m, Value>>,
    history: History,
}

impl<'m, R: Reclaim> Recorder<'m, R> {
    /// A recorder for one thread; each has a number of its own.
    pub fn new(map: &'m Map<Value, R>, clock: &'m Clock, drops: &'m Drops, thread: usize) -> Self {
        let next = (thread as u64 + 1) << 32;
        let (held, history) = (VecDeque::new(), History::default());
        Self { map, clock, drops, thread, now: 100, next, held, history }
    }

    /// What was noted.
    pub fn into_history(self) -> History {
        self.history
    }

    /// Does one operation. The capacity is the only limit here: weights have the property test.
    pub fn apply(&mut self, operation: Operation) {
        self.history.operations += 1;
        let (map, now) = (self.map, self.now);
        match operation {
            Operation::Advance { by } => self.now += u64::from(by),
            Operation::EvictSurplus { most } => {
                self.timed(|departures| _ = map.evict_surplus(most.into(), now, departures));
            }
            Operation::Get { at } => self.find(at, |departures| {
                map.get_with(at.key(), now, departures, |entry| entry.value().number())
            }),
            Operation::Hold { at } => {
                let mut held = None;
                self.find(at, |departures| {
                    map.get(at.key(), now, departures).map_hit(|handle| {
                        let number = handle.number();
                        held = Some(handle);
                        number
                    })
                });
                self.held.extend(held);
                if self.held.len() > HELD {
                    self.held.pop_front();
                }
            }
            Operation::Insert(entry) | Operation::InsertHeld(entry) => {
                let held = matches!(operation, Operation::InsertHeld(_));
                self.insert(entry, held);
            }
            Operation::InsertAgain => {
                if let Some(held) = self.held.pop_front() {
                    let (at, number) = (Spot::of(&held), held.number());
                    let (still, when) = self.timed(|_| map.insert_again(&held));
                    let call = if still { Call::Still { number } } else { Call::Gone { number } };
                    self.see(at, when, call);
                }
            }
            Operation::Maintain => _ = self.timed(|_| map.maintain()),
            Operation::Release => drop(self.held.pop_front()),
            Operation::Remove { at } => {
                let (removed, when) = self.timed(|departures| map.remove(at.key(), departures));
                if !removed {
                    self.see(at, when, Call::Absent);
                }
            }
            Operation::RemoveSame => {
                if let Some(held) = self.held.pop_front() {
                    let remove =
                        |departures: &mut _| map.remove_same(&held, Cause::Removed, departures);
                    let (removed, when) = self.timed(remove);
                    if !removed {
                        self.see(Spot::of(&held), when, Call::Gone { number: held.number() });
                    }
                }
            }
            Operation::Resize { entries } => {
                let entries = entries.map(usize::from);
                let resize = |_: &mut _| map.set_capacity(entries.and_then(NonZeroUsize::new));
                let ((), when) = self.timed(resize);
                self.history.resized.push((when, entries));
            }
            Operation::Sweep { buckets, condemn } => {
                _ = self.timed(|departures| {
                    map.sweep(buckets.into(), now, verdict(condemn), departures)
                });
            }
            Operation::SweepAll => {
                _ = self.timed(|departures| {
                    let all = map.buckets();
                    map.sweep_shard(0, 0, all, now, |_| Verdict::Keep, departures)
                });
            }
            Operation::Take { at } => self.take(at, |departures| {
                map.take(at.key(), now, departures).map_hit(|handle| handle.number())
            }),
            Operation::TakeWith { at } => self.take(at, |departures| {
                map.take_with(at.key(), now, departures, |entry| entry.value().number())
            }),
            Operation::WeightLimit { .. } => _ = self.timed(|_| map.garbage()),
        }
    }

    /// Does `operation`, and notes what it reports as departed (replacements are the insert's own).
    fn timed<X>(
        &mut self,
        operation: impl FnOnce(&mut Departures<'m, Value>) -> X,
    ) -> (X, Interval) {
        let mut departures = Departures::keeping();
        let began = self.clock.tick();
        let result = operation(&mut departures);
        let when = Interval { began, ended: self.clock.tick() };
        self.note(&mut departures, when);
        (result, when)
    }

    fn note(&mut self, departures: &mut Departures<'m, Value>, when: Interval) {
        for (cause, handle) in departures.drain().filter(|(cause, _)| *cause != Cause::Replaced) {
            let number = handle.number();
            let call = Call::Departed { number, cause, now: self.now };
            self.see(Spot::of(&handle), when, call);
        }
    }

    fn see(&mut self, at: Spot, when: Interval, call: Call) {
        self.history.events.push(Event { thread: self.thread, when, at, call });
    }

    fn find(&mut self, at: Spot, operation: impl FnOnce(&mut Departures<'m, Value>) -> Found<u64>) {
        let now = self.now;
        match self.timed(operation) {
            (Found::Hit(number), when) => self.see(at, when, Call::Hit { number, now }),
            (Found::Absent, when) => self.see(at, when, Call::Absent),
            // Whoever finds an expired entry reports its departure.
            (Found::Expired, when) => self.must_have_seen_expire(at, when),
        }
    }

    fn take(&mut self, at: Spot, operation: impl FnOnce(&mut Departures<'m, Value>) -> Found<u64>) {
        let now = self.now;
        match self.timed(operation) {
            (Found::Hit(number), when) => self.see(at, when, Call::Taken { number, now }),
            (Found::Absent, when) => self.see(at, when, Call::Absent),
            (Found::Expired, when) => self.must_have_seen_expire(at, when),
        }
    }

    fn must_have_seen_expire(&self, at: Spot, when: Interval) {
        let reported = self.history.events.iter().any(|event| {
            let expired = matches!(event.call, Call::Departed { cause: Cause::Expired, .. });
            event.at == at && event.when == when && expired
        });
        assert!(reported, "{at:?} was found expired, and nothing departed");
    }

    fn insert(&mut self, entry: Entry, held: bool) {
        let (map, now) = (self.map, self.now);
        self.next += 1;
        let (number, expires) = (self.next, entry.expires(now));
        let new = entry.with(self.drops.value(number), now);
        let mut departures = Departures::keeping();
        let mut handle = None;
        let began = self.clock.tick();
        let result = if held {
            map.insert_held(entry.at.key(), new, now, &mut departures).map(|(inserted, made)| {
                handle = Some(made);
                inserted
            })
        } else {
            map.insert(entry.at.key(), new, now, &mut departures)
        };
        let when = Interval { began, ended: self.clock.tick() };
        let mut kept: Vec<_> = departures.drain().collect();
        let replaced = kept
            .iter()
            .position(|(cause, _)| *cause == Cause::Replaced)
            .map(|position| kept.swap_remove(position).1);
        for (cause, gone) in &kept {
            assert_ne!(*cause, Cause::Replaced, "one insert replaced two");
            let call = Call::Departed { number: gone.number(), cause: *cause, now };
            self.see(Spot::of(gone), when, call);
        }
        match result {
            Ok(inserted) => {
                let says = inserted == Inserted::Replaced;
                assert_eq!(says, replaced.is_some(), "replaced, and nothing departed");
                let replaced = replaced.map(|old| old.number());
                self.see(entry.at, when, Call::Inserted { number, expires, replaced, now });
            }
            Err(refused) => {
                assert!(replaced.is_none(), "refused, and something was replaced");
                assert_ne!(refused.why, RefusedWhy::TooHeavy);
                self.history.refused.push(when);
            }
        }
        self.held.extend(handle);
        if self.held.len() > HELD {
            self.held.pop_front();
        }
    }
}

fn verdict(condemn: Option<u8>) -> impl FnMut(resumption_map::EntryView<'_, Value>) -> Verdict {
    move |entry| match condemn {
        Some(scope) if entry.scope() == u64::from(scope) => Verdict::Remove,
        _ => Verdict::Keep,
    }
}
