//! What the simulation of eviction policies says, as rows of the report.

use crate::data::{HitRatioRow, MEAN_TRACE, rounded};
use crate::eviction::{self, Equal, HitRatio};
use crate::measure::progress::Progress;
use crate::plan::Effort;

/// Traces that the simulation knows, to say how far it is.
const TRACES: f64 = 35.0;

/// How many seconds it takes.
pub(super) fn expected(effort: Effort) -> f64 {
    match effort {
        Effort::Full => 90.0,
        Effort::Quick => 12.0,
        Effort::Smoke => 2.0,
    }
}

/// How much each policy resumes of each synthetic trace, and of all of them on average: of those on
/// which candidates were chosen, and of the others.
pub(super) fn simulate(effort: Effort, seed: u64, progress: &mut Progress) -> Vec<HitRatioRow> {
    let simulated = match effort {
        Effort::Full => eviction::Effort::Full,
        Effort::Quick => eviction::Effort::Quick,
        Effort::Smoke => eviction::Effort::Smoke,
    };
    let each = expected(effort) / TRACES;
    let ratios = eviction::hit_ratios(simulated, seed, |what| progress.step(each, what));
    let mut rows: Vec<_> = ratios.iter().map(row).collect();
    let means = means(&rows);
    rows.extend(means);
    rows
}

fn row(ratio: &HitRatio) -> HitRatioRow {
    HitRatioRow {
        trace: ratio.trace.to_owned(),
        policy: ratio.policy.to_owned(),
        capacity_share: ratio.capacity_share,
        equal: match ratio.equal {
            Equal::Bytes => "bytes".to_owned(),
            Equal::Entries => "entries".to_owned(),
        },
        hit_ratio: rounded(ratio.hit_ratio),
        unseen: ratio.unseen,
    }
}

/// A row for each policy, capacity and kind of equality, and for each of the two sets of traces.
fn means(rows: &[HitRatioRow]) -> Vec<HitRatioRow> {
    let mut means: Vec<(HitRatioRow, u32)> = Vec::new();
    for row in rows {
        let same = means.iter_mut().find(|(mean, _)| {
            mean.policy == row.policy
                && mean.equal == row.equal
                && mean.unseen == row.unseen
                && mean.capacity_share.to_bits() == row.capacity_share.to_bits()
        });
        match same {
            Some((mean, count)) => {
                mean.hit_ratio += row.hit_ratio;
                *count += 1;
            }
            None => means.push((HitRatioRow { trace: MEAN_TRACE.to_owned(), ..row.clone() }, 1)),
        }
    }
    let mean = |(sum, count): (HitRatioRow, u32)| HitRatioRow {
        hit_ratio: rounded(sum.hit_ratio / f64::from(count)),
        ..sum
    };
    means.into_iter().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_taken_within_each_set_of_traces() {
        let row = |trace: &str, hit_ratio, unseen| HitRatioRow {
            trace: trace.into(),
            policy: "LRU".into(),
            capacity_share: 0.25,
            equal: "bytes".into(),
            hit_ratio,
            unseen,
        };
        let means = means(&[row("a", 0.5, false), row("b", 0.25, false), row("c", 0.125, true)]);
        assert_eq!(means, [row(MEAN_TRACE, 0.375, false), row(MEAN_TRACE, 0.125, true)]);
    }
}
