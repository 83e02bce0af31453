//! The store against servers that the tests start and break: one, Sentinel, Cluster; and against servers of
//! the tests' own that answer nonsense.
//!
//! `cargo xtask stores` runs these tests, and with `--valkey` against Valkey.

mod failover;
mod faults;
mod hostile;
mod operations;
mod races;
mod support;
