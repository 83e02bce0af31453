//! A cell whose accesses loom could follow, and what threads learn of each other; here it costs nothing.
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

/// Which thread has done something to a piece of memory, and who knows; only a model wants to know.
#[derive(Debug)]
pub(crate) struct Notices;

impl Notices {
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
