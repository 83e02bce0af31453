//! The cache beside its peers: one run, interleaved, printed as ratios.
//!
//! Absolute rates on a shared machine say more about the neighbours than about the code, so every
//! peer takes its turn in every round, a cell's figure is the median of its rounds, and what is
//! compared is the ratio within a round. Each sample runs for a slice of time and not for a count
//! of operations, because one of the peers needs four orders of magnitude longer than the rest.
//!
//! [`workload`] says what is measured, [`peers`] who takes part, [`sample`] how one cell of one
//! round is measured, [`rounds`] in which order, and [`report`] how the figures are put.

#![forbid(unsafe_code)]

mod flags;
mod ids;
mod peers;
mod random;
mod report;
mod rounds;
mod sample;
mod statistics;
mod workload;

use clap::Parser;

use crate::flags::Flags;

fn main() {
    let plan = Flags::parse().plan();
    report::print_heading(&plan);
    let results = rounds::run(&plan);
    report::print_tables(&plan, &results);
}
