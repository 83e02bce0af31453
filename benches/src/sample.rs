//! One sample: one peer, one workload, one number of threads, for one slice of time.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use core_affinity::CoreId;

use crate::flags::Setup;
use crate::ids::{self, Id};
use crate::peers::Peer;
use crate::random::Random;
use crate::workload::{Tally, Worker, Workload};

/// Which sample to take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) workload: Workload,
    pub(crate) threads: usize,
    pub(crate) round: usize,
    pub(crate) setup: Setup,
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Operations a second, of all threads together.
    pub(crate) rate: f64,
    /// The share of operations that did not find, or did not store, what they should have.
    pub(crate) failed: f64,
}

/// A flag on cache lines of its own, so that polling it meets no one's writes.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Flag(AtomicBool);

/// Makes a fresh peer, fills it, measures it.
///
/// Everything but the middle of the work is outside the measured time: making and filling the
/// peer, starting the threads, the warm-up, and dropping it all.
pub(crate) fn take<P: Peer>(cell: &Cell) -> Sample {
    let setup = &cell.setup;
    // The same ids for every peer of a round; other ids in the next.
    let mut random = Random::new(setup.seed.wrapping_add(cell.round as u64));
    let ids = ids::population(setup.entries, &mut random);
    let payload = vec![0x5a; setup.payload];
    let peer = P::with_capacity(cell.workload.capacity(setup.entries));
    for id in &ids {
        peer.insert(id, &payload);
    }

    let cores = cores(cell.threads);
    let (warm, stop) = (Flag::default(), Flag::default());
    let ready = Barrier::new(cell.threads + 1);
    let measured = thread::scope(|scope| {
        let started: Vec<_> = (0..cell.threads)
            .map(|index| {
                let own = ids_of(cell, &ids, index);
                let random = Random::new(random.bits());
                let mut worker = Worker::new(&peer, cell.workload, own, payload.clone(), random);
                let core = cores.get(index).copied();
                let (warm, stop, ready) = (&warm.0, &stop.0, &ready);
                scope.spawn(move || {
                    if let Some(core) = core {
                        core_affinity::set_for_current(core);
                    }
                    ready.wait();
                    worker.run_until(warm);
                    let from = Instant::now();
                    let tally = worker.run_until(stop);
                    Span { tally, from, to: Instant::now() }
                })
            })
            .collect();
        ready.wait();
        pass(setup.warm_up());
        warm.0.store(true, Ordering::Relaxed);
        pass(setup.slice);
        stop.0.store(true, Ordering::Relaxed);
        started
            .into_iter()
            .map(|thread| thread.join().expect("no worker panics"))
            .collect::<Vec<_>>()
    });
    sum(&measured)
}

/// Lets time pass without using a core that a worker could have.
#[expect(clippy::disallowed_methods, reason = "a sample is a slice of time; nothing is awaited")]
fn pass(time: Duration) {
    thread::sleep(time);
}

/// What one thread did, and when.
#[derive(Clone, Copy, Debug)]
struct Span {
    tally: Tally,
    from: Instant,
    to: Instant,
}

/// All threads' work over the time from the first one's start to the last one's end.
///
/// Threads that outnumber the cores do not start and stop together; a sum of their own rates would
/// count the time in which they waited for a core only for some of them.
fn sum(spans: &[Span]) -> Sample {
    let from = spans.iter().map(|span| span.from).min();
    let to = spans.iter().map(|span| span.to).max();
    let time = from.zip(to).map_or(Duration::ZERO, |(from, to)| to - from);
    let operations: u64 = spans.iter().map(|span| span.tally.operations).sum();
    let failures: u64 = spans.iter().map(|span| span.tally.failures).sum();
    Sample {
        rate: count(operations) / time.as_secs_f64().max(f64::MIN_POSITIVE),
        failed: count(failures) / count(operations).max(1.0),
    }
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^53 operations in a slice")]
fn count(number: u64) -> f64 {
    number as f64
}

/// Readers choose among all ids; takers each have their own, or they would take each other's.
fn ids_of(cell: &Cell, ids: &[Id], index: usize) -> Vec<Id> {
    match cell.workload {
        Workload::Get => ids.to_vec(),
        Workload::InsertFull => Vec::new(),
        Workload::TakePut => ids::share(ids, index, cell.threads).to_vec(),
    }
}

/// A core for each thread, or none at all when there are not enough.
fn cores(threads: usize) -> Vec<CoreId> {
    core_affinity::get_core_ids().filter(|cores| cores.len() >= threads).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_reaches_from_the_first_start_to_the_last_end() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let tally = |operations, failures| Tally { operations, failures };
        let sample = sum(&[
            Span { tally: tally(600, 0), from: at(0), to: at(80) },
            Span { tally: tally(400, 100), from: at(20), to: at(100) },
        ]);
        assert!((sample.rate - 10_000.0).abs() < 1e-6, "{sample:?}");
        assert!((sample.failed - 0.1).abs() < 1e-12, "{sample:?}");
    }
}
