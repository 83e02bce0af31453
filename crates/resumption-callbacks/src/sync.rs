//! The one door for what a schedule can reorder here. Under `--cfg resumption_loom` it leads to loom, so
//! that a model runs the code that ships.

#[cfg(not(resumption_loom))]
mod standard;
#[cfg(not(resumption_loom))]
pub(crate) use standard::*;

#[cfg(resumption_loom)]
mod model;
#[cfg(resumption_loom)]
pub(crate) use model::*;

pub(crate) use core::sync::atomic::Ordering;

/// A statistic: ordered with nothing, and invisible to the models.
pub(crate) type HintU64 = core::sync::atomic::AtomicU64;
