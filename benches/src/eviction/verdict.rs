//! Whether a candidate may ship: never worse than CLOCK.

use super::compare::{Cell, Equal, mean};
use super::contenders::CLOCK;

/// A cell in which a policy resumes fewer of the attempts than CLOCK by more than this, in points and
/// on average over the seeds, counts as worse. CLOCK itself, with other hash seeds, is the control that
/// says how far chance alone goes.
pub(crate) const TOLERANCE: f64 = 0.1;

/// How a contender compares with CLOCK over one set of traces, in points.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) cells: usize,
    pub(crate) worse: usize,
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

/// Judges `policy` at equal entries over the tuned or the unseen set.
pub(crate) fn judge(cells: &[Cell], policy: &str, unseen: bool) -> Option<Verdict> {
    let mut verdict = Verdict {
        cells: 0,
        worse: 0,
        mean: 0.0,
        worst: f64::INFINITY,
        worst_where: String::new(),
        best: f64::NEG_INFINITY,
    };
    let mut means = Vec::new();
    let mine = cells.iter().filter(|cell| {
        cell.contender.name == policy
            && cell.equal == Equal::Entries
            && cell.family.unseen == unseen
    });
    for cell in mine {
        let difference = mean(differences(cell, clock_beside(cells, cell)?).into_iter());
        means.push(difference);
        verdict.cells += 1;
        verdict.worse += usize::from(difference < -TOLERANCE);
        verdict.best = verdict.best.max(difference);
        if difference < verdict.worst {
            verdict.worst = difference;
            verdict.worst_where = format!("{}, {}", cell.family.name, cell.share);
        }
    }
    verdict.mean = mean(means.into_iter());
    Some(verdict)
}
