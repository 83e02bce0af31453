//! Random operations on the cache against its oracle, with the structure checked after each.

#![cfg(not(resumption_shuttle))]
#![cfg(feature = "cache")]
#![forbid(unsafe_code)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use resumption_cache::CacheMode;
use resumption_session::Usage;
use verification::cache::{Bench, By, Entry, Operation, Place, SIZE, Shape};
use verification::effort::{Amount, Report};

const CASES: Amount = Amount { part: 400, full: 20_000, miri: 2 };

/// Operations of the longest case.
const OPERATIONS: usize = if cfg!(miri) { 24 } else { 250 };

#[test]
fn the_cache_does_what_the_oracle_says() {
    let report = Report::begin("cache beside its oracle");
    let cases = u32::try_from(CASES.get()).expect("not so many");
    // What was found stands below, by name.
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let shape = any::<[u8; 2]>().prop_map(Shape::from_bytes);
    let operation = any::<[u8; SIZE]>().prop_map(Operation::from_bytes);
    let runs = TestRunner::new(config).run(&(shape, vec(operation, 1..OPERATIONS)), |case| {
        Bench::run(case.0, case.1);
        Ok(())
    });
    if let Err(why) = runs {
        panic!("{why}");
    }
    report.end(format_args!("{cases} cases of up to {OPERATIONS} operations"));
}

const SHAPE: Shape = Shape { capacity: 4, shards: 1 };

const AT: Place = Place { context: 0, id: 1, version: None };

/// A session of 100 s that is `age` seconds old.
fn insert(age: i8, by: By) -> Operation {
    let (lifetime, usage) = (Some(100), Usage::Reusable);
    Operation::Insert(Entry { place: AT, lifetime, age, payload: 8, usage, by })
}

#[test]
fn a_clock_that_steps_back_resumes_nothing_from_its_future() {
    Bench::run(
        SHAPE,
        [
            insert(0, By::Hand),
            Operation::SetBack { secs: 5 },
            Operation::Get(AT),
            Operation::TakeWith(AT),
            Operation::Advance { secs: 5 },
            Operation::Get(AT),
        ],
    );
}

#[test]
fn an_invalidation_holds_although_the_clock_steps_back() {
    Bench::run(
        SHAPE,
        [
            Operation::Invalidate { context: 0 },
            Operation::SetBack { secs: 9 },
            Operation::Invalidate { context: 0 },
            insert(0, By::Hand),
            Operation::Advance { secs: 9 },
            insert(3, By::Hand),
            insert(0, By::Hand),
            Operation::Get(AT),
        ],
    );
}

#[test]
fn a_handshake_that_began_before_an_invalidation_stores_nothing() {
    Bench::run(
        SHAPE,
        [
            Operation::NoteGenerations,
            insert(0, By::ServerBegunBefore),
            Operation::Invalidate { context: 0 },
            insert(0, By::ServerBegunBefore),
            Operation::NoteGenerations,
            insert(0, By::ServerBegunBefore),
            Operation::Get(AT),
        ],
    );
}

#[test]
fn what_is_held_comes_back_only_while_it_is_the_cached_object() {
    let renewing = CacheMode::SERVER | CacheMode::UPDATE_TIME;
    Bench::run(
        SHAPE,
        [
            insert(0, By::Hand),
            Operation::Hold(AT),
            Operation::Hold(AT),
            Operation::Hold(AT),
            Operation::InsertHeldAgain,
            Operation::SetMode { mode: renewing },
            // Renewed: the object that is held is not the cached one any more.
            Operation::InsertHeldAgain,
            Operation::Take(AT),
            Operation::InsertHeldAgain,
            Operation::Get(AT),
        ],
    );
}

#[test]
fn a_bound_in_bytes_evicts_and_refuses_by_weight() {
    let heavy = |id| Entry {
        place: Place { id, ..AT },
        lifetime: Some(100),
        age: 0,
        payload: 120,
        usage: Usage::Reusable,
        by: By::Hand,
    };
    Bench::run(
        SHAPE,
        [
            Operation::SetCapacity { entries: Some(4), bytes: Some(560) },
            Operation::Insert(heavy(0)),
            Operation::Insert(heavy(1)),
            Operation::Insert(heavy(2)),
            Operation::SetCapacity { entries: None, bytes: Some(256) },
            Operation::Insert(heavy(3)),
            insert(0, By::Hand),
            Operation::SetCapacity { entries: None, bytes: None },
            Operation::Insert(heavy(3)),
        ],
    );
}
