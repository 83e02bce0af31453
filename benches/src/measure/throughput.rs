//! Operations a second: one filled peer, one workload, some threads, for one slice of time.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::{cores, count, nanoseconds, pass, stolen};
use crate::ids::{self, Id};
use crate::peers::{Life, Peer};
use crate::random::Random;
use crate::workloads::{Room, Tally, Work, Worker, Workload};

/// What a peer is filled with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filling {
    pub(crate) entries: usize,
    pub(crate) payload: usize,
    pub(crate) room: Room,
    pub(crate) seed: u64,
}

/// One sample.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) workload: Workload,
    pub(crate) threads: usize,
    pub(crate) slice: Duration,
    pub(crate) seed: u64,
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Operations a second, of all threads together.
    pub(crate) rate: f64,
    /// The share of operations that did not find, or did not store, what they should have.
    pub(crate) failed: f64,
    /// The share of the threads' time in which others had their cores. Where each thread has a core
    /// of its own, it is not counted as time; where they are crowded, most of it is theirs.
    pub(crate) stolen: f64,
}

/// A filled peer, its type erased.
pub(crate) trait Held {
    /// Measures how much it does.
    fn sample(&mut self, cell: &Cell) -> Sample;

    /// Measures how long its lookups take while it does 90/10.
    fn lookup_times(&mut self, cell: &Cell) -> Histogram<u64>;
}

/// Makes and fills a peer.
pub(crate) type Hold = fn(&Filling) -> Box<dyn Held>;

struct Filled<P> {
    peer: P,
    ids: Vec<Id>,
    payload: Vec<u8>,
}

/// Makes and fills a `P`. The same ids for every peer of a round; other ids in the next.
pub(crate) fn hold<P: Peer>(filling: &Filling) -> Box<dyn Held> {
    let mut ids = ids::population(filling.entries, &mut Random::new(filling.seed));
    let payload = vec![0x5a; filling.payload];
    let peer = P::filled(filling.room.capacity(filling.entries), &ids, &payload, |_| Life::Long);
    if filling.room == Room::Full {
        // What was stored last. A sharded peer lets some go before it is quite full.
        ids.drain(..ids.len() / 10);
    }
    Box::new(Filled { peer, ids, payload })
}

/// A flag on cache lines of its own, so that polling it meets no one's writes.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Flag(AtomicBool);

impl<P: Peer> Filled<P> {
    /// Has workers warm up for a fifth of the slice and then do `middle` for the rest of it. Only
    /// the middle is measured.
    fn with_workers<R: Send>(
        &mut self,
        cell: &Cell,
        middle: impl Fn(&mut Worker<'_, P>, &AtomicBool) -> R + Sync,
    ) -> Vec<R> {
        let Self { peer, ids, payload } = self;
        let (peer, payload) = (&*peer, &payload[..]);
        let (warm, stop) = (Flag::default(), Flag::default());
        let ready = Barrier::new(cell.threads + 1);
        let mut random = Random::new(cell.seed);
        let each = ids.len().div_ceil(cell.threads).max(1);
        let all: Vec<Work<'_>> = if cell.workload.reads() {
            (0..cell.threads).map(|_| Work::Shared(ids)).collect()
        } else {
            ids.chunks_mut(each).map(Work::Own).collect()
        };
        assert_eq!(all.len(), cell.threads, "fewer sessions than threads");
        thread::scope(|scope| {
            let parts = all.into_iter().zip(cores::for_threads(cell.threads));
            let started: Vec<_> = parts
                .map(|(work, core)| {
                    let random = Random::new(random.bits());
                    let (warm, stop, ready, middle) = (&warm.0, &stop.0, &ready, &middle);
                    scope.spawn(move || {
                        cores::stay_on(core);
                        let mut worker = Worker::new(peer, cell.workload, work, payload, random);
                        ready.wait();
                        worker.warm_up_until(warm);
                        let result = middle(&mut worker, stop);
                        worker.finish();
                        result
                    })
                })
                .collect();
            ready.wait();
            pass(cell.slice / 5);
            warm.0.store(true, Ordering::Relaxed);
            pass(cell.slice);
            stop.0.store(true, Ordering::Relaxed);
            started.into_iter().map(|thread| thread.join().expect("no worker panics")).collect()
        })
    }
}

impl<P: Peer> Held for Filled<P> {
    fn sample(&mut self, cell: &Cell) -> Sample {
        let crowded = cores::for_threads(cell.threads).contains(&None);
        let mut cell = *cell;
        let mut best: Option<(f64, Sample)> = None;
        for _attempt in 0..ATTEMPTS {
            let spans = self.with_workers(&cell, |worker, stop| {
                let (from, before) = (Instant::now(), stolen::so_far());
                let tally = worker.run_until(stop);
                let stolen = stolen::so_far().saturating_sub(before);
                Span { tally, from, to: Instant::now(), stolen }
            });
            let sample = if crowded { sum(&spans) } else { sum_of_rates(&spans) };
            let ran = ran(&spans, crowded).as_secs_f64() / cell.slice.as_secs_f64();
            if best.is_none_or(|(most, _)| ran > most) {
                best = Some((ran, sample));
            }
            if ran >= ENOUGH {
                break;
            }
            cell.slice *= 2;
        }
        best.expect("at least one attempt is made").1
    }

    fn lookup_times(&mut self, cell: &Cell) -> Histogram<u64> {
        let each = self.with_workers(cell, |worker, stop| {
            let mut times = nanoseconds();
            worker.time_lookups_until(stop, &mut times);
            times
        });
        each.into_iter().fold(nanoseconds(), |mut all, times| {
            all += times;
            all
        })
    }
}

/// A sample in which a thread had its core for less of the slice than this is taken again, with a
/// slice of twice the length.
const ENOUGH: f64 = 0.9;
/// The one of so many is kept in which the unluckiest thread had the largest part of the slice.
const ATTEMPTS: usize = 3;

/// How long the unluckiest of the threads ran, or a crowd together.
fn ran(spans: &[Span], crowded: bool) -> Duration {
    if crowded {
        let from = spans.iter().map(|span| span.from).min();
        let to = spans.iter().map(|span| span.to).max();
        return from.zip(to).map_or(Duration::ZERO, |(from, to)| to - from);
    }
    let own = |span: &Span| span.length().saturating_sub(span.stolen);
    spans.iter().map(own).min().unwrap_or_default()
}

/// What one thread did, and when.
#[derive(Clone, Copy, Debug)]
struct Span {
    tally: Tally,
    from: Instant,
    to: Instant,
    stolen: Duration,
}

impl Span {
    fn length(&self) -> Duration {
        self.to - self.from
    }
}

/// The sum of the threads' own rates, over the time in which each had its core.
fn sum_of_rates(spans: &[Span]) -> Sample {
    let rate = |span: &Span| {
        let own = span.length().saturating_sub(span.stolen);
        count(span.tally.operations) / own.as_secs_f64().max(1e-9)
    };
    Sample { rate: spans.iter().map(rate).sum(), ..sum(spans) }
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
        stolen: spans.iter().map(|span| span.stolen).sum::<Duration>().as_secs_f64()
            / spans.iter().map(Span::length).sum::<Duration>().as_secs_f64().max(1e-9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_reaches_from_the_first_start_to_the_last_end() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let tally = |operations, failures| Tally { operations, failures };
        let stolen = Duration::from_millis(40);
        let spans = [
            Span { tally: tally(600, 0), from: at(0), to: at(80), stolen },
            Span { tally: tally(400, 100), from: at(20), to: at(100), stolen: Duration::ZERO },
        ];
        let sample = sum(&spans);
        assert!((sample.rate - 10_000.0).abs() < 1e-6, "{sample:?}");
        assert!((sample.failed - 0.1).abs() < 1e-12, "{sample:?}");
        assert!((sample.stolen - 0.25).abs() < 1e-12, "{sample:?}");
        assert_eq!(ran(&spans, false), Duration::from_millis(40), "of the first");
        assert_eq!(ran(&spans, true), Duration::from_millis(100));
        // 600 in the 40 ms that the first had its core, 400 in 80 ms.
        let sample = sum_of_rates(&spans);
        assert!((sample.rate - 20_000.0).abs() < 1e-6, "{sample:?}");
    }

    #[test]
    fn every_workload_does_what_it_is_for() {
        for peer in crate::peers::all() {
            for room in [Room::Spare, Room::Full] {
                let filling = Filling { entries: 2000, payload: 50, room, seed: 1 };
                let mut held = (peer.hold)(&filling);
                for workload in Workload::ALL {
                    if workload.room() != room || !workload.possible(peer.able, 2000) {
                        continue;
                    }
                    let slice = Duration::from_millis(2);
                    let sample = held.sample(&Cell { workload, threads: 2, slice, seed: 3 });
                    assert!(sample.rate > 0.0, "{} {}", peer.name, workload.name());
                    // A cache with a bound may let a session go, or refuse one, at any time: some evict
                    // within a part that is full, ours waits for an interrupted thread's memory.
                    let lost = if peer.able.evict { 0.5 } else { 1e-9 };
                    if room == Room::Spare {
                        assert!(sample.failed < lost, "{} {}", peer.name, workload.name());
                    }
                }
            }
        }
    }
}
