//! What follows from the samples: medians, ratios, predictions, budgets.

use super::{Data, HandshakeRow, HandshakesRow, SampleRow, ThroughputRow, rounded};
use crate::measure::handshakes::Place;
use crate::peers;
use crate::report::{budgets, usl};
use crate::statistics;

impl Data {
    /// Fills in everything that follows from the samples.
    pub(crate) fn derive(&mut self) {
        self.throughput = throughput(&self.samples);
        self.handshakes = handshakes(&self.handshake_samples);
        self.growth = usl::growth(self);
        self.budgets = budgets::judge(self);
    }

    /// The rates of a cell, in the order of its rounds.
    pub(crate) fn rates(
        &self,
        peer: &str,
        workload: &str,
        population: usize,
        threads: usize,
    ) -> Vec<f64> {
        let here = |row: &&SampleRow| {
            row.peer == peer
                && row.workload == workload
                && row.population == population
                && row.threads == threads
        };
        self.samples.iter().filter(here).map(|row| row.ops_per_second).collect()
    }
}

fn throughput(samples: &[SampleRow]) -> Vec<ThroughputRow> {
    let same = |one: &SampleRow, other: &SampleRow| {
        one.workload == other.workload
            && one.population == other.population
            && one.threads == other.threads
    };
    let mut rows: Vec<ThroughputRow> = Vec::new();
    for sample in samples {
        let known = |row: &ThroughputRow| {
            row.peer == sample.peer
                && row.workload == sample.workload
                && row.population == sample.population
                && row.threads == sample.threads
        };
        if rows.iter().any(known) {
            continue;
        }
        let of = |peer: &str| -> Vec<&SampleRow> {
            samples.iter().filter(|row| row.peer == peer && same(row, sample)).collect()
        };
        let cell = of(&sample.peer);
        let rates = |rows: &[&SampleRow]| -> Vec<f64> {
            rows.iter().map(|row| row.ops_per_second).collect()
        };
        let Some(summary) = statistics::summary(&rates(&cell)) else { continue };
        rows.push(ThroughputRow {
            peer: sample.peer.clone(),
            workload: sample.workload.clone(),
            population: sample.population,
            threads: sample.threads,
            rounds: cell.len(),
            ops_per_second: rounded(summary.median),
            spread: rounded(summary.spread),
            ratio: statistics::ratio(&rates(&of(peers::OURS)), &rates(&cell)).map(rounded),
            failed_share: rounded(cell.iter().map(|row| row.failed_share).fold(0.0, f64::max)),
        });
    }
    rows
}

fn handshakes(samples: &[HandshakeRow]) -> Vec<HandshakesRow> {
    let mut rows: Vec<HandshakesRow> = Vec::new();
    for sample in samples {
        let known = |row: &HandshakesRow| {
            row.place == sample.place && row.held == sample.held && row.threads == sample.threads
        };
        if rows.iter().any(known) {
            continue;
        }
        let of = |place: &str, what: fn(&HandshakeRow) -> f64| -> Vec<f64> {
            let same = |row: &&HandshakeRow| {
                row.place == place && row.held == sample.held && row.threads == sample.threads
            };
            samples.iter().filter(same).map(what).collect()
        };
        let rates = of(&sample.place, |row| row.per_second);
        let Some(rate) = statistics::summary(&rates) else { continue };
        let server = statistics::summary(&of(&sample.place, |row| row.server_us));
        let free = of(Place::Nowhere.name(), |row| row.per_second);
        let resumed = of(&sample.place, |row| row.resumed_share);
        rows.push(HandshakesRow {
            place: sample.place.clone(),
            held: sample.held,
            threads: sample.threads,
            per_second: rounded(rate.median),
            spread: rounded(rate.spread),
            server_us: rounded(server.map_or(0.0, |server| server.median)),
            share_of_free: statistics::ratio(&rates, &free).map(rounded),
            resumed_share: rounded(resumed.into_iter().fold(1.0, f64::min)),
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_taken_within_a_round_and_medians_over_them() {
        let sample = |peer: &str, round, rate| SampleRow {
            peer: peer.to_owned(),
            workload: "get".to_owned(),
            population: 10,
            threads: 1,
            round,
            ops_per_second: rate,
            failed_share: 0.0,
            stolen_share: 0.0,
        };
        // The machine was half as fast in the second round.
        let rows = throughput(&[
            sample(peers::OURS, 0, 200.0),
            sample("other", 0, 100.0),
            sample(peers::OURS, 1, 100.0),
            sample("other", 1, 50.0),
        ]);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1].ratio, Some(2.0));
        assert_eq!(rows[1].rounds, 2);
        assert!((rows[1].ops_per_second - 75.0).abs() < 1e-9);
    }
}
