//! What the hosts say of themselves: their `/metrics`, added up.

use std::collections::BTreeMap;

pub(crate) const ANSWERS: &str = "tls_session_store_answers_total";
pub(crate) const ASKING: &str = "tls_session_store_asking";
pub(crate) const BREAKER_OPEN: &str = "tls_session_store_breaker_open";
pub(crate) const BREAKER_OPENED: &str = "tls_session_store_breaker_opened_total";
pub(crate) const HANDSHAKES: &str = "tls_handshakes_total";
pub(crate) const HANDSHAKE_FAILURES: &str = "tls_handshake_failures_total";
pub(crate) const LOOKUPS: &str = "tls_session_store_lookups_total";
pub(crate) const LOOKUP_FAILURES: &str = "tls_session_store_lookup_failures_total";
pub(crate) const PUTS: &str = "tls_session_store_puts_total";
pub(crate) const PUT_FAILURES: &str = "tls_session_store_put_failures_total";
pub(crate) const REJECTED: &str = "tls_session_store_rejected_total";

/// All that is asked for here. One that the hosts do not have is not zero.
const NAMES: [&str; 11] = [
    ANSWERS,
    ASKING,
    BREAKER_OPEN,
    BREAKER_OPENED,
    HANDSHAKES,
    HANDSHAKE_FAILURES,
    LOOKUPS,
    LOOKUP_FAILURES,
    PUTS,
    PUT_FAILURES,
    REJECTED,
];

/// The counters of all hosts together, labels included in their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters(BTreeMap<String, f64>);

impl Counters {
    /// From the pages of some hosts, one after the other.
    pub(crate) fn parse(pages: &str) -> Self {
        let mut sums = BTreeMap::new();
        for line in pages.lines().filter(|line| !line.starts_with(['#', '='])) {
            if let Some((name, value)) = line.rsplit_once(' ') {
                if let Ok(value) = value.parse::<f64>() {
                    *sums.entry(name.to_owned()).or_default() += value;
                }
            }
        }
        Self(sums)
    }

    /// The names that no host has, of those that are asked for here.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        NAMES.into_iter().filter(|name| self.with_label(name, "").next().is_none()).collect()
    }

    /// The counters of a name that have this in their labels, together.
    pub(crate) fn sum(&self, name: &str, label: &str) -> u64 {
        self.with_label(name, label).map(|(_, value)| value).sum()
    }

    /// The counters of a name that have this in their labels, and what stands between the braces, if
    /// there are such.
    pub(crate) fn with_label<'a>(
        &'a self,
        name: &'a str,
        label: &'a str,
    ) -> impl Iterator<Item = (&'a str, u64)> {
        self.0.iter().filter_map(move |(key, value)| {
            let labels = key.strip_prefix(name)?;
            let labels = match labels.strip_prefix('{') {
                Some(labels) => labels.strip_suffix('}')?,
                None if labels.is_empty() => labels,
                None => return None,
            };
            labels.contains(label).then_some((labels, whole(*value)))
        })
    }

    /// What has grown since.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let grown = self.0.iter().map(|(name, value)| {
            (name.clone(), value - earlier.0.get(name).copied().unwrap_or(0.0))
        });
        Self(grown.collect())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counters are whole, and what falls is a gauge that nobody asks for the difference of"
)]
fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_several_hosts_are_added_up() {
        let page = "# TYPE a counter\na{x=\"1\"} 2\na{x=\"2\"} 3\nb 1.5\n";
        let both = Counters::parse(&format!("= 1\n{page}\n= 2\n{page}"));
        assert_eq!(both.sum("a", "\"1\""), 4);
        assert_eq!(both.sum("a", ""), 10);
        assert_eq!(both.sum("b", ""), 3);
        assert_eq!(both.since(&Counters::parse(page)).sum("a", "\"2\""), 3);
    }

    #[test]
    fn a_name_that_nobody_has_is_missing() {
        let page = "tls_session_store_asking 0\ntls_session_store_breaker_open{of=\"x\"} 0\n";
        let missing = Counters::parse(page).missing();
        assert_eq!(missing.len(), NAMES.len() - 2);
        assert!(!missing.contains(&ASKING) && missing.contains(&BREAKER_OPENED));
    }
}
