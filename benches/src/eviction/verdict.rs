//! Whether a candidate may ship: never worse than CLOCK.

use super::compare::{Cell, Equal, mean};
use super::contenders::CLOCK;

/// A cell counts as worse when a policy resumes fewer of the attempts than CLOCK by more than this many
/// points, on average over the seeds, and by more than two standard errors beyond it. CLOCK itself with
/// other hashes falls below the tolerance by chance, in a tenth of the cells; without the second
/// condition it would be worse than itself.
pub(crate) const TOLERANCE: f64 = 0.1;

/// How a contender compares with CLOCK over one set of traces, in points.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) cells: usize,
    pub(crate) worse: usize,
    /// Cells below the tolerance, whether by chance or not.
    pub(crate) below: usize,
    pub(crate) mean: f64,
    pub(crate) worst: f64,
    pub(crate) worst_where: String,
    pub(crate) best: f64,
}

/// The difference to CLOCK's cell, for each seed, in points.
pub(crate) fn differences(cell: &Cell, clock: &Cell) -> Vec<f64> {
    cell.outcomes
        .iter()
        .zip(&clock.outcomes)
        .map(|(one, other)| 100.0 * (one.of_attempts() - other.of_attempts()))
        .collect()
}

/// CLOCK's cell of the same trace and capacity.
pub(crate) fn clock_beside<'a>(cells: &'a [Cell], cell: &Cell) -> Option<&'a Cell> {
    cells.iter().find(|other| {
        other.contender.name == CLOCK
            && other.equal == cell.equal
            && other.family.name == cell.family.name
            && other.share.to_bits() == cell.share.to_bits()
    })
}

/// The standard deviation over the seeds; of a single seed nothing is known, and it is 0.
#[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
pub(crate) fn deviation(numbers: &[f64]) -> f64 {
    if numbers.len() < 2 {
        return 0.0;
    }
    let middle = mean(numbers.iter().copied());
    let squares = numbers.iter().map(|number| (number - middle).powi(2)).sum::<f64>();
    (squares / (numbers.len() - 1) as f64).sqrt()
}

#[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
fn standard_error(numbers: &[f64]) -> f64 {
    deviation(numbers) / (numbers.len() as f64).sqrt()
}

/// Judges `policy` over the tuned or the unseen set; `None` when it has no cell there.
pub(crate) fn judge(cells: &[Cell], policy: &str, equal: Equal, unseen: bool) -> Option<Verdict> {
    let mut verdict = Verdict {
        cells: 0,
        worse: 0,
        below: 0,
        mean: 0.0,
        worst: f64::INFINITY,
        worst_where: String::new(),
        best: f64::NEG_INFINITY,
    };
    let mut means = Vec::new();
    let mine = cells.iter().filter(|cell| {
        cell.contender.name == policy && cell.equal == equal && cell.family.unseen == unseen
    });
    for cell in mine {
        let of_seeds = differences(cell, clock_beside(cells, cell)?);
        let difference = mean(of_seeds.iter().copied());
        let at_best = difference + 2.0 * standard_error(&of_seeds);
        means.push(difference);
        verdict.cells += 1;
        verdict.below += usize::from(difference < -TOLERANCE);
        verdict.worse += usize::from(at_best < -TOLERANCE);
        verdict.best = verdict.best.max(difference);
        if difference < verdict.worst {
            verdict.worst = difference;
            verdict.worst_where = format!("{}, {}", cell.family.name, cell.share);
        }
    }
    verdict.mean = mean(means.into_iter());
    (verdict.cells > 0).then_some(verdict)
}
