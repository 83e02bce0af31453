//! `/metrics` in Prometheus's text format.

mod store;

use std::fmt::{self, Display, Write};

use super::figures::Figures;

/// Renders every figure.
pub(super) fn text(figures: &Figures) -> String {
    let mut page = Exposition(String::with_capacity(8 * 1024));
    // Writing to a String does not fail.
    let _ = write_all(&mut page, figures);
    page.0
}

fn write_all(page: &mut Exposition, figures: &Figures) -> fmt::Result {
    write_cache(page, figures)?;
    if let Some(store) = &figures.store {
        store::write(page, store)?;
    }
    if let Some(restored) = &figures.restored {
        store::write_restored(page, restored)?;
    }
    write_server(page, figures)
}

fn write_cache(page: &mut Exposition, figures: &Figures) -> fmt::Result {
    let cache = &figures.cache;
    page.counter("tls_session_cache_lookups_total", "Sessions asked for.", cache.lookups)?;
    page.counter(
        "tls_session_cache_hits_total",
        "Lookups that found a usable session.",
        cache.hits,
    )?;
    page.counter(
        "tls_session_cache_callback_hits_total",
        "Those of them that the store had.",
        cache.callback_hits,
    )?;
    page.counter("tls_session_cache_misses_total", "Lookups that found nothing.", cache.misses)?;
    page.counter(
        "tls_session_cache_expired_total",
        "Lookups that found a session too old to be used.",
        cache.expired,
    )?;
    page.counters(
        "tls_session_cache_refused_total",
        "Lookups that found a session which must not be resumed.",
        "reason",
        &cache.refused,
    )?;
    page.counter("tls_session_cache_inserts_total", "Sessions stored.", cache.inserts)?;
    page.counters(
        "tls_session_cache_rejected_total",
        "Sessions that were not stored.",
        "reason",
        &cache.rejected,
    )?;
    page.counters(
        "tls_session_cache_departed_total",
        "Sessions that left the cache.",
        "reason",
        &cache.departed,
    )?;
    page.counter(
        "tls_session_cache_evictions_total",
        "Sessions that left because room was needed.",
        cache.evictions(),
    )?;
    page.counter(
        "tls_session_cache_replaced_total",
        "Sessions that left because a new one came under the same id.",
        cache.replaced(),
    )?;
    page.counters(
        "tls_session_cache_key_rejected_total",
        "Ids that clients offered and that were never looked up.",
        "why",
        &cache.key_rejected,
    )?;
    page.gauge("tls_session_cache_entries", "Sessions held.", cache.entries)?;
    page.gauge("tls_session_cache_bytes", "Memory that the sessions held count for.", cache.bytes)?;
    page.gauge(
        "tls_session_cache_garbage",
        "Sessions that have left and whose memory is not free yet.",
        cache.garbage,
    )?;
    if let Some(capacity) = cache.capacity {
        page.gauge("tls_session_cache_capacity_entries", "Most sessions held.", capacity)?;
    }
    if let Some(capacity) = cache.capacity_bytes {
        page.gauge("tls_session_cache_capacity_bytes", "Most memory for sessions.", capacity)?;
    }
    Ok(())
}

fn write_server(page: &mut Exposition, figures: &Figures) -> fmt::Result {
    let handshakes = &figures.handshakes;
    let name = "tls_handshakes_total";
    page.head(name, "Handshakes that finished.", "counter")?;
    for (version, kind, count) in [
        ("1.2", "full", handshakes.full12),
        ("1.2", "resumed", handshakes.resumed12),
        ("1.3", "full", handshakes.full13),
        ("1.3", "resumed", handshakes.resumed13),
    ] {
        writeln!(page.0, "{name}{{version=\"{version}\",kind=\"{kind}\"}} {count}")?;
    }
    let name = "tls_host_handshakes_total";
    page.head(
        name,
        "The same by host; * is every server name that has none of its own.",
        "counter",
    )?;
    for host in &figures.hosts {
        // A label needs no escaping: it is a server name or a star.
        for (kind, count) in [("full", host.full), ("resumed", host.resumed)] {
            writeln!(page.0, "{name}{{host=\"{}\",kind=\"{kind}\"}} {count}", host.label)?;
        }
    }
    page.counters(
        "tls_handshake_failures_total",
        "Handshakes that did not finish.",
        "reason",
        &[
            ("abandoned", handshakes.abandoned),
            ("refused", handshakes.refused),
            ("timeout", handshakes.timed_out),
        ],
    )?;
    page.counter(
        "tls_upstream_failures_total",
        "Connections that the upstream server did not take.",
        handshakes.upstream_failures,
    )?;
    page.gauge("tls_connections", "Connections open now.", figures.connections)?;
    page.gauge("tls_connections_max", "Most connections at once.", figures.max_connections)?;
    page.counter(
        "process_cpu_seconds_total",
        "CPU time of the process.",
        figures.cpu.as_secs_f64(),
    )?;
    page.gauge("process_uptime_seconds", "Time since the start.", figures.uptime.as_secs_f64())
}

/// Metrics as they are written down.
struct Exposition(String);

impl Exposition {
    fn head(&mut self, name: &str, help: &str, kind: &str) -> fmt::Result {
        write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n")
    }

    fn counter(&mut self, name: &str, help: &str, value: impl Display) -> fmt::Result {
        self.head(name, help, "counter")?;
        writeln!(self.0, "{name} {value}")
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) -> fmt::Result {
        self.head(name, help, "gauge")?;
        writeln!(self.0, "{name} {value}")
    }

    /// One counter for each value of one label; the values are ours and need no escaping, but
    /// Prometheus' people write them without spaces.
    fn counters(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: &[(&'static str, u64)],
    ) -> fmt::Result {
        self.head(name, help, "counter")?;
        for (value, count) in values {
            let value = value.replace(' ', "_");
            writeln!(self.0, "{name}{{{label}=\"{value}\"}} {count}")?;
        }
        Ok(())
    }
}
