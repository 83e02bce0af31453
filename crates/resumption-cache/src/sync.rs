//! The one door for everything of the engine's that a schedule can reorder, and for what a model must
//! not read: randomness. Under `--cfg resumption_loom` it leads to loom, so that a model runs the code
//! that ships. Outside are the clocks (a model brings its own, which stands still) and the table of
//! contexts by their bytes, which is behind a lock and filled before a race begins.

#[cfg(not(resumption_loom))]
mod standard;
#[cfg(not(resumption_loom))]
pub(crate) use standard::*;

#[cfg(resumption_loom)]
mod model;
#[cfg(resumption_loom)]
pub(crate) use model::*;

pub(crate) use core::sync::atomic::Ordering;

/// An atomic that is only a hint or a name: losing or reordering a write costs work, never correctness.
pub(crate) type HintU64 = core::sync::atomic::AtomicU64;
