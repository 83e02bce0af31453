//! What the adapter turns away before the cache hears of it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of what never reached the cache. The cache's own statistics have the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreStats {
    /// Keys that were not looked up because the connection had used up its lookups.
    pub over_budget: u64,
    /// Keys that were not looked up because no session can have a key of that length.
    pub wrong_length: u64,
}

/// The counters. They move only for keys that no honest client of ours offers, so that threads
/// share them costs nothing that matters.
///
/// All accesses are relaxed: nothing else is read on the strength of a count.
#[derive(Debug, Default)]
pub(crate) struct Rejected {
    over_budget: AtomicU64,
    wrong_length: AtomicU64,
}

impl Rejected {
    pub(crate) fn over_budget(&self) {
        self.over_budget.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn wrong_length(&self) {
        self.wrong_length.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> StoreStats {
        StoreStats {
            over_budget: self.over_budget.load(Ordering::Relaxed),
            wrong_length: self.wrong_length.load(Ordering::Relaxed),
        }
    }
}
