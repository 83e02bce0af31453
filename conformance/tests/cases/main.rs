//! Every case is a test here, named after its number: `case_018_...`. The outermost module is the engine
//! on which it runs, the next one the section of the table.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod cache;
mod client;
mod libssl;
mod rustls;
mod suite;
mod wire;
