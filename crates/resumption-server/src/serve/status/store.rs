//! The store on the status page.

use std::fmt;

use resumption_external::{BreakerState, Breaking, Failures, Rejected, Stats, StoreUse};

use super::{explained, table};

/// What was asked and written, and why it was not.
pub(super) fn write(html: &mut String, stats: &Stats) -> fmt::Result {
    write_asked(html, stats)?;
    write_told(html, stats)
}

fn write_asked(html: &mut String, stats: &Stats) -> fmt::Result {
    let (lookups, answers) = (&stats.lookups, &stats.answers);
    let rows = [
        ("wanted", lookups.wanted),
        ("asked for", lookups.asked),
        ("found", answers.found),
        ("not found", answers.absent),
        ("times left alone", stats.lookup_breaker.opened),
    ];
    let spared = [
        ("breaker open", lookups.breaker_open),
        ("too many at once", lookups.over_concurrency),
        ("too many offered", lookups.over_budget),
        ("switched off", lookups.switched_off),
    ];
    let reasons = [
        ("not asked", spared.to_vec()),
        ("no answer", failures(&answers.failures).to_vec()),
        ("does not open", rejected(&answers.rejected).to_vec()),
    ];
    write_table(html, "Asked of the store", rows, &reasons)
}

fn write_told(html: &mut String, stats: &Stats) -> fmt::Result {
    let (puts, removals) = (&stats.puts, &stats.removals);
    let rows = [
        ("sessions", puts.stored),
        ("sessions waiting", puts.queued + puts.writing),
        ("removals", removals.done),
        ("removals waiting", removals.queued + removals.writing),
        ("times left alone", stats.write_breaker.opened),
    ];
    let lost = [
        ("queue full", puts.dropped + removals.dropped),
        ("cannot be sealed", puts.unsealable),
        ("switched off", puts.switched_off),
    ];
    let reasons = [
        ("session failed", failures(&puts.failures).to_vec()),
        ("removal failed", failures(&removals.failures).to_vec()),
        ("not written", lost.to_vec()),
    ];
    write_table(html, "Written to the store", rows, &reasons)
}

fn write_table<const N: usize>(
    html: &mut String,
    title: &str,
    rows: [(&'static str, u64); N],
    reasons: &[(&str, Vec<(&'static str, u64)>)],
) -> fmt::Result {
    let rows = rows.map(|(name, count)| (name.to_owned(), count)).into_iter();
    let reasons = reasons.iter().flat_map(|(what, reasons)| explained(what, reasons));
    table(html, title, rows.chain(reasons))
}

/// Whether it is asked and written to now.
pub(super) fn states(stats: &Stats) -> [(&'static str, &'static str); 2] {
    let state = |breaker: &Breaking| match (stats.store_use, breaker.state) {
        (StoreUse::Off, _) => "switched off",
        (StoreUse::On, BreakerState::Closed) => "in use",
        (StoreUse::On, BreakerState::HalfOpen) => "being tried",
        (StoreUse::On, BreakerState::Open) => "left alone",
    };
    [("store lookups", state(&stats.lookup_breaker)), ("store writes", state(&stats.write_breaker))]
}

/// Each cause of a store's failures, as metrics name it, and how often.
fn failures(failures: &Failures) -> [(&'static str, u64); 4] {
    [
        ("malformed", failures.malformed),
        ("refused", failures.refused),
        ("timed_out", failures.timed_out),
        ("unavailable", failures.unavailable),
    ]
}

/// Each cause for which a store's value does not open, as metrics name it, and how often.
fn rejected(rejected: &Rejected) -> [(&'static str, u64); 8] {
    [
        ("expired", rejected.expired),
        ("forged", rejected.forged),
        ("moved", rejected.moved),
        ("not_a_seal", rejected.not_a_seal),
        ("truncated", rejected.truncated),
        ("undecodable", rejected.undecodable),
        ("unknown_format", rejected.unknown_format),
        ("unknown_key", rejected.unknown_key),
    ]
}
