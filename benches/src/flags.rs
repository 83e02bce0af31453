//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Measures the cache beside its peers, in interleaved rounds, and writes a report.
///
/// The report is target/bench/report.html, with the measurements beside it as CSV.
#[derive(Clone, Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of a command line")]
pub(crate) struct Flags {
    /// Three minutes on two cores: fewer rounds, shorter slices, up to a million sessions
    #[arg(long, conflicts_with = "smoke")]
    pub(crate) quick: bool,
    /// Half a minute: proves that everything runs; the figures mean nothing
    #[arg(long)]
    pub(crate) smoke: bool,
    /// Sessions held, instead of 10 k, 1 M and 10 M
    #[arg(long, value_delimiter = ',', value_parser = positive)]
    pub(crate) entries: Vec<usize>,
    /// Bytes of a session
    #[arg(long, default_value_t = 200, value_parser = positive)]
    pub(crate) payload: usize,
    /// Numbers of threads, instead of 1, 2, 4 ... to twice the cores, and four times the cores
    #[arg(long, value_delimiter = ',', value_parser = positive)]
    pub(crate) threads: Vec<usize>,
    /// Rounds; each measures every cell once
    #[arg(long, value_parser = positive)]
    pub(crate) rounds: Option<usize>,
    /// Milliseconds a sample is measured for
    #[arg(long, value_parser = positive)]
    pub(crate) slice: Option<usize>,
    /// Only the peers whose name contains this, beside the cache
    #[arg(long)]
    pub(crate) peer: Option<String>,
    /// Only the workloads whose name contains this
    #[arg(long)]
    pub(crate) workload: Option<String>,
    /// Only these kinds of measurement
    #[arg(long, value_delimiter = ',')]
    pub(crate) only: Vec<Kind>,
    /// Where the randomness starts
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The folder for the report and its CSV files
    #[arg(long, default_value = "target/bench")]
    pub(crate) output: PathBuf,
    /// Measure nothing: make the report again from the CSV files in this folder
    #[arg(long)]
    pub(crate) from: Option<PathBuf>,
    /// What a child process is asked: the bytes of this peer
    #[arg(long, hide = true)]
    pub(crate) weigh: Option<String>,
    /// With so many sessions
    #[arg(long, hide = true, default_value_t = 1_000_000)]
    pub(crate) weigh_entries: usize,
}

/// A kind of measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    Flush,
    Handshakes,
    HitRatios,
    Latency,
    Memory,
    Throughput,
}

impl Flags {
    /// Whether this kind is wanted.
    pub(crate) fn wants(&self, kind: Kind) -> bool {
        self.only.is_empty() || self.only.contains(&kind)
    }
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_specification_is_consistent() {
        Flags::command().debug_assert();
    }

    #[test]
    fn zero_entries_are_refused() {
        assert!(Flags::try_parse_from(["bench", "--entries", "0"]).is_err());
    }

    #[test]
    fn only_what_is_named_is_measured() {
        let flags = Flags::parse_from(["bench", "--only", "memory,hit-ratios"]);
        assert!(flags.wants(Kind::Memory) && flags.wants(Kind::HitRatios));
        assert!(!flags.wants(Kind::Throughput));
        assert!(Flags::parse_from(["bench"]).wants(Kind::Throughput));
    }
}
