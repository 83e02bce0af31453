//! Random operations on the map against its oracle, with the structure checked after each.

#![cfg(not(resumption_shuttle))]
#![forbid(unsafe_code)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use resumption_map::reclaim::{Epoch, Reclaim};
use verification::effort::{Amount, Report};
use verification::map::{Check, Entry, Operation, SIZE, Shape, Spot};

const CASES: Amount = Amount { part: 400, full: 20_000, miri: 2 };

/// Operations of the longest case.
const OPERATIONS: usize = if cfg!(miri) { 24 } else { 250 };

/// Ids in each scope: more than fit, so that there is replacing and evicting.
const IDS: u8 = 12;

fn cases<R: Reclaim>(name: &'static str) {
    let report = Report::begin(name);
    let cases = u32::try_from(CASES.get()).expect("not so many");
    // What was found stands below, by name.
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let shape = any::<[u8; 4]>().prop_map(Shape::from_bytes);
    let operation = any::<[u8; SIZE]>().prop_map(|bytes| Operation::from_bytes(bytes, IDS));
    let runs = TestRunner::new(config).run(&(shape, vec(operation, 1..OPERATIONS)), |case| {
        Check::<R>::run(case.0, case.1);
        Ok(())
    });
    if let Err(why) = runs {
        panic!("{why}");
    }
    report.end(format_args!("{cases} cases of up to {OPERATIONS} operations"));
}

#[test]
fn the_map_does_what_the_oracle_says() {
    cases::<Epoch>("map beside its oracle");
}

/// With the reclaimer that panics on every use after the earliest legal reclamation.
#[cfg(miri)]
#[test]
fn the_map_does_what_the_oracle_says_under_strict_reclamation() {
    cases::<resumption_map::reclaim::Poison>("map beside its oracle, strict");
}

/// One shard, one bucket: all entries meet.
const LIST: Shape =
    Shape { capacity: 3, shards: 1, buckets: 1, retire_batch: 1, garbage_limit: 64 };

const fn spot(id: u8) -> Spot {
    Spot { scope: 0, id }
}

fn insert(id: u8, lifetime: u8) -> Operation {
    Operation::Insert(Entry { at: spot(id), lifetime: Some(lifetime), weight: 16, credit: 1 })
}

#[test]
fn a_held_object_that_was_replaced_is_another_one() {
    Check::<Epoch>::run(
        LIST,
        [
            insert(0, 9),
            Operation::Hold { at: spot(0) },
            insert(0, 9),
            Operation::InsertAgain,
            Operation::RemoveSame,
            Operation::Get { at: spot(0) },
        ],
    );
}

#[test]
fn a_shrink_below_what_is_held_ends_in_the_capacity() {
    let fill = (0..3).map(|id| insert(id, 9));
    let shrunk = [
        Operation::Resize { entries: Some(1) },
        insert(4, 9),
        insert(5, 9),
        Operation::EvictSurplus { most: 7 },
        Operation::Resize { entries: Some(3) },
        insert(6, 9),
        insert(7, 9),
    ];
    Check::<Epoch>::run(LIST, fill.chain(shrunk));
}

#[test]
fn a_heavy_entry_makes_room_by_weight_and_not_by_count() {
    let heavy = Entry { at: spot(2), lifetime: None, weight: 255, credit: 3 };
    Check::<Epoch>::run(
        LIST,
        [
            Operation::WeightLimit { bytes: Some(256) },
            insert(0, 9),
            insert(1, 9),
            Operation::Insert(heavy),
            // The very entry is evicted to make room for its successor.
            Operation::Insert(heavy),
            Operation::WeightLimit { bytes: None },
            insert(0, 9),
        ],
    );
}

#[test]
fn an_entry_that_expired_is_met_once_by_whoever_comes_first() {
    for first in [
        Operation::Get { at: spot(0) },
        Operation::Take { at: spot(0) },
        Operation::Sweep { buckets: 1, condemn: None },
        Operation::SweepAll,
        insert(0, 9),
    ] {
        let then = [first, Operation::Get { at: spot(0) }, Operation::Remove { at: spot(0) }];
        let start = [insert(0, 3), Operation::Advance { by: 4 }];
        Check::<Epoch>::run(LIST, start.into_iter().chain(then));
    }
}

/// Found by the histories: a shard that came first evicted for places that lay idle in another.
#[test]
fn idle_places_of_all_shards_pay_before_anybody_is_evicted() {
    let shape = Shape { capacity: 8, shards: 2, buckets: 2, retire_batch: 1, garbage_limit: 64 };
    // Without a limit, a shard draws many places in advance.
    let unlimited = [Operation::Resize { entries: None }];
    let fill = (0..6).map(|id| insert(id, 9));
    let shrunk = [Operation::Resize { entries: Some(6) }, Operation::EvictSurplus { most: 7 }];
    Check::<Epoch>::run(shape, unlimited.into_iter().chain(fill).chain(shrunk));
}
