//! The budgets that the cache is built to, and what this run reached.

use crate::data::{BudgetRow, DURING_MIXED, Data, StallRow, rounded};
use crate::measure::handshakes::Place;
use crate::peers::{OUR_MAP, OURS, PROBE, SHARDED};
use crate::statistics;
use crate::workloads::Workload;

const SMALL: usize = 10_000;
const LARGE: usize = 1_000_000;

/// What a figure must be.
#[derive(Clone, Copy, Debug)]
enum Required {
    AtLeast(f64),
    AtMost(f64),
}

/// One figure of a budget.
struct Figure {
    value: Option<f64>,
    /// Beside whom, where it is a ratio.
    beside: String,
}

impl Figure {
    fn alone(value: Option<f64>) -> Self {
        Self { value, beside: String::new() }
    }
}

/// Compares the run with every budget that it can measure.
pub(crate) fn judge(data: &Data) -> Vec<BudgetRow> {
    let mut judge = Judge { data, rows: Vec::new() };
    judge.rates();
    judge.reads();
    judge.waits();
    judge.memory_and_handshakes();
    judge.hit_ratios();
    judge.rows
}

struct Judge<'d> {
    data: &'d Data,
    rows: Vec<BudgetRow>,
}

impl Judge<'_> {
    fn enter(
        &mut self,
        budget: &str,
        required: Required,
        unit: &str,
        of: impl Fn(&Self, &str) -> Figure,
    ) {
        for subject in [OURS, OUR_MAP] {
            let figure = of(self, subject);
            self.row(budget, required, unit, subject, figure);
        }
    }

    fn row(&mut self, budget: &str, required: Required, unit: &str, subject: &str, figure: Figure) {
        let met = figure.value.map(|value| match required {
            Required::AtLeast(least) => value >= least,
            Required::AtMost(most) => value <= most,
        });
        let verdict = match met {
            Some(true) => "met",
            Some(false) => "not met",
            None => "not measured",
        };
        let required = match required {
            Required::AtLeast(least) => format!("≥ {least}"),
            Required::AtMost(most) => format!("≤ {most}"),
        };
        self.rows.push(BudgetRow {
            budget: budget.to_owned(),
            required,
            subject: subject.to_owned(),
            value: figure.value.map(rounded),
            unit: unit.to_owned(),
            verdict: verdict.to_owned(),
            beside: figure.beside,
        });
    }

    /// The subject's rate over a peer's, each within a round.
    fn ratio(&self, subject: &str, peer: &str, at: (Workload, usize, usize)) -> Option<f64> {
        let (workload, population, threads) = at;
        let rates = |peer| self.data.rates(peer, workload.name(), population, threads);
        statistics::ratio(&rates(subject), &rates(peer))
    }

    /// The same over whoever was the fastest of `peers`.
    fn over_best(&self, subject: &str, at: (Workload, usize, usize), bounded: bool) -> Figure {
        let (workload, population, threads) = at;
        let is_peer = |name: &str| {
            ![OURS, OUR_MAP, PROBE].contains(&name)
                && (!bounded || self.data.peers.iter().any(|row| row.peer == name && row.bounded))
        };
        let cells = self.data.throughput.iter().filter(|row| {
            row.workload == workload.name()
                && row.population == population
                && row.threads == threads
                && is_peer(&row.peer)
        });
        let best = cells.max_by(|one, other| one.ops_per_second.total_cmp(&other.ops_per_second));
        Figure {
            value: best.and_then(|best| self.ratio(subject, &best.peer, at)),
            beside: best.map_or(String::new(), |best| best.peer.clone()),
        }
    }

    fn rates(&mut self) {
        let cores = self.data.cores();
        let take_put =
            [(SMALL, 1, 1.0), (SMALL, cores, 1.15), (LARGE, 1, 1.5), (LARGE, cores, 1.5)];
        for (population, threads, least) in take_put {
            let budget = format!("take + put, {}", cell(population, threads));
            self.enter(&budget, Required::AtLeast(least), "×", |judge, subject| {
                let at = (Workload::TakePut, population, threads);
                let value = judge.ratio(subject, SHARDED, at);
                Figure { value, beside: SHARDED.to_owned() }
            });
        }
        for threads in [1, cores, 4 * cores] {
            let budget = format!("90/10 at capacity, {}", cell(SMALL, threads));
            self.enter(&budget, Required::AtLeast(1.2), "×", |judge, subject| {
                judge.over_best(subject, (Workload::Mixed, SMALL, threads), true)
            });
        }
        let budget = format!("take + put kept up from {cores} to {} threads", 16 * cores);
        self.enter(&budget, Required::AtLeast(1.0), "×", |judge, subject| {
            let rates =
                |threads| judge.data.rates(subject, Workload::TakePut.name(), SMALL, threads);
            Figure::alone(statistics::ratio(&rates(16 * cores), &rates(cores)))
        });
    }

    fn reads(&mut self) {
        let cores = self.data.cores();
        for (population, least) in [(SMALL, 0.80), (LARGE, 0.95)] {
            for threads in [1, cores] {
                let budget =
                    format!("get, each waiting for the last, {}", cell(population, threads));
                self.enter(&budget, Required::AtLeast(least), "×", |judge, subject| {
                    let at = (Workload::Dependent, population, threads);
                    let value = judge.ratio(subject, PROBE, at);
                    Figure { value, beside: PROBE.to_owned() }
                });
            }
        }
        let budget = format!("a rejected random id, {}", cell(LARGE, 1));
        self.enter(&budget, Required::AtLeast(1.0), "×", |judge, subject| {
            judge.over_best(subject, (Workload::GetMiss, LARGE, 1), false)
        });
    }

    fn waits(&mut self) {
        let cores = self.data.cores();
        let during = "while 1 M are flushed, half of them expired";
        let flush = |what: fn(&StallRow) -> f64| {
            move |judge: &Self, subject: &str| {
                let mine = |row: &&StallRow| row.peer == subject && row.population == LARGE;
                let all: Vec<f64> = judge.data.stalls.iter().filter(mine).map(what).collect();
                Figure::alone(statistics::summary(&all).map(|summary| summary.median))
            }
        };
        let longest = format!("the longest lookup {during}");
        self.enter(&longest, Required::AtMost(100.0), "µs", flush(|row| row.longest_us));
        let slow = format!("p99.9 of a lookup {during}");
        self.enter(&slow, Required::AtMost(10.0), "µs", flush(|row| row.p999_us));
        let whole = "the whole flush of 1 M";
        self.enter(whole, Required::AtMost(90.0), "ms", flush(|row| row.flush_ms));
        for threads in [4 * cores, 16 * cores] {
            let budget = format!("p99.99 of a lookup, 90/10, {}", cell(SMALL, threads));
            self.enter(&budget, Required::AtMost(10.0), "µs", |judge, subject| {
                let row = judge.data.latencies.iter().find(|row| {
                    row.situation == DURING_MIXED
                        && row.peer == subject
                        && row.threads == threads
                        && (row.quantile - 0.9999).abs() < 1e-9
                });
                Figure::alone(row.map(|row| crate::measure::count(row.nanoseconds) / 1e3))
            });
        }
    }

    fn memory_and_handshakes(&mut self) {
        let budget = "bytes a session beyond its payload, 1 M";
        self.enter(budget, Required::AtMost(80.0), "B", |judge, subject| {
            let mine =
                |row: &&crate::data::MemoryRow| row.peer == subject && row.population == LARGE;
            let row = judge.data.memory.iter().find(mine);
            Figure::alone(row.map(|row| row.bytes_beyond_payload))
        });
        let mut threads: Vec<_> =
            self.data.handshakes.iter().map(|row| (row.held, row.threads)).collect();
        threads.sort_unstable();
        threads.dedup();
        for (held, threads) in threads.into_iter().filter(|at| at.1 <= self.data.cores()) {
            let row = self
                .data
                .handshakes
                .iter()
                .find(|row| row.place == OURS && row.held == held && row.threads == threads);
            let figure = Figure {
                value: row.and_then(|row| row.share_of_free),
                beside: Place::Nowhere.name().to_owned(),
            };
            let budget = format!("resumed TLS 1.3 handshakes, {}", cell(held, threads));
            self.row(&budget, Required::AtLeast(0.99), "×", OURS, figure);
        }
    }

    /// The smallest lead over LRU in any trace at any capacity: at least none in all of them.
    fn hit_ratios(&mut self) {
        let rows = &self.data.hit_ratios;
        let ratio = |policy: &str, like: &crate::data::HitRatioRow| {
            let same = rows.iter().find(|row| {
                row.policy == policy
                    && row.trace == like.trace
                    && row.equal == like.equal
                    && row.capacity_share.to_bits() == like.capacity_share.to_bits()
            });
            same.map(|row| row.hit_ratio)
        };
        let leads = rows
            .iter()
            .filter(|row| row.policy == "CLOCK")
            .filter_map(|row| ratio("LRU", row).map(|lru| 100.0 * (row.hit_ratio - lru)));
        let figure = Figure { value: leads.reduce(f64::min), beside: "LRU".to_owned() };
        let budget = "resumed share over LRU's, the worst trace";
        self.row(budget, Required::AtLeast(0.0), "points", OURS, figure);
    }
}

fn cell(population: usize, threads: usize) -> String {
    let plural = if threads == 1 { "" } else { "s" };
    format!("{}, {threads} thread{plural}", super::format::short(population))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::SampleRow;

    #[test]
    fn a_budget_is_met_by_the_ratio_within_rounds_and_by_nothing_else() {
        let sample = |peer: &str, round, rate| SampleRow {
            peer: peer.to_owned(),
            workload: Workload::TakePut.name().to_owned(),
            population: SMALL,
            threads: 1,
            round,
            ops_per_second: rate,
            failed_share: 0.0,
            stolen_share: 0.0,
        };
        let data = Data {
            samples: vec![sample(OURS, 0, 10.0), sample(SHARDED, 0, 9.0), sample(OUR_MAP, 0, 8.0)],
            ..Data::default()
        };
        let rows = judge(&data);
        let verdict = |subject: &str, start: &str| {
            let row =
                rows.iter().find(|row| row.subject == subject && row.budget.starts_with(start));
            row.expect("the budget is judged").verdict.as_str()
        };
        assert_eq!(verdict(OURS, "take + put, 10 k, 1 thread"), "met");
        assert_eq!(verdict(OUR_MAP, "take + put, 10 k, 1 thread"), "not met");
        assert_eq!(verdict(OURS, "bytes a session"), "not measured");
    }
}
