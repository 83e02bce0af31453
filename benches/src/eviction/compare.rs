//! Every contender on every trace, at equal entries and at equal bytes.

use super::contenders::{self, Contender, Kind, Method, OURS, PAYLOAD};
use super::families::{ALL, CAPACITY_SHARES, Family};
use super::policies::lineage_clock::LineageClock;
use super::policies::{Size, belady};
use super::simulate::{Outcome, simulate};
use super::trace::Trace;

/// How much is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Enough to see a difference of a tenth of a point: about two minutes.
    Full,
    /// Enough to see the order of policies: some seconds.
    Quick,
    /// Enough to see that everything runs.
    Smoke,
}

impl Effort {
    pub(crate) fn visits(self) -> usize {
        match self {
            Self::Full => 32_000,
            Self::Quick => 24_000,
            Self::Smoke => 500,
        }
    }

    pub(crate) fn seeds(self) -> u64 {
        match self {
            Self::Full => 8,
            Self::Quick | Self::Smoke => 1,
        }
    }
}

/// What two caches have in common when they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equal {
    /// As many bytes as this cache needs for its entries.
    Bytes,
    /// As many entries.
    Entries,
}

/// What one policy makes of one trace at one capacity.
#[derive(Clone, Copy, Debug)]
pub struct HitRatio {
    /// The trace.
    pub trace: &'static str,
    /// The policy, or the cache with its policy in brackets.
    pub policy: &'static str,
    /// This cache's capacity in entries, as a share of the clients.
    pub capacity_share: f64,
    /// What is equal.
    pub equal: Equal,
    /// The share of resumption attempts that succeed, mean over the seeds.
    pub hit_ratio: f64,
    /// Whether the trace is of the set that was kept apart while credits were chosen.
    pub unseen: bool,
}

/// One policy, one trace, one capacity, each seed.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) family: &'static Family,
    pub(crate) contender: Contender,
    pub(crate) share: f64,
    pub(crate) equal: Equal,
    pub(crate) entries: usize,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Cell {
    /// The share of attempts that succeed, mean over the seeds.
    pub(crate) fn of_attempts(&self) -> f64 {
        mean(self.outcomes.iter().map(|outcome| outcome.of_attempts()))
    }

    /// The share of all handshakes that resume, mean over the seeds.
    pub(crate) fn of_handshakes(&self) -> f64 {
        mean(self.outcomes.iter().map(|outcome| outcome.of_handshakes()))
    }
}

#[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
pub(crate) fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = numbers.len() as f64;
    numbers.sum::<f64>() / count
}

/// Simulates every policy on every trace. `progress` hears what is being done, now and then.
///
/// The same effort and seed give the same figures on every machine.
pub fn hit_ratios(effort: Effort, seed: u64, progress: impl FnMut(&str)) -> Vec<HitRatio> {
    cells(&contenders::known(), effort, seed, progress)
        .iter()
        .map(|cell| HitRatio {
            trace: cell.family.name,
            policy: cell.contender.name,
            capacity_share: cell.share,
            equal: cell.equal,
            hit_ratio: cell.of_attempts(),
            unseen: cell.family.unseen,
        })
        .collect()
}

pub(crate) fn cells(
    contenders: &[Contender],
    effort: Effort,
    seed: u64,
    mut progress: impl FnMut(&str),
) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (number, family) in ALL.iter().enumerate() {
        progress(&format!("trace {}/{}: {}", number + 1, ALL.len(), family.name));
        let mut of_family = empty_cells(family, contenders);
        for run in 0..effort.seeds() {
            // The unseen set has seeds of its own.
            let trace_seed = seed + run + if family.unseen { 1_000_000 } else { 0 };
            let trace = family.population.trace(effort.visits(), trace_seed);
            let mut last: Option<(&str, usize, Outcome)> = None;
            for cell in &mut of_family {
                // Equal bytes are often equal entries, and that cell stands right before.
                let done = last.filter(|(name, entries, _)| {
                    (*name, *entries) == (cell.contender.name, cell.entries)
                });
                let outcome = done.map_or_else(
                    || outcome(&trace, cell.contender, cell.entries, trace_seed),
                    |(.., outcome)| outcome,
                );
                cell.outcomes.push(outcome);
                last = Some((cell.contender.name, cell.entries, outcome));
            }
        }
        cells.append(&mut of_family);
    }
    cells
}

fn empty_cells(family: &'static Family, contenders: &[Contender]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for share in CAPACITY_SHARES {
        let ours = entries(family, share);
        for &contender in contenders {
            let cell = |equal, entries| Cell {
                family,
                contender,
                share,
                equal,
                entries,
                outcomes: Vec::new(),
            };
            if contender.kind != Kind::System {
                cells.push(cell(Equal::Entries, ours));
            }
            cells.push(cell(Equal::Bytes, entries_in_the_bytes_of(ours, contender.overhead)));
        }
    }
    cells
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn entries(family: &Family, share: f64) -> usize {
    ((f64::from(family.population.clients) * share) as usize).max(1)
}

/// How many sessions with this overhead fit where `ours` fit with ours.
fn entries_in_the_bytes_of(ours: usize, overhead: u32) -> usize {
    (ours * (PAYLOAD + OURS) as usize / (PAYLOAD + overhead) as usize).max(1)
}

pub(crate) fn outcome(trace: &Trace, contender: Contender, capacity: usize, seed: u64) -> Outcome {
    let size = Size { capacity, sessions: trace.most_sessions() };
    match contender.method {
        Method::Belady => belady::bound(trace, capacity),
        Method::Lineage(candidate) => {
            simulate(trace, &mut LineageClock::new(size, seed, candidate))
        }
        Method::Policy(make) => simulate(trace, &mut *make(size, seed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_a_share() {
        let mut heard = 0;
        let ratios = hit_ratios(Effort::Smoke, 5, |_| heard += 1);
        assert_eq!(heard, ALL.len());
        assert!(ratios.iter().all(|ratio| (0.0..=1.0).contains(&ratio.hit_ratio)));
        let clock = |equal| {
            ratios
                .iter()
                .filter(move |ratio| ratio.policy == contenders::CLOCK && ratio.equal == equal)
        };
        assert_eq!(clock(Equal::Entries).count(), ALL.len() * CAPACITY_SHARES.len());
        assert_eq!(clock(Equal::Bytes).count(), ALL.len() * CAPACITY_SHARES.len());
    }

    #[test]
    fn the_same_seed_gives_the_same_figures() {
        let run = |seed| -> Vec<_> {
            let cells = cells(&contenders::known()[..1], Effort::Smoke, seed, |_| ());
            cells.into_iter().flat_map(|cell| cell.outcomes).collect()
        };
        assert_eq!(run(5), run(5));
        assert_ne!(run(5), run(6));
    }

    #[test]
    fn equal_bytes_are_fewer_entries_for_who_needs_more() {
        assert_eq!(entries_in_the_bytes_of(1_000, OURS), 1_000);
        assert_eq!(entries_in_the_bytes_of(1_000, 1_052), 268);
        assert_eq!(entries_in_the_bytes_of(1, 1_052), 1);
    }
}
