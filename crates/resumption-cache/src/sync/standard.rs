//! The shipped half of the facade.

use std::cell::{Cell, RefCell};

use crate::counters::Leases;

pub(crate) type AtomicBool = core::sync::atomic::AtomicBool;
pub(crate) type AtomicU32 = core::sync::atomic::AtomicU32;
pub(crate) type AtomicU64 = core::sync::atomic::AtomicU64;
pub(crate) type Mutex<T> = std::sync::Mutex<T>;
pub(crate) type Reclaimer = resumption_map::reclaim::Epoch;

/// So many stamps that a stranger's removal seldom spoils a fetch: it then counts as a miss.
pub(crate) const STRIPES: usize = 4096;

pub(crate) type StripeHasher = std::hash::RandomState;

/// Spreads sessions over the stamps in a way that no client can know.
pub(crate) fn stripe_hasher() -> StripeHasher {
    StripeHasher::new()
}

/// Fills `bytes` with what nobody can guess.
pub(crate) fn fill_randomly(bytes: &mut [u8]) -> Result<(), getrandom::Error> {
    getrandom::fill(bytes)
}

thread_local! {
    /// The blocks of counters that this thread has.
    pub(crate) static LEASES: RefCell<Leases> = const { RefCell::new(Leases::NONE) };
    /// Whether this thread is in a step of housekeeping.
    pub(crate) static SWEEPING: Cell<bool> = const { Cell::new(false) };
}

/// Whether the named fault is to be made: never in a shipped build, where this vanishes.
#[inline]
pub(crate) const fn mutant(_name: &str) -> bool {
    false
}
