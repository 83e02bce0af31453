//! The cache under test: its operations and its oracle.

mod bench;
mod insert;
mod log;
mod lookup;
mod operation;
mod oracle;

pub use bench::{Bench, Shape};
pub use operation::{By, Entry, Operation, Place, SIZE};
