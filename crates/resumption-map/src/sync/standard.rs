//! The shipped half of the facade.
#![allow(clippy::disallowed_types, reason = "this is where the raw names get their aliases")]

use core::cell::UnsafeCell;

pub(crate) type AtomicI64 = core::sync::atomic::AtomicI64;
pub(crate) type AtomicPtr<T> = core::sync::atomic::AtomicPtr<T>;
pub(crate) type AtomicU32 = core::sync::atomic::AtomicU32;
pub(crate) type AtomicU64 = core::sync::atomic::AtomicU64;
pub(crate) type AtomicUsize = core::sync::atomic::AtomicUsize;

/// A cell whose accesses a model can follow; here it costs nothing.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Cell<T>(UnsafeCell<T>);

impl<T> Cell<T> {
    #[inline]
    pub(crate) fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Lends the address for reading.
    #[inline]
    pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    /// Lends the address for writing.
    #[inline]
    pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }
}

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

/// Whether the named fault is to be made: never in a shipped build, where this vanishes.
#[inline]
pub(crate) const fn mutant(_name: &str) -> bool {
    false
}
