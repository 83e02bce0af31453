//! Medians and spreads of a handful of samples.

/// What a handful of samples says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    /// Half the distance between the quartiles, as a share of the median.
    pub(crate) spread: f64,
}

/// Summarises `samples`; `None` when there are none.
pub(crate) fn summary(samples: &[f64]) -> Option<Summary> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = quantile(&sorted, 0.5)?;
    let half = (quantile(&sorted, 0.75)? - quantile(&sorted, 0.25)?) / 2.0;
    Some(Summary { median, spread: half / median })
}

/// The median of the ratios `numerators[i] / denominators[i]`, each taken within one round.
pub(crate) fn ratio(numerators: &[f64], denominators: &[f64]) -> Option<f64> {
    let mut ratios: Vec<_> = numerators.iter().zip(denominators).map(|(n, d)| n / d).collect();
    ratios.retain(|ratio| ratio.is_finite());
    ratios.sort_by(f64::total_cmp);
    quantile(&ratios, 0.5)
}

/// The quantile at `share` of `samples` in any order.
pub(crate) fn quantile_of(samples: &[f64], share: f64) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, share)
}

/// The quantile at `share` of `sorted`, interpolated between neighbours.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a position among a handful of samples"
)]
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let position = share * sorted.len().checked_sub(1)? as f64;
    let below = sorted[position.floor() as usize];
    let above = sorted[position.ceil() as usize];
    Some(below + (above - below) * position.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_one_wild_sample() {
        let summary = summary(&[10.0, 1000.0, 11.0, 9.0, 10.0]).expect("there are samples");
        assert!((summary.median - 10.0).abs() < 1e-12);
        assert!((summary.spread - 0.05).abs() < 1e-12);
    }

    #[test]
    fn an_even_number_of_samples_is_interpolated() {
        let summary = summary(&[4.0, 2.0]).expect("there are samples");
        assert!((summary.median - 3.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_has_no_summary() {
        assert_eq!(summary(&[]), None);
        assert_eq!(ratio(&[], &[]), None);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The machine was half as fast in the second and third round; the ratio never changed.
        let ratio = ratio(&[20.0, 10.0, 10.0], &[10.0, 5.0, 5.0]).expect("there are rounds");
        assert!((ratio - 2.0).abs() < 1e-12);
    }
}
