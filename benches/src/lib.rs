//! The cache beside its peers: one run, in interleaved rounds, as a report.
//!
//! Absolute rates on a shared machine say more about the neighbours than about the code, so every
//! peer takes its turn in every round, a cell's figure is the median of its rounds, and what is
//! compared is the ratio within a round. Each sample runs for a slice of time and not for a count
//! of operations, because one of the peers needs four orders of magnitude longer than the rest.
//!
//! `peers` says who takes part, `workloads` what they do, `measure` how that is measured, `run` in which
//! order, [`eviction`] what no clock measures, `data` what is kept, and `report` how it is shown.

#![deny(unsafe_code)]

mod data;
pub mod eviction;
mod flags;
mod ids;
mod measure;
mod peers;
mod plan;
mod random;
mod report;
mod run;
mod statistics;
mod workloads;

use std::process::ExitCode;

use clap::Parser;

pub use crate::plan::Effort;

use crate::flags::Flags;

/// The program: reads the command line and does what it says.
pub fn main() -> ExitCode {
    match run::command(Flags::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nbench failed: {error}");
            ExitCode::FAILURE
        }
    }
}
