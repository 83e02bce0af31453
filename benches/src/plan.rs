//! What the flags come to: who is measured doing what, how often and for how long.

use std::thread;
use std::time::Duration;

use crate::flags::{Flags, Kind};
use crate::peers::{self, Contender};
use crate::workloads::{Room, Workload};

/// How thorough a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// The report that is kept.
    Full,
    /// Three minutes.
    Quick,
    /// Proves that everything runs.
    Smoke,
}

/// So many sessions, measured so often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Population {
    pub(crate) entries: usize,
    pub(crate) rounds: usize,
}

/// What will be measured.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) flags: Flags,
    pub(crate) effort: Effort,
    /// Who takes part; the first is the one that the ratios are about.
    pub(crate) contenders: Vec<Contender>,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) threads: Vec<usize>,
    pub(crate) populations: Vec<Population>,
    /// Populations that belong to a full run and are not in this one.
    pub(crate) left_out: Vec<usize>,
    pub(crate) slice: Duration,
    /// Cores that this process may use.
    pub(crate) cores: usize,
    /// Sessions in the cache that is flushed, and in the one that is weighed.
    pub(crate) many: usize,
    pub(crate) flush_rounds: usize,
    /// Sessions held while hands are shaken.
    pub(crate) held: Vec<usize>,
    pub(crate) handshake_rounds: usize,
    pub(crate) handshake_slice: Duration,
}

/// Populations that go through 90/10 latency and the largest crowd of threads: the smallest.
const CROWD: usize = 16;

impl Plan {
    pub(crate) fn new(flags: Flags) -> Self {
        let effort = match (flags.smoke, flags.quick) {
            (true, _) => Effort::Smoke,
            (false, true) => Effort::Quick,
            (false, false) => Effort::Full,
        };
        let cores = thread::available_parallelism().map_or(1, Into::into);
        let (slice, rounds, left_out): (_, &[(usize, usize)], &[usize]) = match effort {
            Effort::Full => (100, &[(10_000, 7), (1_000_000, 3), (10_000_000, 1)], &[]),
            Effort::Quick => (15, &[(10_000, 3), (1_000_000, 1)], &[10_000_000]),
            Effort::Smoke => (2, &[(2_000, 1)], &[10_000, 1_000_000, 10_000_000]),
        };
        let rounds_of = |entries| {
            let at_least = rounds.iter().rev().find(|(known, _)| entries >= *known);
            at_least.or(rounds.first()).map_or(1, |(_, rounds)| *rounds)
        };
        let entries: Vec<usize> = if flags.entries.is_empty() {
            rounds.iter().map(|(entries, _)| *entries).collect()
        } else {
            flags.entries.clone()
        };
        let populations = entries.into_iter().map(|entries| Population {
            entries,
            rounds: flags.rounds.unwrap_or_else(|| rounds_of(entries)),
        });
        let threads =
            if flags.threads.is_empty() { up_to_twice(cores) } else { flags.threads.clone() };
        let (many, flush_rounds, held, handshake_rounds, handshake_slice) = match effort {
            Effort::Full => (1_000_000, 5, vec![20_480, 200_000], 7, 400),
            Effort::Quick => (1_000_000, 1, vec![20_480, 200_000], 2, 150),
            Effort::Smoke => (20_000, 1, vec![2_000], 1, 10),
        };
        Self {
            effort,
            contenders: contenders(flags.peer.as_deref()),
            workloads: Workload::ALL
                .into_iter()
                .filter(|workload| matches(flags.workload.as_deref(), workload.name()))
                .collect(),
            threads,
            populations: populations.collect(),
            left_out: if flags.entries.is_empty() { left_out.to_vec() } else { Vec::new() },
            slice: Duration::from_millis(flags.slice.unwrap_or(slice) as u64),
            cores,
            many,
            flush_rounds: flags.rounds.unwrap_or(flush_rounds),
            held,
            handshake_rounds: flags.rounds.unwrap_or(handshake_rounds),
            handshake_slice: Duration::from_millis(handshake_slice),
            flags,
        }
    }

    /// The numbers of threads for this cell: the smallest population is also given a crowd.
    pub(crate) fn threads_for(&self, workload: Workload, population: Population) -> Vec<usize> {
        let mut threads = self.threads.clone();
        let smallest = self.populations.iter().map(|population| population.entries).min();
        if workload == Workload::TakePut
            && Some(population.entries) == smallest
            && self.flags.threads.is_empty()
        {
            threads.push(CROWD * self.cores);
        }
        threads
    }

    /// The numbers of threads that lookups are timed with, under 90/10.
    pub(crate) fn crowds(&self) -> [usize; 2] {
        [4 * self.cores, CROWD * self.cores]
    }

    /// The workloads that start from peers with so much room.
    pub(crate) fn with_room(&self, room: Room) -> impl Iterator<Item = Workload> {
        self.workloads.iter().copied().filter(move |workload| workload.room() == room)
    }

    pub(crate) fn wants(&self, kind: Kind) -> bool {
        self.flags.wants(kind)
    }
}

fn matches(filter: Option<&str>, name: &str) -> bool {
    filter.is_none_or(|filter| name.to_lowercase().contains(&filter.to_lowercase()))
}

fn contenders(filter: Option<&str>) -> Vec<Contender> {
    let mut contenders = peers::all();
    let others = contenders.split_off(1);
    contenders.extend(others.into_iter().filter(|other| matches(filter, other.name)));
    contenders
}

/// 1, 2, 4 ... to twice the cores, and four times the cores.
fn up_to_twice(cores: usize) -> Vec<usize> {
    let powers = (0..usize::BITS - 1).map(|power| 1_usize << power);
    let mut threads: Vec<_> = powers.take_while(|&n| n < cores).collect();
    threads.extend([cores, 2 * cores, 4 * cores]);
    threads
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn plan(arguments: &[&str]) -> Plan {
        let all = [&["bench"], arguments].concat();
        Plan::new(Flags::parse_from(all))
    }

    #[test]
    fn the_cache_takes_part_whichever_peers_are_chosen() {
        let names: Vec<_> =
            plan(&["--peer", "DASH"]).contenders.iter().map(|contender| contender.name).collect();
        assert_eq!(names, ["resumption", "DashMap"]);
    }

    #[test]
    fn threads_go_to_twice_the_cores_and_once_beyond() {
        assert_eq!(up_to_twice(1), [1, 2, 4]);
        assert_eq!(up_to_twice(2), [1, 2, 4, 8]);
        assert_eq!(up_to_twice(6), [1, 2, 4, 6, 12, 24]);
    }

    #[test]
    fn what_a_shorter_run_leaves_out_is_known() {
        assert_eq!(plan(&["--quick"]).left_out, [10_000_000]);
        assert!(plan(&[]).left_out.is_empty());
    }
}
