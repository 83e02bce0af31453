//! The shuttle half of the facade, for schedules too large for loom.
//!
//! Shuttle runs all threads as tasks of one, and switches between them before each access. It is
//! sequentially consistent: it finds faults of the algorithm and none of its orderings, which are
//! loom's, miri's and `ThreadSanitizer`'s to find. crossbeam-epoch cannot run in it: to that, all tasks are
//! one thread.

use shuttle::sync::atomic as raw;

pub(crate) type AtomicI64 = raw::AtomicI64;
pub(crate) type AtomicPtr<T> = raw::AtomicPtr<T>;
pub(crate) type AtomicU32 = raw::AtomicU32;
pub(crate) type AtomicU64 = raw::AtomicU64;
pub(crate) type AtomicUsize = raw::AtomicUsize;

pub(crate) use raw::fence;
pub(crate) use shuttle::thread::yield_now;

/// A number of this task's own, for the strict reclaimer.
pub(crate) fn thread_number() -> u64 {
    usize::from(shuttle::current::me()) as u64
}
