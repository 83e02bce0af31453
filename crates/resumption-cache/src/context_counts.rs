//! What is counted for each context: a table in each thread's block of counters.
//!
//! Written as the block is: by the one thread that has it, without a locked instruction. A table grows
//! under a lock, when a thread first counts for a context; the thread then remembers where.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use crate::sync::{AtomicU64, Mutex, Ordering};

/// What is counted for a context. In the order of the words.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InContext {
    Accept,
    AcceptGood,
    AcceptRenegotiate,
    Connect,
    ConnectGood,
    ConnectRenegotiate,
    OfferAccepted,
    OfferRefused,
    Hit,
    CallbackHit,
    Miss,
    InternalMiss,
    Expired,
    Refused,
    ClientHit,
    ClientInternalMiss,
    ClientExpired,
}

const COUNTS: usize = InContext::ClientExpired as usize + 1;

/// The counts of one thread for one context, on lines of their own.
#[repr(align(64))]
pub(crate) struct ContextCounts([AtomicU64; COUNTS]);

impl ContextCounts {
    fn new() -> Self {
        Self(core::array::from_fn(|_| AtomicU64::new(0)))
    }

    /// Counts, on the only thread that writes here.
    pub(crate) fn add(&self, what: InContext, by: u64) {
        let count = &self.0[what as usize];
        // Relaxed, and not one step: as for the counts of a block.
        count.store(count.load(Ordering::Relaxed).wrapping_add(by), Ordering::Relaxed);
    }

    /// Counts where other threads may do so too.
    pub(crate) fn add_shared(&self, what: InContext, by: u64) {
        self.0[what as usize].fetch_add(by, Ordering::Relaxed);
    }

    fn get(&self, what: InContext) -> u64 {
        self.0[what as usize].load(Ordering::Relaxed)
    }
}

/// The counts of one block for all contexts, by their numbers.
pub(crate) struct ContextTables(Mutex<HashMap<u64, Arc<ContextCounts>>>);

impl ContextTables {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// The counts for a context, made if there are none yet.
    pub(crate) fn of(&self, context: u64) -> Arc<ContextCounts> {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tables.entry(context).or_insert_with(|| Arc::new(ContextCounts::new())))
    }

    /// What was counted here for a context.
    pub(crate) fn sum_of(&self, context: u64, what: InContext) -> u64 {
        let tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.get(&context).map_or(0, |counts| counts.get(what))
    }

    /// What was counted here for all contexts.
    pub(crate) fn sum(&self, what: InContext) -> u64 {
        let tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.values().map(|counts| counts.get(what)).fold(0, u64::wrapping_add)
    }
}
