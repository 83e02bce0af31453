//! What the comparisons share with each other: the simulation of eviction policies.
//!
//! The measured comparison with the peers is the binary `bench`, the simulation's own is `eviction`.

#![forbid(unsafe_code)]

pub mod eviction;
mod random;
