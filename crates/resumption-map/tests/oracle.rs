//! Random operations against a plain `HashMap`, step by step.
//!
//! Properties: a key is found iff the oracle has it unexpired · a taken or removed entry never
//! reappears · the books balance: every entry departs once, with the oracle's cause, or is still there ·
//! the count is exact and within the capacity · with room for all, nothing is evicted.

mod common;

use std::collections::HashMap;
use std::num::NonZeroUsize;

use common::scoped;
use proptest::prelude::*;
use resumption_map::{
    Cause, Departures, Found, Handle, Inserted, Map, MapConfig, NewEntry, Verdict,
};

const IDS: u64 = 12;

#[derive(Clone, Debug)]
enum Operation {
    Advance(u64),
    Get(u64, u64),
    Insert { scope: u64, id: u64, lifetime: u64, credit: u8 },
    Remove(u64, u64),
    Resize(Option<usize>),
    Sweep { buckets: usize, condemn_scope: u64 },
    Take(u64, u64),
}

fn operation() -> impl Strategy<Value = Operation> {
    let (scope, id) = (0..2_u64, 0..IDS);
    prop_oneof![
        1 => (0..20_u64).prop_map(Operation::Advance),
        4 => (scope.clone(), id.clone()).prop_map(|(scope, id)| Operation::Get(scope, id)),
        6 => (scope.clone(), id.clone(), 0..60_u64, 0..4_u8).prop_map(
            |(scope, id, lifetime, credit)| Operation::Insert { scope, id, lifetime, credit }
        ),
        2 => (scope.clone(), id.clone()).prop_map(|(scope, id)| Operation::Remove(scope, id)),
        1 => proptest::option::of(1..20_usize).prop_map(Operation::Resize),
        1 => (1..9_usize, scope.clone())
            .prop_map(|(buckets, condemn_scope)| Operation::Sweep { buckets, condemn_scope }),
        3 => (scope, id).prop_map(|(scope, id)| Operation::Take(scope, id)),
    ]
}

/// What the oracle knows of an entry: the number it was inserted with, and its last instant.
type Known = HashMap<(u64, u64), (u64, u64)>;

struct Check {
    map: Map<u64>,
    known: Known,
    now: u64,
    next: u64,
}

fn id_of(handle: &Handle<'_, u64>) -> (u64, u64) {
    let id = handle.id().try_into().expect("ids here have 8 bytes");
    (handle.scope(), u64::from_be_bytes(id))
}

impl Check {
    /// Takes the departures out of the oracle, each of which must have known it under that cause.
    fn settle(known: &mut Known, now: u64, departures: &mut Departures<'_, u64>) -> usize {
        let mut evicted = 0;
        for (cause, handle) in departures.drain() {
            let (number, expires) = known.remove(&id_of(&handle)).expect("departed twice");
            assert_eq!(number, *handle, "another entry departed");
            assert_eq!(cause == Cause::Expired, expires < now, "{cause:?} at {now}, {expires}");
            evicted += usize::from(cause == Cause::Evicted);
        }
        evicted
    }

    fn apply(&mut self, operation: &Operation) {
        let Self { map, known, now, next } = self;
        let now = &mut *now;
        let mut departures = Departures::keeping();
        match *operation {
            Operation::Advance(by) => *now += by,
            Operation::Get(scope, id) => {
                let found = map.get_with(scoped(scope, id), *now, &mut departures, |e| *e.value());
                let expected = match known.get(&(scope, id)) {
                    Some((_, expires)) if expires < now => Found::Expired,
                    Some((number, _)) => Found::Hit(*number),
                    None => Found::Absent,
                };
                assert_eq!(found, expected);
            }
            Operation::Insert { scope, id, lifetime, credit } => {
                *next += 1;
                let expires = *now + lifetime;
                let entry = NewEntry { value: *next, expires, weight: 16, credit, bytes: &[] };
                let old = known.get(&(scope, id)).copied();
                let room = map.capacity().is_none_or(|capacity| map.len() < capacity.get());
                let inserted =
                    map.insert(scoped(scope, id), entry, *now, &mut departures).expect("room");
                let replaced = old.is_some_and(|(_, expires)| expires >= *now);
                assert!(replaced || inserted == Inserted::New);
                let evicted = Self::settle(known, *now, &mut departures);
                assert!(!room || evicted == 0, "evicted although there was room");
                let before = known.insert((scope, id), (*next, expires));
                assert!(before.is_none(), "the old entry was not reported");
            }
            Operation::Remove(scope, id) => {
                // Removing asks no clock: what is there is removed.
                let there = known.remove(&(scope, id));
                assert_eq!(map.remove(scoped(scope, id), &mut departures), there.is_some());
                assert_eq!(departures.drain().count(), usize::from(there.is_some()));
            }
            Operation::Resize(capacity) => {
                map.set_capacity(capacity.and_then(NonZeroUsize::new));
                while !map.evict_surplus(3, *now, &mut departures) {}
            }
            Operation::Sweep { buckets, condemn_scope } => {
                let verdict = |e: resumption_map::EntryView<'_, u64>| {
                    if e.scope() == condemn_scope { Verdict::Remove } else { Verdict::Keep }
                };
                map.sweep(buckets, *now, verdict, &mut departures);
            }
            Operation::Take(scope, id) => {
                let found = map.take(scoped(scope, id), *now, &mut departures);
                match known.get(&(scope, id)) {
                    Some((_, expires)) if expires < now => {
                        assert!(matches!(found, Found::Expired));
                    }
                    Some((number, _)) => {
                        assert_eq!(found.hit().map(|handle| *handle), Some(*number));
                        known.remove(&(scope, id));
                    }
                    None => assert!(matches!(found, Found::Absent)),
                }
            }
        }
        Self::settle(known, *now, &mut departures);
        drop(departures);
        self.validate();
    }

    fn validate(&self) {
        let mut live: Vec<_> = self.map.snapshot().map(|h| (id_of(&h), *h, h.expires())).collect();
        let mut known: Vec<_> =
            self.known.iter().map(|(key, (number, expires))| (*key, *number, *expires)).collect();
        live.sort_unstable();
        known.sort_unstable();
        assert_eq!(live, known);
        assert_eq!(self.map.len(), known.len());
        assert_eq!(self.map.weight(), 16 * known.len() as u64);
        assert!(self.map.capacity().is_none_or(|capacity| known.len() <= capacity.get()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 256 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_map_does_what_the_oracle_says(
        operations in proptest::collection::vec(operation(), 1..200),
        buckets in 1..20_usize,
    ) {
        let capacity = NonZeroUsize::new(8).expect("8");
        let config = MapConfig::bounded(capacity).shards(1).buckets(buckets).seed(3).retire_batch(2);
        let map = Map::new(config).expect("a possible shape");
        let mut check = Check { map, known: HashMap::new(), now: 1_000, next: 0 };
        for operation in &operations {
            check.apply(operation);
        }
        prop_assert_eq!(check.map.maintain(), 0);
    }
}
