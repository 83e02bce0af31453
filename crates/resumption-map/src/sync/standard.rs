//! The shipped half of the facade.
#![allow(clippy::disallowed_types, reason = "this is where the raw names get their aliases")]

pub(crate) type AtomicI64 = core::sync::atomic::AtomicI64;
pub(crate) type AtomicPtr<T> = core::sync::atomic::AtomicPtr<T>;
pub(crate) type AtomicU32 = core::sync::atomic::AtomicU32;
pub(crate) type AtomicU64 = core::sync::atomic::AtomicU64;
pub(crate) type AtomicUsize = core::sync::atomic::AtomicUsize;

/// How many CPUs this process may use.
pub(crate) fn cpus() -> usize {
    std::thread::available_parallelism().map_or(1, core::num::NonZeroUsize::get)
}

/// A keyed hasher: random unless a test asks for a seed.
pub(crate) fn hasher(seed: Option<u64>) -> ahash::RandomState {
    seed.map_or_else(ahash::RandomState::new, |seed| {
        ahash::RandomState::with_seeds(seed, !seed, seed.rotate_left(17), seed.rotate_left(41))
    })
}

pub(crate) use std::thread::yield_now;

/// Waits for another thread to go on, the `round`th time in a row; whether it is worth another round:
/// for a second or so.
pub(crate) fn wait(round: u32) -> bool {
    const YIELDS: u32 = 64;
    if round < YIELDS {
        yield_now();
    } else {
        // It may need this very CPU.
        std::thread::sleep(core::time::Duration::from_millis(1));
    }
    round < YIELDS + 1000
}

/// For the strict reclaimer, which miri runs on real threads.
#[cfg(miri)]
pub(crate) use core::sync::atomic::fence;

/// A number of this thread's own, for the strict reclaimer.
#[cfg(miri)]
pub(crate) fn thread_number() -> u64 {
    static THREADS: AtomicU64 = AtomicU64::new(0);
    std::thread_local! {
        static THREAD: u64 = THREADS.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
    }
    THREAD.with(|number| *number)
}

/// Whether the named fault is to be made: never in a shipped build, where this vanishes.
#[inline]
pub(crate) const fn mutant(_name: &str) -> bool {
    false
}

/// Asks for the memory that a link points to, without waiting for it. A hint, and no access.
#[inline]
#[cfg(all(target_arch = "x86_64", not(miri)))]
pub(crate) fn prefetch<T>(link: &AtomicPtr<T>) {
    use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // Relaxed: the address is not followed. Its lowest bit may be a mark.
    let line = link.load(core::sync::atomic::Ordering::Relaxed);
    // SAFETY: this instruction does nothing with an address that is not mapped, null among them.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) };
}

/// Stable Rust has this hint for one architecture.
#[inline]
#[cfg(not(all(target_arch = "x86_64", not(miri))))]
pub(crate) fn prefetch<T>(_link: &AtomicPtr<T>) {}
