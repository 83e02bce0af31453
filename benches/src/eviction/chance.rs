//! Distributions over the seeded generator.

use crate::random::Random;

/// A number from 0 to 1, 1 excluded.
#[allow(clippy::cast_precision_loss, reason = "53 bits are exact")]
pub(crate) fn unit(random: &mut Random) -> f64 {
    (random.bits() >> 11) as f64 / (1_u64 << 53) as f64
}

/// True with `probability`.
pub(crate) fn happens(random: &mut Random, probability: f64) -> bool {
    unit(random) < probability
}

/// A waiting time without memory.
pub(crate) fn exponential(random: &mut Random, mean: f64) -> f64 {
    -mean * (1.0 - unit(random)).ln()
}

/// How often something happens before it first does not, on average `mean` times.
pub(crate) fn geometric(random: &mut Random, mean: f64) -> u16 {
    let again = mean / (1.0 + mean);
    let mut times = 0;
    while times < u16::MAX && happens(random, again) {
        times += 1;
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_what_was_asked_for() {
        let mut random = Random::new(1);
        let mean = |draw: &mut dyn FnMut() -> f64| (0..20_000).map(|_| draw()).sum::<f64>() / 2e4;
        assert!((mean(&mut || unit(&mut random)) - 0.5).abs() < 0.01);
        assert!((mean(&mut || exponential(&mut random, 7.0)) - 7.0).abs() < 0.2);
        assert!((mean(&mut || f64::from(geometric(&mut random, 2.0))) - 2.0).abs() < 0.1);
        assert!(geometric(&mut random, 0.0) == 0);
    }
}
