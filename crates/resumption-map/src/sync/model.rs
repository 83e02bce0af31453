//! The loom half of the facade.
//!
//! Loom 0.7 skips interleavings of ordinary load-then-compare-exchange code: it remembers one last
//! access per location, so a thread's own load hides another thread's (tokio-rs/loom #166, #392).
//! Every access here is therefore preceded by one that loom does order, in one of two modes:
//! - `shadow` (the default): a relaxed read-modify-write on a second atomic. Sees all orders and
//!   stale values; used with a pre-emption bound.
//! - `rmw` (`RESUMPTION_LOOM_MODE=rmw`): loads are compare-exchanges that fail. Sees all orders,
//!   no stale values; small enough to run without a bound.
//!
//! The model `litmus` keeps this honest.

use super::{Ordering, mutant};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use loom::sync::atomic as raw;

pub(crate) type Cell<T> = loom::cell::UnsafeCell<T>;

/// Whether loads are failing compare-exchanges instead of being announced by a shadow access.
fn loads_are_rmw() -> bool {
    static MODE: OnceLock<bool> = OnceLock::new();
    *MODE.get_or_init(|| std::env::var("RESUMPTION_LOOM_MODE").is_ok_and(|mode| mode == "rmw"))
}

/// The second atomic of mode `shadow`.
#[derive(Debug)]
struct Shadow(raw::AtomicUsize);

impl Shadow {
    fn new() -> Self {
        Self(raw::AtomicUsize::new(0))
    }

    #[track_caller]
    fn announce(&self) {
        if !loads_are_rmw() && !mutant("unannounced") {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A failing exchange cannot be a release.
fn load_half(order: Ordering) -> Ordering {
    match order {
        Ordering::Relaxed => Ordering::Relaxed,
        _ => Ordering::Acquire,
    }
}

macro_rules! integer {
    ($name:ident, $value:ty) => {
        /// Modelled; see the top of this file.
        #[derive(Debug)]
        #[allow(unreachable_pub, reason = "the engine uses some of these")]
        pub struct $name {
            shadow: Shadow,
            inner: raw::$name,
        }

        #[allow(dead_code, missing_docs, unreachable_pub, reason = "the engine uses some of these")]
        impl $name {
            pub fn new(value: $value) -> Self {
                Self { shadow: Shadow::new(), inner: raw::$name::new(value) }
            }

            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                self.shadow.announce();
                if loads_are_rmw() {
                    // No modelled value is ever the maximum, so this exchange fails and only loads.
                    let order = load_half(order);
                    return match self.inner.compare_exchange(
                        <$value>::MAX,
                        <$value>::MAX,
                        order,
                        order,
                    ) {
                        Ok(value) | Err(value) => value,
                    };
                }
                self.inner.load(order)
            }

            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                self.shadow.announce();
                self.inner.store(value, order);
            }

            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                self.shadow.announce();
                self.inner.swap(value, order)
            }

            #[track_caller]
            pub fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                self.shadow.announce();
                self.inner.fetch_add(value, order)
            }

            #[track_caller]
            pub fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                self.shadow.announce();
                self.inner.fetch_sub(value, order)
            }

            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.shadow.announce();
                self.inner.compare_exchange(current, new, success, failure)
            }

            #[track_caller]
            pub fn fetch_max(&self, value: $value, order: Ordering) -> $value {
                self.shadow.announce();
                self.inner.fetch_max(value, order)
            }

            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(current, new, success, failure)
            }
        }
    };
}

integer!(AtomicI64, i64);
integer!(AtomicU32, u32);
integer!(AtomicU64, u64);
integer!(AtomicUsize, usize);

#[derive(Debug)]
pub(crate) struct AtomicPtr<T> {
    shadow: Shadow,
    inner: raw::AtomicPtr<T>,
}

impl<T> AtomicPtr<T> {
    pub(crate) fn new(value: *mut T) -> Self {
        Self { shadow: Shadow::new(), inner: raw::AtomicPtr::new(value) }
    }

    #[track_caller]
    pub(crate) fn load(&self, order: Ordering) -> *mut T {
        self.shadow.announce();
        if loads_are_rmw() {
            // No node lies at the last address.
            let never = core::ptr::without_provenance_mut(usize::MAX);
            let order = load_half(order);
            return match self.inner.compare_exchange(never, never, order, order) {
                Ok(value) | Err(value) => value,
            };
        }
        self.inner.load(order)
    }

    #[track_caller]
    pub(crate) fn store(&self, value: *mut T, order: Ordering) {
        self.shadow.announce();
        self.inner.store(value, order);
    }

    #[track_caller]
    pub(crate) fn compare_exchange(
        &self,
        current: *mut T,
        new: *mut T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<*mut T, *mut T> {
        self.shadow.announce();
        self.inner.compare_exchange(current, new, success, failure)
    }
}

pub(crate) use loom::sync::atomic::fence;

/// What was done to pieces of memory, where loom does not follow it by itself (an allocation, or what a
/// reclamation scheme relies on): a thread that acts on it without knowing of it is in a race, which the
/// cell reports.
#[derive(Debug)]
pub(crate) struct Notices(Mutex<BTreeMap<usize, Box<Cell<()>>>>);

// SAFETY: the cells are accessed under the mutex alone, and there is nothing in them.
unsafe impl Send for Notices {}
// SAFETY: as above.
unsafe impl Sync for Notices {}

impl Notices {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// This thread has done it to `base`.
    #[track_caller]
    pub(crate) fn note(&self, base: *const u8) {
        let cell = Box::new(Cell::new(()));
        cell.with_mut(|_| ());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(base.addr(), cell);
    }

    /// This thread is about to act on that.
    #[track_caller]
    pub(crate) fn learn(&self, base: *const u8) {
        if let Some(cell) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&base.addr())
        {
            cell.with(|_| ());
        }
    }
}

pub(crate) use loom::thread::yield_now;

loom::lazy_static! {
    static ref THREADS: raw::AtomicU64 = raw::AtomicU64::new(0);
}

loom::thread_local! {
    static THREAD: u64 = THREADS.fetch_add(1, Ordering::Relaxed);
}

/// A number of this thread's own, for the strict reclaimer.
pub(crate) fn thread_number() -> u64 {
    THREAD.with(|number| *number)
}
