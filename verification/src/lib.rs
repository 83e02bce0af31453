//! What the larger verification runs share: operations, oracles, histories, and the bodies of the
//! fuzzer's targets.
//!
//! One enum says what can be done to a map ([`map::Operation`]); it is read from bytes, so that the property
//! test, the fuzzer and the seeded threads all mean the same. `cargo xtask verify` runs all of them,
//! and says how many schedules, histories and cases there were.

#![forbid(unsafe_code)]

#[cfg(feature = "cache")]
pub mod cache;
pub mod effort;
#[cfg(feature = "decoders")]
pub mod fuzz;
pub mod history;
pub mod map;
mod random;
pub mod scenario;
mod threads;

pub use random::Random;
