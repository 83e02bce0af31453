//! A cell whose accesses loom could follow, and allocations that it could; here they cost nothing.
#![allow(clippy::disallowed_types, reason = "this is where the raw name gets its alias")]

use core::cell::UnsafeCell;

/// Lends its address, for reading or for writing.
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

/// Which thread allocated what; only a model wants to know.
#[derive(Debug)]
pub(crate) struct Births;

impl Births {
    #[inline]
    pub(crate) const fn new() -> Self {
        Self
    }

    #[inline]
    #[allow(clippy::unused_self)]
    pub(crate) fn note(&self, _base: *const u8) {}

    #[inline]
    #[allow(clippy::unused_self)]
    pub(crate) fn learn(&self, _base: *const u8) {}
}
