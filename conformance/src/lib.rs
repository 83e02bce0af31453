//! The numbered cases of OpenSSL's session cache, and what this project does in each.
//!
//! A case is one observable fact about the session cache: what a call returns, what a handshake leads
//! to, which callback hears of it. [`table::all`] has one row for each number from 1 to 155, and every
//! row says one of three things: we do the same; we do something else, for this reason; it cannot arise
//! here, for this reason. The first two have a test of that number for each engine that the row names,
//! in `tests/cases`: `cargo xtask conformance` runs them, joins their results with the rows, and fails
//! unless they agree.
//!
//! The numbers and the facts come from a survey of the manual pages, of OpenSSL's code from 1.1.1 to
//! 4.0, of measurements with libssl 3.0.19, and of what other TLS stacks do.
#![forbid(unsafe_code)]

mod case;
pub mod harness;
pub mod report;
pub mod table;

pub use case::{Case, Engine, Level, Profile, Verdict};
