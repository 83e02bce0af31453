//! The command line, and the plan it stands for.

use std::thread;
use std::time::Duration;

use clap::Parser;

use crate::peers::{self, Contender};
use crate::workload::Workload;

/// Measures the cache beside its peers, in one interleaved run, and prints the ratios.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
pub(crate) struct Flags {
    /// About a minute: fewer rounds, shorter slices
    #[arg(long, conflicts_with = "smoke")]
    quick: bool,
    /// A few seconds: proves that everything runs; the figures mean nothing
    #[arg(long)]
    smoke: bool,
    /// Sessions held
    #[arg(long, default_value_t = 10_000, value_parser = positive)]
    entries: usize,
    /// Bytes of a session
    #[arg(long, default_value_t = 200, value_parser = positive)]
    payload: usize,
    /// Numbers of threads to measure with
    #[arg(long, value_delimiter = ',', default_value = "1,2,8", value_parser = positive)]
    threads: Vec<usize>,
    /// Rounds; each measures every cell once
    #[arg(long, value_parser = positive)]
    rounds: Option<usize>,
    /// Milliseconds a sample is measured for
    #[arg(long, value_parser = positive)]
    slice: Option<usize>,
    /// Only the peers whose name contains this, beside the cache
    #[arg(long)]
    peer: Option<String>,
    /// Only the workloads whose name contains this
    #[arg(long)]
    workload: Option<String>,
    /// Where the randomness starts
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What will be measured.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Who takes part; the first is the one that the ratios are about.
    pub(crate) contenders: Vec<Contender>,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) threads: Vec<usize>,
    pub(crate) rounds: usize,
    /// Cores that this process may use.
    pub(crate) cores: usize,
    pub(crate) setup: Setup,
}

/// What is the same for every cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) entries: usize,
    pub(crate) payload: usize,
    pub(crate) slice: Duration,
    pub(crate) seed: u64,
}

impl Setup {
    /// How long a sample runs before it is measured.
    pub(crate) fn warm_up(&self) -> Duration {
        self.slice / 5
    }
}

impl Flags {
    /// The plan these flags stand for.
    pub(crate) fn plan(self) -> Plan {
        let (rounds, slice) = match (self.smoke, self.quick) {
            (true, _) => (1, 20),
            (false, true) => (5, 100),
            (false, false) => (9, 200),
        };
        let wanted = |filter: &Option<String>, name: &str| {
            filter
                .as_ref()
                .is_none_or(|filter| name.to_lowercase().contains(&filter.to_lowercase()))
        };
        let mut contenders = peers::all();
        let others = contenders.split_off(1);
        contenders.extend(others.into_iter().filter(|other| wanted(&self.peer, other.name)));
        let workloads = Workload::ALL.into_iter();
        Plan {
            contenders,
            workloads: workloads
                .filter(|workload| wanted(&self.workload, workload.name()))
                .collect(),
            threads: self.threads,
            rounds: self.rounds.unwrap_or(rounds),
            cores: thread::available_parallelism().map_or(1, Into::into),
            setup: Setup {
                entries: self.entries,
                payload: self.payload,
                slice: Duration::from_millis(self.slice.unwrap_or(slice) as u64),
                seed: self.seed,
            },
        }
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
    fn the_cache_takes_part_whichever_peers_are_chosen() {
        let plan = Flags::parse_from(["bench", "--peer", "DASH"]).plan();
        let names: Vec<_> = plan.contenders.iter().map(|contender| contender.name).collect();
        assert_eq!(names, ["resumption", "DashMap"]);
    }

    #[test]
    fn zero_entries_are_refused() {
        assert!(Flags::try_parse_from(["bench", "--entries", "0"]).is_err());
    }
}
