//! The door for what a schedule can reorder. Under `--cfg resumption_loom` it leads to loom, so that a
//! model runs the code that ships. Outside are statistics, and what one connection keeps to itself.

pub(crate) use core::sync::atomic::Ordering;

#[cfg(not(resumption_loom))]
pub(crate) type AtomicU64 = core::sync::atomic::AtomicU64;
#[cfg(resumption_loom)]
pub(crate) use resumption_cache::model::{AtomicU64, mutant};

/// An atomic that is only a hint or a number, or one connection's own: losing or reordering a write costs
/// nothing but quality.
pub(crate) type HintBool = core::sync::atomic::AtomicBool;
/// See [`HintBool`].
pub(crate) type HintU8 = core::sync::atomic::AtomicU8;
/// See [`HintBool`].
pub(crate) type HintU16 = core::sync::atomic::AtomicU16;
/// See [`HintBool`].
pub(crate) type HintU64 = core::sync::atomic::AtomicU64;

/// Whether the named fault is to be made: never in a shipped build, where this vanishes.
#[cfg(not(resumption_loom))]
#[inline]
pub(crate) const fn mutant(_name: &str) -> bool {
    false
}
