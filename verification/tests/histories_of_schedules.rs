//! Threads that shuttle schedules, at random and by PCT: each history has an order that explains it.
//!
//! The map runs with the strict reclaimer: crossbeam-epoch cannot run in shuttle, whose tasks are one
//! thread to it. `RESUMPTION_MUTANT` makes a fault in the map, which must then be found.

#![cfg(resumption_shuttle)]
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use resumption_map::reclaim::Poison;
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner};
use verification::effort::{Amount, Replay, Report};
use verification::scenario::{CapacityIs, Scenario};

/// What threads do, and to what map: so many seeds with each scheduler.
const SCENARIOS: Amount = Amount { part: 200, full: 600, miri: 0 };

/// Schedules of each scenario.
const SCHEDULES: Amount = Amount { part: 50, full: 100, miri: 0 };

/// Operations of each thread.
const OPERATIONS: usize = 10;

/// The most threads.
const THREADS: usize = 8;

/// PCT finds faults that need so many ordered pre-emptions with a known probability.
const PCT_DEPTH: usize = 3;

/// A task's stack: shuttle's 32 KiB are too few for a debug build.
const STACK: usize = 512 << 10;

fn schedules<S: Scheduler + 'static>(name: &'static str, scheduler: impl Fn(u64, usize) -> S) {
    let report = Report::begin(name);
    let iterations = usize::try_from(SCHEDULES.get()).expect("small");
    let (schedules, operations) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let scenarios = SCENARIOS.seeds();
    for seed in scenarios.clone() {
        let _replay = Replay::of_seed(seed);
        let capacity = if seed % 2 == 0 { CapacityIs::Fixed } else { CapacityIs::Moving };
        let scenario = Scenario { seed, operations: OPERATIONS, threads: THREADS, capacity };
        let mut config = Config::new();
        config.stack_size = STACK;
        // That orderings are not modelled here is known.
        config.silence_warnings = true;
        let (counted, done) = (schedules.clone(), operations.clone());
        Runner::new(scheduler(seed, iterations), config).run(move || {
            match scenario.run::<Poison>() {
                Ok(seen) => {
                    counted.fetch_add(1, Ordering::Relaxed);
                    done.fetch_add(seen.operations, Ordering::Relaxed);
                }
                Err(why) => panic!("{why}"),
            }
        });
    }
    report.end(format_args!(
        "{} scenarios, {} schedules, {} operations",
        scenarios.count(),
        schedules.load(Ordering::Relaxed),
        operations.load(Ordering::Relaxed)
    ));
}

#[test]
fn random_schedules_have_an_order() {
    schedules("shuttle, random", RandomScheduler::new_from_seed);
}

#[test]
fn pct_schedules_have_an_order() {
    let pct = |seed, iterations| PctScheduler::new_from_seed(seed, PCT_DEPTH, iterations);
    schedules("shuttle, PCT", pct);
}
