//! Gunther's universal scalability law, and what it predicts for machines that nobody measured.
//!
//! With n threads on cores of their own, X(n) = λ n / (1 + σ (n − 1) + κ n (n − 1)): σ is what has to
//! be done one after the other, κ what each core pays for each other one. Points with more threads
//! than cores say nothing about it and are left out.
//!
//! Two cores give two points, and two points do not determine three parameters. What can be said
//! then is a range: at best all that is lost is waiting (σ alone), at worst all of it is coherence
//! (κ alone, and throughput falls in the end). The quartiles of the rounds widen it.

use crate::data::{Data, GrowthRow, rounded};
use crate::statistics;
use crate::workloads::Workload;

/// Machines to say something about.
const CORES: [f64; 3] = [16.0, 64.0, 128.0];

/// Two points, and the range between two curves through them.
pub(crate) const RANGE: &str = "range of two points";
/// Three points and more, and the curve that is nearest.
pub(crate) const FITTED: &str = "least squares";
/// Points that show nothing to fit.
pub(crate) const DEGENERATE: &str = "degenerate";

/// The workloads whose growth is worth a prediction.
const WORKLOADS: [Workload; 3] = [Workload::GetHit, Workload::TakePut, Workload::Mixed];

/// The two parameters that take something away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Law {
    pub(crate) sigma: f64,
    pub(crate) kappa: f64,
}

impl Law {
    /// How many times the throughput of one core.
    pub(crate) fn speedup(self, cores: f64) -> f64 {
        cores / (1.0 + self.sigma * (cores - 1.0) + self.kappa * cores * (cores - 1.0))
    }

    /// The law through (`cores`, `speedup`) in which everything lost is waiting.
    fn waiting(cores: f64, speedup: f64) -> Self {
        Self { sigma: lost(cores, speedup) / (cores - 1.0), kappa: 0.0 }
    }

    /// The same if everything lost is coherence.
    fn coherence(cores: f64, speedup: f64) -> Self {
        Self { sigma: 0.0, kappa: lost(cores, speedup) / (cores * (cores - 1.0)) }
    }

    /// The nearest law, without negative parameters: y = σ (n − 1) + κ n (n − 1), where y is what
    /// is lost.
    fn nearest(points: &[(f64, f64)]) -> Self {
        let (mut aa, mut ab, mut bb, mut ay, mut by) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for &(cores, speedup) in points {
            let (a, b, y) = (cores - 1.0, cores * (cores - 1.0), lost(cores, speedup));
            aa += a * a;
            ab += a * b;
            bb += b * b;
            ay += a * y;
            by += b * y;
        }
        let determinant = aa * bb - ab * ab;
        if determinant > 0.0 {
            let sigma = (ay * bb - by * ab) / determinant;
            let kappa = (by * aa - ay * ab) / determinant;
            match (sigma >= 0.0, kappa >= 0.0) {
                (true, true) => return Self { sigma, kappa },
                (false, true) => return Self { sigma: 0.0, kappa: (by / bb).max(0.0) },
                _ => {}
            }
        }
        Self { sigma: if aa > 0.0 { (ay / aa).max(0.0) } else { 0.0 }, kappa: 0.0 }
    }
}

/// How much more than one core's time each of the operations took.
fn lost(cores: f64, speedup: f64) -> f64 {
    (cores / speedup - 1.0).max(0.0)
}

/// All laws and predictions of a run.
pub(crate) fn growth(data: &Data) -> Vec<GrowthRow> {
    let mut rows = Vec::new();
    for workload in WORKLOADS.map(Workload::name) {
        let cells = data.throughput.iter().filter(|row| row.workload == workload);
        for cell in cells.filter(|row| row.threads == 1) {
            let threads: Vec<usize> = data
                .throughput
                .iter()
                .filter(|row| {
                    row.peer == cell.peer
                        && row.workload == workload
                        && row.population == cell.population
                        && row.threads <= data.cores()
                })
                .map(|row| row.threads)
                .collect();
            let rates: Vec<_> = threads
                .iter()
                .map(|&threads| {
                    #[allow(clippy::cast_precision_loss, reason = "a number of threads")]
                    let cores = threads as f64;
                    (cores, data.rates(&cell.peer, workload, cell.population, threads))
                })
                .collect();
            if let Some(fit) = Fit::of(&rates) {
                rows.push(fit.row(cell.peer.clone(), workload.to_owned(), cell.population));
            }
        }
    }
    rows
}

/// What the rounds' rates at each number of cores come to.
#[derive(Clone, Debug)]
struct Fit {
    kind: &'static str,
    points: usize,
    lambda: f64,
    law: Law,
    residual: Option<f64>,
    /// For each of [`CORES`].
    predicted: [(f64, f64); 3],
}

impl Fit {
    /// `None` where there is only one number of cores, or none.
    fn of(rates: &[(f64, Vec<f64>)]) -> Option<Self> {
        let one = &rates.iter().find(|(cores, _)| (*cores - 1.0).abs() < f64::EPSILON)?.1;
        let lambda = statistics::summary(one)?.median;
        let more: Vec<_> = rates.iter().filter(|(cores, _)| *cores > 1.0).collect();
        match more.as_slice() {
            [] => None,
            [(cores, many)] => Some(Self::range(lambda, *cores, &speedups(one, many))),
            _ => {
                let points = |round: Option<usize>| -> Vec<(f64, f64)> {
                    let speedup = |many: &[f64]| {
                        let all = speedups(one, many);
                        let summary = statistics::summary(&all).map(|summary| summary.median);
                        round.map_or(summary, |round| all.get(round).copied())
                    };
                    let point = |(cores, many): &&(f64, Vec<f64>)| Some((*cores, speedup(many)?));
                    more.iter().filter_map(point).collect()
                };
                Some(Self::fitted(lambda, &points(None), |round| points(Some(round)), one.len()))
            }
        }
    }

    fn range(lambda: f64, cores: f64, speedups: &[f64]) -> Self {
        let quartile = |share| statistics::quantile_of(speedups, share).unwrap_or(1.0);
        let [worst, middle, best] = [0.25, 0.5, 0.75].map(quartile);
        let law = Law {
            sigma: Law::waiting(cores, middle).sigma,
            kappa: Law::coherence(cores, middle).kappa,
        };
        let low = Law::coherence(cores, worst);
        let high = Law::waiting(cores, best);
        // Nothing is lost that could be told from noise: then nothing follows about more cores.
        let degenerate = lost(cores, worst) <= 0.0;
        Self {
            kind: if degenerate { DEGENERATE } else { RANGE },
            points: 2,
            lambda,
            law,
            residual: None,
            predicted: CORES.map(|n| (lambda * low.speedup(n), lambda * high.speedup(n))),
        }
    }

    fn fitted(
        lambda: f64,
        points: &[(f64, f64)],
        of_round: impl Fn(usize) -> Vec<(f64, f64)>,
        rounds: usize,
    ) -> Self {
        let law = Law::nearest(points);
        let off = |&(cores, speedup): &(f64, f64)| (law.speedup(cores) / speedup - 1.0).abs();
        let residual = points.iter().map(off).fold(0.0, f64::max);
        let laws: Vec<Law> = (0..rounds).map(|round| Law::nearest(&of_round(round))).collect();
        let predicted = CORES.map(|n| {
            let all = laws.iter().chain([&law]).map(|law| lambda * law.speedup(n));
            all.fold((f64::INFINITY, 0.0_f64), |(low, high), rate| (low.min(rate), high.max(rate)))
        });
        let degenerate = law.sigma <= 0.0 && law.kappa <= 0.0;
        let kind = if degenerate { DEGENERATE } else { FITTED };
        Self { kind, points: points.len() + 1, lambda, law, residual: Some(residual), predicted }
    }

    fn row(&self, peer: String, workload: String, population: usize) -> GrowthRow {
        let [at_16, at_64, at_128] = self.predicted;
        GrowthRow {
            peer,
            workload,
            population,
            kind: self.kind.to_owned(),
            points: self.points,
            lambda: rounded(self.lambda),
            sigma: rounded(self.law.sigma),
            kappa: rounded(self.law.kappa),
            residual: self.residual.map(rounded),
            low_16: rounded(at_16.0),
            high_16: rounded(at_16.1),
            low_64: rounded(at_64.0),
            high_64: rounded(at_64.1),
            low_128: rounded(at_128.0),
            high_128: rounded(at_128.1),
        }
    }
}

/// Each round's speedup.
fn speedups(one: &[f64], many: &[f64]) -> Vec<f64> {
    one.iter().zip(many).map(|(one, many)| many / one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(law: Law, cores: &[f64]) -> Vec<(f64, Vec<f64>)> {
        cores.iter().map(|&n| (n, vec![1e6 * law.speedup(n); 3])).collect()
    }

    #[test]
    fn a_law_is_found_again_from_its_own_points() {
        let law = Law { sigma: 0.03, kappa: 0.0005 };
        let fit = Fit::of(&rates(law, &[1.0, 2.0, 4.0, 8.0, 16.0])).expect("five points");
        assert_eq!(fit.kind, FITTED);
        assert!((fit.law.sigma - law.sigma).abs() < 1e-9, "{fit:?}");
        assert!((fit.law.kappa - law.kappa).abs() < 1e-9, "{fit:?}");
        assert!(fit.residual.is_some_and(|residual| residual < 1e-9));
        let expected = 1e6 * law.speedup(64.0);
        assert!((fit.predicted[1].0 / expected - 1.0).abs() < 1e-6, "{fit:?}");
    }

    #[test]
    fn two_points_give_a_range_that_holds_every_law_through_them() {
        let law = Law { sigma: 0.04, kappa: 0.01 };
        let fit = Fit::of(&rates(law, &[1.0, 2.0])).expect("two points");
        assert_eq!(fit.kind, RANGE);
        for (cores, (low, high)) in CORES.into_iter().zip(fit.predicted) {
            let truth = 1e6 * law.speedup(cores);
            assert!(low < truth && truth < high, "{cores}: {low} {truth} {high}");
        }
    }

    #[test]
    fn two_points_without_a_loss_are_called_degenerate() {
        let fit = Fit::of(&[(1.0, vec![10.0; 3]), (2.0, vec![20.5; 3])]).expect("two points");
        assert_eq!(fit.kind, DEGENERATE);
    }

    #[test]
    fn negative_parameters_are_not_fitted() {
        let points = [(2.0, 2.0), (4.0, 3.9), (8.0, 4.0)];
        let law = Law::nearest(&points);
        assert!(law.sigma >= 0.0 && law.kappa >= 0.0, "{law:?}");
    }

    #[test]
    fn one_core_says_nothing() {
        assert!(Fit::of(&[(1.0, vec![10.0])]).is_none());
    }
}
