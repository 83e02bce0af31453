//! Where a value lies, and which values are written beside an axis.

use crate::report::format::{significant, time};

/// How values are laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scale {
    Linear {
        from: f64,
        to: f64,
    },
    Log {
        from: f64,
        to: f64,
    },
    /// Shares up to 1, with as much room for each further nine.
    Nines {
        nines: f64,
    },
}

impl Scale {
    /// Where `value` lies between 0 and 1; what lies outside is drawn at the edge.
    pub(crate) fn at(self, value: f64) -> f64 {
        let place = match self {
            Self::Linear { from, to } => (value - from) / (to - from),
            Self::Log { from, to } => (value.max(f64::MIN_POSITIVE) / from).ln() / (to / from).ln(),
            Self::Nines { nines } => -(1.0 - value).max(1e-12).log10() / nines,
        };
        if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// A scale with its marks and its name, the unit included.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) scale: Scale,
    pub(crate) ticks: Vec<(f64, String)>,
    pub(crate) name: String,
}

impl Axis {
    /// From 0 to a little above `to`.
    pub(crate) fn from_zero(to: f64, name: &str) -> Self {
        let to = if to > 0.0 { 1.04 * to } else { 1.0 };
        let step = step(to);
        let ticks = (0..=10).map(|number| f64::from(number) * step).take_while(|tick| *tick <= to);
        let ticks = ticks.map(|tick| (tick, plain(tick, step))).collect();
        Self { scale: Scale::Linear { from: 0.0, to }, ticks, name: name.to_owned() }
    }

    /// Powers of ten from below `from` to above `to`.
    pub(crate) fn decades(from: f64, to: f64, name: &str, write: impl Fn(f64) -> String) -> Self {
        let low = from.log10().floor();
        let high = to.log10().ceil().max(low + 1.0);
        let mut ticks = Vec::new();
        let mut exponent = low;
        while exponent <= high {
            let tick = 10_f64.powf(exponent);
            ticks.push((tick, write(tick)));
            exponent += 1.0;
        }
        let scale = Scale::Log { from: 10_f64.powf(low), to: 10_f64.powf(high) };
        Self { scale, ticks, name: name.to_owned() }
    }

    /// Times in nanoseconds.
    pub(crate) fn times(from: f64, to: f64, name: &str) -> Self {
        Self::decades(from, to, name, |tick| time(tick).replace(".00", "").replace(".0", ""))
    }

    /// Numbers of threads or cores, each doubling as wide as the last.
    pub(crate) fn doublings(of: &[usize], name: &str) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "a number of threads")]
        let all: Vec<f64> = of.iter().map(|&number| number as f64).collect();
        let from = all.iter().copied().fold(f64::INFINITY, f64::min);
        let to = all.iter().copied().fold(1.0, f64::max);
        let scale = Scale::Log { from, to: if to > from { to } else { 2.0 * from } };
        let ticks = all.iter().map(|tick| (*tick, format!("{tick}"))).collect();
        Self { scale, ticks, name: name.to_owned() }
    }

    /// Percentiles, the tail stretched.
    pub(crate) fn percentiles(name: &str) -> Self {
        let ticks = [(0.0, "0"), (0.5, "50"), (0.9, "90"), (0.99, "99"), (0.999, "99.9")];
        let more = [(0.9999, "99.99"), (0.99999, "99.999"), (1.0, "longest")];
        let ticks = ticks.into_iter().chain(more).map(|(at, text)| (at, text.to_owned()));
        Self { scale: Scale::Nines { nines: 6.0 }, ticks: ticks.collect(), name: name.to_owned() }
    }
}

/// 1, 2 or 5 times a power of ten, so that there are three to six steps.
fn step(to: f64) -> f64 {
    let power = 10_f64.powf((to / 4.0).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    steps.into_iter().find(|step| to / step <= 5.5).unwrap_or(10.0 * power)
}

/// A mark with no more digits than its distance to the next one needs.
fn plain(tick: f64, step: f64) -> String {
    if tick == 0.0 {
        return "0".to_owned();
    }
    if step >= 1.0 {
        return format!("{tick:.0}");
    }
    if step < 1e-4 {
        return significant(tick);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 4 digits")]
    let digits = (-step.log10()).ceil() as usize;
    format!("{tick:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_numbers_that_fit() {
        for to in [0.013, 0.9, 7.0, 43.0, 181.0, 8327.0] {
            let axis = Axis::from_zero(to, "");
            assert!((3..=7).contains(&axis.ticks.len()), "{to}: {:?}", axis.ticks);
        }
        let texts = |to| Axis::from_zero(to, "").ticks.into_iter().map(|tick| tick.1);
        assert_eq!(texts(0.9).collect::<Vec<_>>(), ["0", "0.2", "0.4", "0.6", "0.8"]);
    }

    #[test]
    fn each_nine_is_as_wide_as_the_last() {
        let scale = Scale::Nines { nines: 6.0 };
        let width = scale.at(0.999) - scale.at(0.99);
        assert!((scale.at(0.99) - scale.at(0.9) - width).abs() < 1e-9);
        assert!((scale.at(1.0) - 1.0).abs() < 1e-9);
    }
}
