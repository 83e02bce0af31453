//! The one door for everything that a schedule can reorder: atomics, cells, the number of CPUs and
//! the hash seed. The rest of the crate asks only for the names below; under
//! `--cfg resumption_loom` they are loom's, and under `--cfg resumption_shuttle` shuttle's, so that a
//! model runs the code that ships.
//!
//! The standard half consists of type aliases, not re-exports, so that `clippy::disallowed_types`
//! can forbid the raw names everywhere else.

#[cfg(not(any(resumption_loom, resumption_shuttle)))]
mod standard;
#[cfg(not(any(resumption_loom, resumption_shuttle)))]
pub(crate) use standard::*;

#[cfg(resumption_loom)]
pub(crate) mod model;
#[cfg(resumption_loom)]
pub(crate) use model::*;

#[cfg(resumption_shuttle)]
mod schedule;
#[cfg(resumption_shuttle)]
pub(crate) use schedule::*;

#[cfg(not(resumption_loom))]
mod cell;
#[cfg(not(resumption_loom))]
pub(crate) use cell::{Cell, Notices};

// What both kinds of models have in common.
#[cfg(any(resumption_loom, resumption_shuttle))]
mod fixed;
#[cfg(any(resumption_loom, resumption_shuttle))]
pub(crate) use fixed::*;

pub(crate) use core::sync::atomic::Ordering;

/// An atomic that is only a hint: losing or reordering a write costs quality, never correctness.
/// Hints stay outside the models, where they would only multiply states.
#[allow(clippy::disallowed_types, reason = "hints are deliberately invisible to the models")]
pub(crate) type HintU8 = core::sync::atomic::AtomicU8;
/// See [`HintU8`].
#[allow(clippy::disallowed_types, reason = "hints are deliberately invisible to the models")]
pub(crate) type HintUsize = core::sync::atomic::AtomicUsize;
/// See [`HintU8`].
#[allow(clippy::disallowed_types, reason = "hints are deliberately invisible to the models")]
pub(crate) type HintU64 = core::sync::atomic::AtomicU64;
/// The mark of reclaimed memory, where it is kept: invisible to the models, since it must not order
/// anything.
#[cfg(any(resumption_loom, resumption_shuttle, miri))]
#[allow(clippy::disallowed_types, reason = "deliberately invisible to the models")]
pub(crate) type HintBool = core::sync::atomic::AtomicBool;
