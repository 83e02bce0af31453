//! Eviction policies on made-up traces: what `cargo xtask eviction` runs.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use resumption_benches::eviction::{Effort, run};

/// Simulates eviction policies on traces of TLS sessions and prints the share of clients that resume.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask eviction", bin_name = "cargo xtask eviction")]
struct Flags {
    /// Some seconds: one seed, shorter traces
    #[arg(long)]
    quick: bool,
    /// About a second: proves that everything runs
    #[arg(long, conflicts_with = "quick")]
    smoke: bool,
    /// Where the randomness starts
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where every cell is written
    #[arg(long, default_value = "target/eviction/eviction.csv")]
    csv: PathBuf,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    let effort = match (flags.smoke, flags.quick) {
        (true, _) => Effort::Smoke,
        (false, true) => Effort::Quick,
        (false, false) => Effort::Full,
    };
    match run(effort, flags.seed, &flags.csv) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", flags.csv.display());
            ExitCode::FAILURE
        }
    }
}
