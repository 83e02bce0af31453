//! Project automation: `cargo xtask ci`, `test`, `conformance`, `interop`, `memory`, `stores`, `fleet`,
//! `loom`, `verify`, `tidy`, `bench`, `eviction`, `gates`, `layers`, `docs`.
//!
//! One file per task; [`flags`] is the whole command line. `cargo xtask ci` is what CI runs, step
//! by step, so a green run here is a green run there.

#![forbid(unsafe_code)]

mod bench;
mod ci;
mod command;
mod conformance;
mod docs;
mod eviction;
mod failure;
mod flags;
mod fleet;
mod gates;
mod interop;
mod layers;
mod lint;
mod loom;
mod memory;
mod models;
mod mutants;
mod orderings;
mod prerequisites;
mod stores;
mod test;
mod tidy;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::flags::{Flags, Task};
use crate::fleet::Part;

fn main() -> ExitCode {
    let outcome = match Flags::parse().task {
        Task::Bench { open_check: true, .. } => bench::open_check(),
        Task::Bench { arguments, .. } => bench::compare(&arguments),
        Task::Ci => ci::run(),
        Task::Conformance { markdown: true } => conformance::write(),
        Task::Conformance { markdown: false } => conformance::check(),
        Task::Docs => docs::build(),
        Task::Eviction { arguments } => eviction::simulate(&arguments),
        Task::Fleet { latency: true, .. } => fleet::run(Part::Latency),
        Task::Fleet { quick: true, .. } => fleet::run(Part::Quick),
        Task::Fleet { fault: Some(name), .. } => fleet::run(Part::Faults(&name)),
        Task::Fleet { .. } => fleet::run(Part::All),
        Task::Gates { record } => gates::check(record),
        Task::Interop { client } => interop::check(client.as_deref()),
        Task::Layers => layers::check(),
        Task::Loom { mutants: true, .. } => mutants::kill_all(),
        Task::Loom { model, .. } => loom::models_of(model.as_deref()),
        Task::Memory => memory::check(),
        Task::Stores { valkey } => stores::test(valkey),
        Task::Test => test::run(),
        Task::Tidy => tidy::check(),
        Task::Verify { lane, quick } => verify::run(lane.as_deref(), quick),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask failed: {failure}");
            ExitCode::FAILURE
        }
    }
}
