//! Real threads, on the map that ships: each history has an order that explains it.

#![cfg(not(resumption_shuttle))]
#![forbid(unsafe_code)]

use resumption_map::reclaim::{Epoch, Reclaim};
use verification::effort::{Amount, Replay, Report};
use verification::scenario::{CapacityIs, Scenario, Seen};

/// Histories of each kind.
const HISTORIES: Amount = Amount { part: 400, full: 6_000, miri: 2 };

/// Operations of each thread.
const OPERATIONS: usize = if cfg!(miri) { 12 } else { 60 };

/// The most threads.
const THREADS: usize = if cfg!(miri) { 4 } else { 8 };

fn histories<R: Reclaim>(name: &'static str, capacity: CapacityIs) {
    let report = Report::begin(name);
    let (mut histories, mut all) = (0, Seen::default());
    for seed in HISTORIES.seeds() {
        let _replay = Replay::of_seed(seed);
        let scenario = Scenario { seed, operations: OPERATIONS, threads: THREADS, capacity };
        match scenario.run::<R>() {
            Ok(seen) => {
                histories += 1;
                all.operations += seen.operations;
                all.events += seen.events;
            }
            Err(why) => panic!("{why}"),
        }
    }
    let Seen { operations, events } = all;
    report.end(format_args!("{histories} histories, {operations} operations, {events} events"));
}

#[test]
fn histories_of_threads_have_an_order() {
    histories::<Epoch>("threads, fixed capacity", CapacityIs::Fixed);
}

#[test]
fn histories_of_threads_have_an_order_while_the_capacity_moves() {
    histories::<Epoch>("threads, moving capacity", CapacityIs::Moving);
}

/// Under miri also with the reclaimer that panics on every use after the earliest legal reclamation;
/// it has no integers for pointers, so that provenance is strict.
#[cfg(miri)]
#[test]
fn histories_of_threads_have_an_order_under_strict_reclamation() {
    histories::<resumption_map::reclaim::Poison>("threads, strict", CapacityIs::Moving);
}
