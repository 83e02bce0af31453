//! What a phase came to: latencies, resumptions, errors by kind.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::connection::{Connected, ConnectionError};

/// Latencies are kept in microseconds, to three digits, up to this.
const LONGEST_MICROS: u64 = 120_000_000;

/// So many kinds of errors are told apart; a server's inventiveness must not become our memory.
const ERROR_KINDS: usize = 32;

/// The counts of one thread, or of all of them together.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    micros: Histogram<u64>,
    resumed: u64,
    errors: BTreeMap<String, u64>,
}

impl Tally {
    pub(super) fn new() -> Self {
        let micros = Histogram::new_with_bounds(1, LONGEST_MICROS, 3)
            .expect("the bounds are constants that the histogram accepts");
        Self { micros, resumed: 0, errors: BTreeMap::new() }
    }

    pub(super) fn record(&mut self, outcome: &Result<Connected, ConnectionError>) {
        match outcome {
            Ok(connected) => {
                let micros = u64::try_from(connected.handshake.as_micros()).unwrap_or(u64::MAX);
                self.micros.saturating_record(micros.max(1));
                self.resumed += u64::from(connected.resumed);
            }
            Err(error) => self.count_error(error.to_string(), 1),
        }
    }

    fn count_error(&mut self, kind: String, count: u64) {
        let known = self.errors.len() < ERROR_KINDS || self.errors.contains_key(&kind);
        let kind = if known { kind } else { "other".to_owned() };
        *self.errors.entry(kind).or_default() += count;
    }

    pub(super) fn merge(&mut self, other: Self) {
        // Same bounds on both sides, so nothing can be out of range.
        self.micros += other.micros;
        self.resumed += other.resumed;
        for (kind, count) in other.errors {
            self.count_error(kind, count);
        }
    }

    /// Handshakes that went well.
    pub(crate) fn handshakes(&self) -> u64 {
        self.micros.len()
    }

    /// Handshakes that resumed a session.
    pub(crate) fn resumed(&self) -> u64 {
        self.resumed
    }

    /// Connections that failed, all kinds together.
    pub(crate) fn failures(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Failures by kind.
    pub(crate) fn errors(&self) -> impl Iterator<Item = (&str, u64)> {
        self.errors.iter().map(|(kind, count)| (kind.as_str(), *count))
    }

    /// The latency that `quantile` (0 to 1) of the handshakes did not exceed; zero without any.
    pub(crate) fn latency(&self, quantile: f64) -> Duration {
        Duration::from_micros(self.micros.value_at_quantile(quantile))
    }

    /// The share of handshakes that resumed, from 0 to 1; `None` without any handshake.
    pub(crate) fn resumption_rate(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a share, shown to four digits")]
        (self.handshakes() > 0).then(|| self.resumed as f64 / self.handshakes() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake(millis: u64, resumed: bool) -> Connected {
        Connected { handshake: Duration::from_millis(millis), resumed }
    }

    #[test]
    fn merging_adds_up() {
        let (mut one, mut two) = (Tally::new(), Tally::new());
        assert_eq!(one.resumption_rate(), None);
        for millis in 1..=100 {
            one.record(&Ok(handshake(millis, millis % 2 == 0)));
        }
        two.record(&Ok(handshake(1_000_000, true)));
        two.count_error("connect: refused".to_owned(), 3);
        one.count_error("connect: refused".to_owned(), 1);
        one.merge(two);
        assert_eq!(one.handshakes(), 101);
        assert_eq!(one.resumed(), 51);
        assert_eq!(one.failures(), 4);
        assert_eq!(one.errors().collect::<Vec<_>>(), [("connect: refused", 4)]);
        let median = one.latency(0.5).as_micros();
        assert!((50_000..=51_500).contains(&median), "{median}");
        assert!(one.latency(1.0) >= Duration::from_secs(119), "the longest is clamped, not lost");
    }

    #[test]
    fn kinds_of_errors_are_bounded() {
        let mut tally = Tally::new();
        for kind in 0..1_000 {
            tally.count_error(format!("kind {kind}"), 1);
        }
        assert_eq!(tally.errors().count(), ERROR_KINDS + 1);
        assert_eq!(tally.failures(), 1_000);
    }
}
