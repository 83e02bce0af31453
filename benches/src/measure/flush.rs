//! How long lookups take while all sessions are flushed, half of which have expired.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::{cores, nanoseconds, pass, stolen};
use crate::ids::{self, Id};
use crate::peers::{Life, Peer};
use crate::random::Random;

/// The reader reads this long before the flush begins and after it has ended.
const AROUND: Duration = Duration::from_millis(20);

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) entries: usize,
    pub(crate) payload: usize,
    pub(crate) seed: u64,
}

/// What was measured.
#[derive(Clone, Debug)]
pub(crate) struct Stall {
    /// How long the flush took.
    pub(crate) flush: Duration,
    /// How long each lookup took that ended while it ran. Includes one reading of the clock.
    pub(crate) times: Histogram<u64>,
    /// The longest lookup of each millisecond, by the time at which it ended, from [`AROUND`] before
    /// the flush; 0 where none ended.
    pub(crate) longest: Vec<u64>,
}

impl Stall {
    /// The milliseconds before the flush in [`Stall::longest`].
    pub(crate) fn before() -> i64 {
        i64::try_from(AROUND.as_millis()).unwrap_or(0)
    }
}

/// Measures one peer, from scratch.
pub(crate) type Measure = fn(&Setup) -> Stall;

/// One thread flushes a `P`, another one looks up sessions that stay. A peer without a flush is
/// read while the other thread keeps its core as busy: what the machine itself does to a reader.
pub(crate) fn measure<P: Peer>(setup: &Setup) -> Stall {
    let ids = ids::population(setup.entries, &mut Random::new(setup.seed));
    let capacity = crate::workloads::Room::Spare.capacity(setup.entries);
    let life = |index| if index % 2 == 0 { Life::Short } else { Life::Long };
    let peer = P::filled(capacity, &ids, &vec![0x5a; setup.payload], life);
    let staying: Vec<Id> = ids.into_iter().skip(1).step_by(2).collect();
    let (done, ready) = (AtomicBool::new(false), Barrier::new(2));
    let cores = cores::for_threads(2);
    thread::scope(|scope| {
        let flusher = scope.spawn(|| {
            cores::stay_on(cores[0]);
            ready.wait();
            pass(AROUND);
            let from = Instant::now();
            if P::ABLE.flush {
                peer.flush();
            } else {
                stay_busy(5 * AROUND);
            }
            let to = Instant::now();
            pass(AROUND);
            done.store(true, Ordering::Relaxed);
            (from, to)
        });
        let reader = scope.spawn(|| {
            cores::stay_on(cores[1]);
            // Reads once through, so that first uses are not measured.
            read(&peer, &staying, setup.seed, &AtomicBool::new(true));
            ready.wait();
            read(&peer, &staying, setup.seed, &done)
        });
        let (from, to) = flusher.join().expect("the flush does not panic");
        let lookups = reader.join().expect("the reader does not panic");
        lookups.around(from, to)
    })
}

/// Uses a core for a while.
fn stay_busy(time: Duration) {
    let started = Instant::now();
    while started.elapsed() < time {
        black_box(started);
    }
}

/// What a reader saw.
struct Lookups {
    /// The beginning of the reading.
    from: Instant,
    /// For each [`SLICE`]: the lookups that ended in it.
    slices: Vec<Histogram<u64>>,
}

/// A lookup that took longer than this may have been a wait for the core, which is not the peer's.
const SUSPICIOUS: Duration = Duration::from_micros(20);

/// How finely the flush's own time is cut out of the reader's.
const SLICE: Duration = Duration::from_micros(500);

/// Looks up random `ids` until `done`, and once more, so that the time until then is all seen; at least a
/// thousand of them.
fn read<P: Peer>(peer: &P, ids: &[Id], seed: u64, done: &AtomicBool) -> Lookups {
    let mut local = peer.local();
    let mut random = Random::new(seed);
    let empty = Histogram::new_with_max(super::LONGEST_NANOS, 2).expect("2 digits are possible");
    let from = Instant::now();
    let mut slices: Vec<Histogram<u64>> = Vec::with_capacity(4096);
    slices.push(empty.clone());
    let mut started = from;
    let mut waited = stolen::so_far();
    let mut lookups = 0_u64;
    let mut goes_on = true;
    while goes_on {
        goes_on = lookups < 1000 || !done.load(Ordering::Relaxed);
        let id = &ids[random.below(ids.len())];
        // Nearly always found: buckets of a fixed size let some go before the whole is full.
        black_box(peer.get(&mut local, id));
        let ended = Instant::now();
        let mut time = ended - started;
        if time > SUSPICIOUS {
            // All waits since the last look were in suspicious lookups, so this one's is the rest.
            let so_far = stolen::so_far();
            time = time.saturating_sub(so_far.saturating_sub(waited));
            waited = so_far;
            started = Instant::now();
        } else {
            started = ended;
        }
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let slice = usize::try_from((ended - from).as_nanos() / SLICE.as_nanos());
        let slice = slice.unwrap_or(usize::MAX).min(1 << 16);
        while slices.len() <= slice {
            slices.push(empty.clone());
        }
        slices[slice].saturating_record(nanos);
        lookups += 1;
    }
    Lookups { from, slices }
}

impl Lookups {
    /// What concerns a flush that ran from `from` to `to`.
    fn around(&self, from: Instant, to: Instant) -> Stall {
        let slice_at = |at: Instant| {
            let since = at.saturating_duration_since(self.from);
            usize::try_from(since.as_nanos() / SLICE.as_nanos()).unwrap_or(usize::MAX)
        };
        let (first, last) = (slice_at(from), slice_at(to));
        // One lookup was under way when the flush ended, perhaps because of it: it ended in the first
        // slice after that in which any did.
        let later = self.slices.iter().skip(last.saturating_add(1)).position(|one| !one.is_empty());
        let last = last.saturating_add(1 + later.unwrap_or(0));
        let mut times = nanoseconds();
        for slice in self.slices.iter().take(last.saturating_add(1)).skip(first) {
            times.add(slice).expect("both reach as far");
        }
        let per_millisecond = 2;
        let start =
            first.saturating_sub(per_millisecond * usize::try_from(Stall::before()).unwrap_or(0));
        let longest = self.slices[start.min(self.slices.len())..]
            .chunks(per_millisecond)
            .map(|slices| slices.iter().map(Histogram::max).max().unwrap_or(0))
            .collect();
        Stall { flush: to - from, times, longest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flush_is_cut_out_of_what_the_reader_saw() {
        let from = Instant::now();
        let mut slices: Vec<_> = (0..200).map(|_| nanoseconds()).collect();
        let (before, during, until_after, after) = (7, 5000, 90_000, 9);
        slices[59].record(before).expect("in range");
        slices[60].record(during).expect("in range");
        slices[103].record(until_after).expect("in range");
        slices[104].record(after).expect("in range");
        let lookups = Lookups { from, slices };
        let stall = lookups.around(from + 60 * SLICE, from + 100 * SLICE);
        assert_eq!(stall.times.len(), 2);
        assert!(stall.times.max() >= 90_000);
        assert_eq!(stall.flush, 40 * SLICE);
        let at = |millisecond: i64| {
            stall.longest[usize::try_from(millisecond + Stall::before()).expect("not before")]
        };
        assert!(at(0) >= 5000 && at(0) < 5010, "{}", at(0));
        assert_eq!(at(1), 0);
    }

    #[test]
    fn every_peer_with_a_flush_can_be_measured() {
        for peer in crate::peers::all() {
            let stall = (peer.flush)(&Setup { entries: 2000, payload: 20, seed: 1 });
            assert!(stall.flush > Duration::ZERO, "{}", peer.name);
            assert!(!stall.longest.is_empty(), "{}", peer.name);
        }
    }
}
