//! What is measured: three loops, the same for every peer.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::ids::{self, Id};
use crate::peers::Peer;
use crate::random::Random;

/// Operations between two looks at the clock's flag.
const BATCH: u64 = 16;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// Look up a session that is there: TLS 1.2, by session id.
    Get,
    /// Store a session in a cache that is full, so that another one has to go.
    InsertFull,
    /// Take a session and store the next one: TLS 1.3, where a ticket is used once.
    TakePut,
}

impl Workload {
    pub(crate) const ALL: [Self; 3] = [Self::Get, Self::TakePut, Self::InsertFull];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::InsertFull => "insert when full",
            Self::TakePut => "take + put",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Get => "look up a session that is there, in place where the peer can",
            Self::InsertFull => "store a session in a full cache, which has to let another one go",
            Self::TakePut => "take one session and store another under a fresh id (TLS 1.3)",
        }
    }

    /// The capacity a peer is made with to hold `entries`.
    ///
    /// Half as much again where nothing may be evicted: a sharded peer bounds each shard, and
    /// random ids do not fill shards evenly.
    pub(crate) fn capacity(self, entries: usize) -> usize {
        match self {
            Self::Get | Self::TakePut => entries + entries / 2 + 64,
            Self::InsertFull => entries,
        }
    }

    /// Whether the workload only makes sense for a peer with a bound.
    pub(crate) fn needs_bound(self) -> bool {
        self == Self::InsertFull
    }
}

/// What one thread did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) operations: u64,
    /// Operations that did not find, or did not store, what they should have.
    pub(crate) failures: u64,
}

/// One thread's part of a workload.
#[derive(Debug)]
pub(crate) struct Worker<'p, P> {
    peer: &'p P,
    workload: Workload,
    /// The ids this thread works on. Its own when it takes, shared in content when it only reads.
    ids: Vec<Id>,
    payload: Vec<u8>,
    random: Random,
}

impl<'p, P: Peer> Worker<'p, P> {
    pub(crate) fn new(
        peer: &'p P,
        workload: Workload,
        ids: Vec<Id>,
        payload: Vec<u8>,
        random: Random,
    ) -> Self {
        Self { peer, workload, ids, payload, random }
    }

    /// Works until `stop` is set. The counts stay in registers: no line is written for them.
    pub(crate) fn run_until(&mut self, stop: &AtomicBool) -> Tally {
        match self.workload {
            Workload::Get => self.repeat(stop, Self::get),
            Workload::InsertFull => self.repeat(stop, Self::insert),
            Workload::TakePut => self.repeat(stop, Self::take_put),
        }
    }

    #[inline]
    fn repeat(&mut self, stop: &AtomicBool, operation: impl Fn(&mut Self) -> bool) -> Tally {
        let mut tally = Tally::default();
        while !stop.load(Ordering::Relaxed) {
            for _ in 0..BATCH {
                tally.failures += u64::from(!operation(self));
            }
            tally.operations += BATCH;
        }
        tally
    }

    #[inline]
    fn get(&mut self) -> bool {
        let index = self.random.below(self.ids.len());
        black_box(self.peer.get(&self.ids[index])).is_some()
    }

    #[inline]
    fn take_put(&mut self) -> bool {
        let index = self.random.below(self.ids.len());
        let taken = black_box(self.peer.take(&self.ids[index])).is_some();
        let id = ids::fresh(&mut self.random);
        let stored = self.peer.insert(&id, &self.payload);
        self.ids[index] = id;
        taken && stored
    }

    #[inline]
    fn insert(&mut self) -> bool {
        let id = ids::fresh(&mut self.random);
        self.peer.insert(&id, &self.payload)
    }
}
