//! The map against a plain table, step by step.
//!
//! Properties: a key is found iff the oracle has it unexpired · a taken or removed entry never
//! reappears · the books balance: every entry departs once, with the oracle's cause, or is still there ·
//! the count is exact, within the capacity, and never grows above one that has shrunk · nobody is
//! evicted while there is room · the structure is whole after every step.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;

use resumption_map::reclaim::Reclaim;
use resumption_map::{
    Cause, Departures, EntryView, Found, Handle, Inserted, Map, MapConfig, RefusedWhy, Verdict,
};

use super::{Drops, Entry, FOREVER, Operation, SCOPES, Spot, Value};

/// Handles held at once.
const HELD: usize = 4;

/// The size and shape of the map under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Entries at first; at least 1.
    pub capacity: usize,
    /// A power of two.
    pub shards: usize,
    /// In each shard; at least 1.
    pub buckets: usize,
    /// Departed entries that go to reclamation together.
    pub retire_batch: u32,
    /// How many departed entries may wait.
    pub garbage_limit: usize,
}

impl Shape {
    /// The shape that these bytes say; all bytes say one.
    pub fn from_bytes([capacity, shards, buckets, batch]: [u8; 4]) -> Self {
        Self {
            capacity: 1 + usize::from(capacity % 12),
            shards: 1 << (shards % 3),
            buckets: 1 + usize::from(buckets % 12),
            retire_batch: 1 + u32::from(batch % 4),
            garbage_limit: 16 + usize::from(batch / 4),
        }
    }

    /// A map of this shape, the same in every run.
    ///
    /// # Panics
    /// When the shape is impossible.
    pub fn map<R: Reclaim>(&self) -> Map<Value, R> {
        let capacity = NonZeroUsize::new(self.capacity).expect("at least 1");
        let config = MapConfig::bounded(capacity)
            .shards(self.shards)
            .buckets(self.buckets)
            .retire_batch(self.retire_batch)
            .garbage_limit(self.garbage_limit)
            .seed(3);
        Map::new(config).expect("a possible shape")
    }
}

/// What the oracle knows of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    number: u64,
    expires: u64,
    weight: u64,
}

/// A map and its oracle.
pub struct Check<'m, R: Reclaim> {
    map: &'m Map<Value, R>,
    shape: Shape,
    known: BTreeMap<Spot, Known>,
    held: VecDeque<Handle<'m, Value>>,
    drops: Drops,
    now: u64,
    next: u64,
}

impl<'m, R: Reclaim> Check<'m, R> {
    /// An oracle for this empty map.
    pub fn new(map: &'m Map<Value, R>, shape: Shape) -> Self {
        let (known, held, drops) = (BTreeMap::new(), VecDeque::new(), Drops::default());
        Self { map, shape, known, held, drops, now: 1_000, next: 0 }
    }

    /// Makes a map of `shape` and does all of `operations` with it.
    ///
    /// # Panics
    /// When the map does otherwise than the oracle says.
    pub fn run(shape: Shape, operations: impl IntoIterator<Item = Operation>) {
        let map: Map<Value, R> = shape.map();
        let mut check = Check::new(&map, shape);
        for operation in operations {
            check.apply(operation);
        }
        let drops = check.end();
        drop(map);
        assert_eq!(drops.alive(), 0, "values that outlived their map");
    }

    /// Does one step, and compares.
    ///
    /// # Panics
    /// When the map does otherwise than the oracle says.
    pub fn apply(&mut self, operation: Operation) {
        let (map, now) = (self.map, self.now);
        let mut departures = Departures::keeping();
        match operation {
            Operation::Advance { by } => self.now += u64::from(by),
            Operation::EvictSurplus { most } => {
                let surplus = 0.max(-self.room()).unsigned_abs();
                let within = map.evict_surplus(most.into(), now, &mut departures);
                // An expired entry makes room as well as any.
                let left = departures.count(Cause::Evicted) + departures.count(Cause::Expired);
                assert_eq!(left, surplus.min(most.into()) as u64, "of {surplus} too many");
                self.settle(&mut departures);
                assert!(!within || self.room() >= 0, "says it is within its capacity");
            }
            Operation::Get { at } => {
                let found = map.get_with(at.key(), now, &mut departures, |e| e.value().number());
                self.expect(at, found);
            }
            Operation::Hold { at } => {
                let found = map.get(at.key(), now, &mut departures);
                let found = found.map_hit(|handle| self.hold(handle));
                self.expect(at, found);
            }
            Operation::Insert(entry) => {
                let new = self.value();
                let inserted =
                    map.insert(entry.at.key(), entry.with(new, now), now, &mut departures);
                self.inserted(entry, inserted.map_err(|refused| refused.why), &mut departures);
            }
            Operation::InsertAgain => {
                if let Some(held) = self.held.front() {
                    assert_eq!(map.insert_again(held), self.is_known(held));
                }
            }
            Operation::InsertHeld(entry) => {
                let new = self.value();
                let key = entry.at.key();
                let inserted = map.insert_held(key, entry.with(new, now), now, &mut departures);
                let inserted = inserted.map_err(|refused| refused.why).map(|(inserted, handle)| {
                    self.hold(handle);
                    inserted
                });
                self.inserted(entry, inserted, &mut departures);
            }
            Operation::Maintain => assert_eq!(map.maintain(), 0, "one thread stalls nobody"),
            Operation::Release => drop(self.held.pop_front()),
            Operation::Remove { at } => {
                // Removing asks no clock: what is there is removed.
                let there = self.known.contains_key(&at);
                assert_eq!(map.remove(at.key(), &mut departures), there);
                assert_eq!(departures.count(Cause::Removed), u64::from(there));
            }
            Operation::RemoveSame => {
                if let Some(held) = self.held.pop_front() {
                    let there = self.is_known(&held);
                    assert_eq!(map.remove_same(&held, Cause::Removed, &mut departures), there);
                    assert_eq!(departures.count(Cause::Removed), u64::from(there));
                }
            }
            Operation::Resize { entries } => {
                map.set_capacity(entries.and_then(|entries| NonZeroUsize::new(entries.into())));
                assert_eq!(map.capacity().map(NonZeroUsize::get), entries.map(usize::from));
            }
            Operation::Sweep { buckets, condemn } => {
                let swept = map.sweep(buckets.into(), now, verdict(condemn), &mut departures);
                assert!(swept.visited <= buckets.into() && swept.visited > 0);
                self.settle(&mut departures);
                assert!(swept.visited < map.buckets() || !self.holds_expired());
            }
            Operation::SweepAll => {
                for shard in 0..map.shards() {
                    let mut next = Some(0);
                    while let Some(from) = next {
                        next = map.sweep_shard(shard, from, 3, now, verdict(None), &mut departures);
                    }
                }
                self.settle(&mut departures);
                assert!(!self.holds_expired(), "a whole sweep left something expired");
            }
            Operation::Take { at } => {
                let found = map.take(at.key(), now, &mut departures);
                self.expect_taken(at, found.map_hit(|handle| handle.number()));
            }
            Operation::TakeWith { at } => {
                let found = map.take_with(at.key(), now, &mut departures, |e| e.value().number());
                self.expect_taken(at, found);
            }
            Operation::WeightLimit { bytes } => {
                let bytes = bytes.map(u64::from);
                map.set_weight_limit(bytes);
                assert_eq!(map.weight_limit(), bytes);
            }
        }
        self.settle(&mut departures);
        drop(departures);
        self.compare();
    }

    /// Lets all handles go: then a value lives iff its entry does.
    fn end(self) -> Drops {
        let Self { map, known, held, drops, .. } = self;
        drop(held);
        assert_eq!(map.maintain(), 0, "garbage at rest");
        assert_eq!(drops.alive(), known.len(), "values alive at rest");
        drops
    }

    fn value(&mut self) -> Value {
        self.next += 1;
        self.drops.value(self.next)
    }

    fn hold(&mut self, handle: Handle<'m, Value>) -> u64 {
        let number = handle.number();
        self.held.push_back(handle);
        if self.held.len() > HELD {
            self.held.pop_front();
        }
        number
    }

    fn is_known(&self, held: &Handle<'_, Value>) -> bool {
        self.known.get(&Spot::of(held)).is_some_and(|known| known.number == held.number())
    }

    fn holds_expired(&self) -> bool {
        self.known.values().any(|known| known.expires < self.now)
    }

    /// Places that are free; less than none after a shrink.
    fn room(&self) -> isize {
        let capacity = self.map.capacity().map_or(isize::MAX, |n| n.get().cast_signed());
        capacity.saturating_sub_unsigned(self.known.len())
    }

    fn expect(&self, at: Spot, found: Found<u64>) {
        let expected = match self.known.get(&at) {
            Some(known) if known.expires < self.now => Found::Expired,
            Some(known) => Found::Hit(known.number),
            None => Found::Absent,
        };
        assert_eq!(found, expected, "{at:?}");
    }

    fn expect_taken(&mut self, at: Spot, found: Found<u64>) {
        self.expect(at, found);
        if let Found::Hit(_) = found {
            self.known.remove(&at);
        }
    }

    /// Takes the departures out of the oracle, each of which must have known it under that cause;
    /// says how many were evicted.
    fn settle(&mut self, departures: &mut Departures<'m, Value>) -> usize {
        let (now, mut evicted) = (self.now, 0);
        for (cause, handle) in departures.drain() {
            let known = self.known.remove(&Spot::of(&handle)).expect("departed twice");
            assert_eq!(known.number, handle.number(), "another entry departed");
            assert!(!handle.is_live(), "departed and alive");
            let expired = known.expires < now;
            // Only removing asks no clock.
            assert!(cause == Cause::Removed || (cause == Cause::Expired) == expired, "{cause:?}");
            evicted += usize::from(cause == Cause::Evicted);
        }
        evicted
    }

    fn inserted(
        &mut self,
        entry: Entry,
        inserted: Result<Inserted, RefusedWhy>,
        departures: &mut Departures<'m, Value>,
    ) {
        let weight = u64::from(entry.weight).next_multiple_of(16);
        let shards = self.shape.shards as u64;
        let limit = self.map.weight_limit().map(|limit| limit / 16 / shards * 16);
        let (held_before, room) = (self.known.len(), self.room());
        let heavy: u64 = self.known.values().map(|known| known.weight).sum::<u64>() + weight;
        let replaceable = self.known.get(&entry.at).is_some_and(|known| known.expires >= self.now);
        let replaced = departures.count(Cause::Replaced) == 1;
        let evicted = self.settle(departures);

        if limit.is_some_and(|limit| weight > limit) {
            assert_eq!(inserted, Err(RefusedWhy::TooHeavy));
            return;
        }
        // Unless it made room for its own weight by evicting the very entry.
        assert!(replaced == replaceable || (evicted > 0 && limit.is_some_and(|l| heavy > l)));
        let expected = if replaced { Inserted::Replaced } else { Inserted::New };
        assert_eq!(inserted, Ok(expected), "one thread is never in its own way");
        // A shard may keep a taken entry's place for itself, and has a part of the weight.
        let room_for_sure = room >= self.shape.shards.cast_signed();
        let light = limit.is_none_or(|limit| heavy <= limit);
        assert!(!(room_for_sure && light) || evicted == 0, "evicted although there was room");
        let new = Known { number: self.next, expires: entry.expires(self.now), weight };
        assert!(self.known.insert(entry.at, new).is_none(), "the old entry was not reported");
        // A shrunk capacity is reached by and by; meanwhile nothing grows.
        assert!(self.room() >= 0 || self.known.len() <= held_before, "grew above its capacity");
    }

    fn compare(&self) {
        if let Err(fault) = self.map.validate() {
            panic!("the structure is broken: {fault}");
        }
        let mut live: Vec<_> = self
            .map
            .snapshot()
            .map(|handle| (Spot::of(&handle), handle.number(), handle.expires()))
            .collect();
        live.sort_unstable();
        let known: Vec<_> =
            self.known.iter().map(|(at, known)| (*at, known.number, known.expires)).collect();
        assert_eq!(live, known);
        assert_eq!(self.map.len(), known.len());
        let weight: u64 = self.known.values().map(|known| known.weight).sum();
        assert_eq!(self.map.weight(), weight);
        for held in &self.held {
            assert_eq!(held.is_live(), self.is_known(held));
            assert!(held.expires() == FOREVER || held.expires() >= 1_000, "still readable");
        }
    }
}

fn verdict(condemn: Option<u8>) -> impl Fn(EntryView<'_, Value>) -> Verdict + Clone {
    move |entry| match condemn {
        Some(scope) if entry.scope() == u64::from(scope % SCOPES) => Verdict::Remove,
        _ => Verdict::Keep,
    }
}
