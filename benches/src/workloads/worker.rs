//! One thread's part of a workload.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::Workload;
use crate::ids::{self, Id};
use crate::peers::{Life, Peer};
use crate::random::Random;

/// The most operations between two looks at the flag that ends a sample.
const BATCH: u64 = 16;
/// A batch that took longer than this is long enough.
const LONG_BATCH: Duration = Duration::from_micros(50);
/// Of ten mixed operations one is an insert.
const MIXED_OF: u64 = 10;

/// What one thread did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) operations: u64,
    /// Operations that did not find, or did not store, what they should have.
    pub(crate) failures: u64,
}

/// The ids that a thread works on.
#[derive(Debug)]
pub(crate) enum Work<'i> {
    /// Its own, which change as it takes and stores: else threads would take each other's.
    Own(&'i mut [Id]),
    /// All, read by everybody.
    Shared(&'i [Id]),
}

/// One thread with its part of a workload.
pub(crate) struct Worker<'p, P: Peer> {
    peer: &'p P,
    local: P::Local,
    workload: Workload,
    work: Work<'p>,
    payload: &'p [u8],
    random: Random,
    /// Where the oldest of the own ids is.
    oldest: usize,
    /// What the last lookup found.
    last: u64,
    absent: Id,
    batch: u64,
}

impl<'p, P: Peer> Worker<'p, P> {
    pub(crate) fn new(
        peer: &'p P,
        workload: Workload,
        work: Work<'p>,
        payload: &'p [u8],
        mut random: Random,
    ) -> Self {
        let absent = ids::fresh(&mut random);
        let local = peer.local();
        Self { peer, local, workload, work, payload, random, oldest: 0, last: 0, absent, batch: 1 }
    }

    /// Works until `stop` is set. The counts stay in registers: no line is written for them.
    pub(crate) fn run_until(&mut self, stop: &AtomicBool) -> Tally {
        match self.workload {
            Workload::Churn => self.repeat(stop, Self::churn),
            Workload::Dependent => self.repeat(stop, Self::dependent),
            Workload::GetHit => self.repeat(stop, Self::get),
            Workload::GetMiss => self.repeat(stop, Self::miss),
            Workload::HotKey => self.repeat(stop, Self::hot),
            Workload::InsertFull => self.repeat(stop, Self::insert),
            Workload::Mixed => self.repeat(stop, Self::mixed),
            Workload::TakePut => self.repeat(stop, Self::take_put),
        }
    }

    /// Finds out how many operations go between two looks at the flag: one peer needs four orders of
    /// magnitude longer than the rest. Then works until `warm` is set.
    pub(crate) fn warm_up_until(&mut self, warm: &AtomicBool) {
        let one = AtomicBool::new(false);
        while self.batch < BATCH && !warm.load(Ordering::Relaxed) {
            let started = Instant::now();
            one.store(false, Ordering::Relaxed);
            self.run_once(&one);
            if started.elapsed() > LONG_BATCH {
                break;
            }
            self.batch *= 2;
        }
        self.run_until(warm);
    }

    /// One batch.
    fn run_once(&mut self, stop: &AtomicBool) {
        for _ in 0..self.batch {
            match self.workload {
                Workload::Churn => self.churn(),
                Workload::Dependent => self.dependent(),
                Workload::GetHit => self.get(),
                Workload::GetMiss => self.miss(),
                Workload::HotKey => self.hot(),
                Workload::InsertFull => self.insert(),
                Workload::Mixed => self.mixed(),
                Workload::TakePut => self.take_put(),
            };
        }
        stop.store(true, Ordering::Relaxed);
    }

    /// Works as [`Worker::run_until`] on a mixture, and times each lookup. A lookup's time includes
    /// one reading of the clock.
    pub(crate) fn time_lookups_until(&mut self, stop: &AtomicBool, times: &mut Histogram<u64>) {
        while !stop.load(Ordering::Relaxed) {
            if self.random.bits().is_multiple_of(MIXED_OF) {
                self.replace_oldest();
            } else {
                let id = self.any();
                let started = Instant::now();
                black_box(self.peer.get(&mut self.local, &id));
                let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
                times.saturating_record(nanos);
            }
        }
    }

    /// Leaves the own ids with the oldest first, as the next worker expects them.
    pub(crate) fn finish(mut self) {
        if let Work::Own(ids) = &mut self.work {
            ids.rotate_left(self.oldest);
        }
    }

    #[inline]
    fn repeat(&mut self, stop: &AtomicBool, operation: impl Fn(&mut Self) -> bool) -> Tally {
        let mut tally = Tally::default();
        let batch = self.batch;
        // One batch at least: a rate of nothing is none.
        loop {
            for _ in 0..batch {
                tally.failures += u64::from(!operation(self));
            }
            tally.operations += batch;
            if stop.load(Ordering::Relaxed) {
                return tally;
            }
        }
    }

    fn ids(&self) -> &[Id] {
        match &self.work {
            Work::Own(ids) => ids,
            Work::Shared(ids) => ids,
        }
    }

    /// A random one of the ids.
    #[inline]
    fn any(&mut self) -> Id {
        let index = self.random.below(self.ids().len());
        self.ids()[index]
    }

    fn swap(&mut self, index: usize, id: Id) {
        if let Work::Own(ids) = &mut self.work {
            ids[index] = id;
        }
    }

    #[inline]
    fn store(&mut self, id: &Id) -> bool {
        self.peer.insert(&mut self.local, id, self.payload, Life::Long)
    }

    #[inline]
    fn get(&mut self) -> bool {
        let index = self.random.below(self.ids().len());
        let id = match &self.work {
            Work::Own(ids) => &ids[index],
            Work::Shared(ids) => &ids[index],
        };
        black_box(self.peer.get(&mut self.local, id)).is_some()
    }

    /// The processor cannot know the next index before it has what the last lookup found.
    #[inline]
    fn dependent(&mut self) -> bool {
        let index = self.random.below_after(self.ids().len(), self.last);
        let id = match &self.work {
            Work::Own(ids) => &ids[index],
            Work::Shared(ids) => &ids[index],
        };
        let found = self.peer.get(&mut self.local, id);
        self.last = found.unwrap_or(0);
        found.is_some()
    }

    /// Random words make an id that is nowhere: at both ends, since peers choose shards by either.
    #[inline]
    fn miss(&mut self) -> bool {
        let word = self.random.bits().to_ne_bytes();
        self.absent[..8].copy_from_slice(&word);
        self.absent[24..].copy_from_slice(&word);
        black_box(self.peer.get(&mut self.local, &self.absent)).is_none()
    }

    #[inline]
    fn hot(&mut self) -> bool {
        let id = match &self.work {
            Work::Own(ids) => &ids[0],
            Work::Shared(ids) => &ids[0],
        };
        black_box(self.peer.get(&mut self.local, id)).is_some()
    }

    #[inline]
    fn take_put(&mut self) -> bool {
        let index = self.random.below(self.ids().len());
        let id = self.ids()[index];
        let taken = black_box(self.peer.take(&mut self.local, &id)).is_some();
        let id = ids::fresh(&mut self.random);
        let stored = self.store(&id);
        self.swap(index, id);
        taken && stored
    }

    /// A client comes back with a ticket and gets two, of which it will use one. A quarter as many
    /// clients as places: most tickets in the cache are ones that nobody will ask for.
    #[inline]
    fn churn(&mut self) -> bool {
        let clients = (self.ids().len() / 4).max(1);
        let index = self.random.below(clients);
        let id = self.ids()[index];
        let taken = black_box(self.peer.take(&mut self.local, &id)).is_some();
        let [used, unused] = [0; 2].map(|_| ids::fresh(&mut self.random));
        let stored = self.store(&unused) & self.store(&used);
        self.swap(index, used);
        taken && stored
    }

    #[inline]
    fn mixed(&mut self) -> bool {
        if self.random.bits().is_multiple_of(MIXED_OF) { self.replace_oldest() } else { self.get() }
    }

    /// Stores a fresh session and forgets the oldest.
    #[inline]
    fn replace_oldest(&mut self) -> bool {
        let id = ids::fresh(&mut self.random);
        let stored = self.store(&id);
        let oldest = self.oldest;
        self.swap(oldest, id);
        self.oldest = if oldest + 1 == self.ids().len() { 0 } else { oldest + 1 };
        stored
    }

    #[inline]
    fn insert(&mut self) -> bool {
        let id = ids::fresh(&mut self.random);
        self.store(&id)
    }
}
