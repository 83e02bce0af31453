//! What a store did, and what a snapshot brought.

use std::fmt::{self, Write};

use resumption_external::{MetricKind, Stats};
use resumption_snapshot::Restored;

use super::Exposition;

/// All counts of the store, under the names that they have there.
pub(super) fn write(page: &mut Exposition, stats: &Stats) -> fmt::Result {
    let mut last = "";
    // Those of one name come one after the other.
    for metric in stats.metrics() {
        if metric.name != last {
            last = metric.name;
            let kind = match metric.kind {
                MetricKind::Counter => "counter",
                MetricKind::Gauge => "gauge",
            };
            page.head(metric.name, help(metric.name), kind)?;
        }
        page.0.push_str(metric.name);
        if let Some((label, value)) = metric.label {
            write!(page.0, "{{{label}=\"{value}\"}}")?;
        }
        writeln!(page.0, " {}", metric.value)?;
    }
    Ok(())
}

fn help(name: &str) -> &'static str {
    match name.strip_prefix("tls_session_store_").unwrap_or_default() {
        "answer_seconds_total" => "How long the store took to answer, all questions together.",
        "answers_total" => "What the store said when it was asked.",
        "asking" => "Questions to the store that are open now.",
        "breaker_open" => "Whether a breaker is open, so that the store is left alone: 1, or 0.",
        "breaker_opened_total" => "How often a breaker opened, probes that failed included.",
        "in_use" => "Whether the store is in use: 1, or 0 when it is switched off.",
        "lookup_failures_total" => "Questions that the store did not answer.",
        "lookups_total" => "Sessions that handshakes wanted from the store.",
        "put_failures_total" => "Sessions that the store did not take.",
        "puts_total" => "Sessions made for the store, by what became of them.",
        "queued" => "What waits to be written to the store.",
        "rejected_total" => "Values of the store that do not open.",
        "removal_failures_total" => "Removals that the store did not do; each is tried again.",
        "removals_total" => "Sessions for the store to forget, by what became of that.",
        "stash_bytes" => "Memory for the sessions that lie ready for handshakes.",
        "stash_sessions" => "Sessions that lie ready for handshakes.",
        "stash_total" => "What handshakes made of the sessions that were fetched for them.",
        "writing" => "What is being written to the store.",
        // Of a later version: there is a name at least.
        _ => "",
    }
}

/// What became of the sessions in a snapshot.
pub(super) fn write_restored(page: &mut Exposition, restored: &Restored) -> fmt::Result {
    page.counters(
        "tls_session_snapshot_sessions_total",
        "Sessions in the snapshot that was read at the start.",
        "outcome",
        &[
            ("damaged", restored.damaged),
            ("expired", restored.expired),
            ("loaded", restored.loaded),
            ("refused", restored.refused),
            ("unknown_context", restored.unknown_context),
            ("unknown_format", restored.unknown_format),
            ("unknown_key", restored.unknown_key),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_the_store_is_explained_once() {
        let mut page = Exposition(String::new());
        write(&mut page, &Stats::default()).unwrap();
        let heads: Vec<_> = page.0.lines().filter(|line| line.starts_with("# HELP ")).collect();
        assert!(heads.iter().all(|line| line.ends_with('.')), "{heads:#?}");
        let mut names: Vec<_> = heads.iter().map(|line| line.split(' ').nth(2)).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(page.0.contains("\ntls_session_store_answers_total{outcome=\"found\"} 0\n"));
    }
}
