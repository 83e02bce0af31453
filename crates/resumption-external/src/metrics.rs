//! The counts under the names that a metrics page has for them.

use crate::breaker::BreakerState;
use crate::options::StoreUse;
use crate::stats::{Answers, Breaking, Failures, Lookups, Puts, Rejected, Removals, Stash, Stats};

/// One number of a metrics page, by the conventions of Prometheus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// Its name. Those with the same name come one after the other.
    pub name: &'static str,
    /// What tells it from others with its name: a label and its value.
    pub label: Option<(&'static str, &'static str)>,
    /// How it behaves.
    pub kind: MetricKind,
    /// What it says.
    pub value: f64,
}

/// How a metric behaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MetricKind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
}

impl Stats {
    /// All counts as metrics, `tls_session_store_…`; the outcomes of one name add up to what was wanted,
    /// asked or offered, with those that are open in the gauges.
    pub fn metrics(&self) -> Vec<Metric> {
        let mut page = Page(Vec::with_capacity(80));
        page.lookups(&self.lookups);
        page.answers(&self.answers);
        page.puts(&self.puts);
        page.removals(&self.removals);
        page.stash(&self.stash);
        page.open(&self.answers, &self.puts, &self.removals);
        let breakers = [("lookups", self.lookup_breaker), ("writes", self.write_breaker)];
        page.breakers(breakers);
        let in_use = u64::from(self.store_use == StoreUse::On);
        page.gauges("tls_session_store_in_use", None, [("", in_use)]);
        page.0
    }
}

struct Page(Vec<Metric>);

// Each takes its counts apart, so that one that is added is not forgotten here.
impl Page {
    fn lookups(&mut self, lookups: &Lookups) {
        let Lookups {
            wanted: _,
            ready,
            known_absent,
            from_queue,
            being_removed,
            joined,
            write_too_slow,
            over_budget,
            over_concurrency,
            breaker_open,
            switched_off,
            asked,
        } = *lookups;
        self.counters(
            "tls_session_store_lookups_total",
            "outcome",
            [
                ("ready", ready),
                ("known_absent", known_absent),
                ("from_queue", from_queue),
                ("being_removed", being_removed),
                ("joined", joined),
                ("write_too_slow", write_too_slow),
                ("over_budget", over_budget),
                ("over_concurrency", over_concurrency),
                ("breaker_open", breaker_open),
                ("switched_off", switched_off),
                ("asked", asked),
            ],
        );
    }

    fn answers(&mut self, answers: &Answers) {
        let Answers { found, absent, outdated, rejected, failures, asking: _, took } = *answers;
        self.counters(
            "tls_session_store_answers_total",
            "outcome",
            [
                ("found", found),
                ("absent", absent),
                ("outdated", outdated),
                ("rejected", rejected.total()),
                ("failed", failures.total()),
            ],
        );
        let Rejected {
            expired,
            forged,
            moved,
            not_a_seal,
            truncated,
            undecodable,
            unknown_format,
            unknown_key,
        } = rejected;
        self.counters(
            "tls_session_store_rejected_total",
            "cause",
            [
                ("expired", expired),
                ("forged", forged),
                ("moved", moved),
                ("not_a_seal", not_a_seal),
                ("truncated", truncated),
                ("undecodable", undecodable),
                ("unknown_format", unknown_format),
                ("unknown_key", unknown_key),
            ],
        );
        self.failures("tls_session_store_lookup_failures_total", &failures);
        self.0.push(Metric {
            name: "tls_session_store_answer_seconds_total",
            label: None,
            kind: MetricKind::Counter,
            value: took.as_secs_f64(),
        });
    }

    fn puts(&mut self, puts: &Puts) {
        let Puts {
            offered: _,
            queued: _,
            writing: _,
            stored,
            failures,
            dropped,
            superseded,
            taken_back,
            unsealable,
            switched_off,
        } = *puts;
        self.counters(
            "tls_session_store_puts_total",
            "outcome",
            [
                ("stored", stored),
                ("failed", failures.total()),
                ("dropped", dropped),
                ("superseded", superseded),
                ("taken_back", taken_back),
                ("unsealable", unsealable),
                ("switched_off", switched_off),
            ],
        );
        self.failures("tls_session_store_put_failures_total", &failures);
    }

    fn removals(&mut self, removals: &Removals) {
        let Removals {
            offered: _,
            queued: _,
            writing: _,
            done,
            dropped,
            superseded,
            moot,
            left_to_end,
            unneeded,
            failures,
        } = *removals;
        self.counters(
            "tls_session_store_removals_total",
            "outcome",
            [
                ("done", done),
                ("dropped", dropped),
                ("superseded", superseded),
                ("moot", moot),
                ("left_to_end", left_to_end),
                ("unneeded", unneeded),
            ],
        );
        self.failures("tls_session_store_removal_failures_total", &failures);
    }

    fn stash(&mut self, stash: &Stash) {
        let Stash { entries, bytes, picked_up, not_ready, abandoned } = *stash;
        self.counters(
            "tls_session_store_stash_total",
            "outcome",
            [("picked_up", picked_up), ("not_ready", not_ready), ("abandoned", abandoned)],
        );
        self.gauges("tls_session_store_stash_sessions", None, [("", entries)]);
        self.gauges("tls_session_store_stash_bytes", None, [("", bytes)]);
    }

    /// What is not decided yet.
    fn open(&mut self, answers: &Answers, puts: &Puts, removals: &Removals) {
        self.gauges("tls_session_store_asking", None, [("", answers.asking)]);
        let queued = [("put", puts.queued), ("remove", removals.queued)];
        self.gauges("tls_session_store_queued", Some("write"), queued);
        let writing = [("put", puts.writing), ("remove", removals.writing)];
        self.gauges("tls_session_store_writing", Some("write"), writing);
    }

    fn breakers(&mut self, breakers: [(&'static str, Breaking); 2]) {
        let open = breakers
            .map(|(of, Breaking { state, .. })| (of, u64::from(state != BreakerState::Closed)));
        self.gauges("tls_session_store_breaker_open", Some("of"), open);
        let opened = breakers.map(|(of, Breaking { opened, .. })| (of, opened));
        self.counters("tls_session_store_breaker_opened_total", "of", opened);
    }

    fn failures(&mut self, name: &'static str, failures: &Failures) {
        let Failures { malformed, refused, timed_out, unavailable } = *failures;
        self.counters(
            name,
            "cause",
            [
                ("malformed", malformed),
                ("refused", refused),
                ("timed_out", timed_out),
                ("unavailable", unavailable),
            ],
        );
    }

    fn counters<const N: usize>(
        &mut self,
        name: &'static str,
        label: &'static str,
        counts: [(&'static str, u64); N],
    ) {
        self.all(name, Some(label), MetricKind::Counter, counts);
    }

    fn gauges<const N: usize>(
        &mut self,
        name: &'static str,
        label: Option<&'static str>,
        counts: [(&'static str, u64); N],
    ) {
        self.all(name, label, MetricKind::Gauge, counts);
    }

    fn all<const N: usize>(
        &mut self,
        name: &'static str,
        label: Option<&'static str>,
        kind: MetricKind,
        counts: [(&'static str, u64); N],
    ) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "exact up to 2^53, as metrics pages have it"
        )]
        self.0.extend(counts.map(|(of, count)| Metric {
            name,
            label: label.map(|label| (label, of)),
            kind,
            value: count as f64,
        }));
    }
}
