//! Doors for models alone: the modelled atomics and the faults, for the crates above.

pub use resumption_map::model::AtomicU64;

/// Whether the named fault is to be made.
pub fn mutant(name: &str) -> bool {
    crate::sync::mutant(name)
}
