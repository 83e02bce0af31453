//! What the demonstration shows: a table, and commands to try.

use std::fmt;
use std::time::Duration;

use crate::load::Measured;
use crate::text::{self, Table};

/// Full and resumed handshakes over one version.
pub(super) struct Pair {
    pub(super) full: Run,
    pub(super) resumed: Run,
}

/// One measured phase and the server's CPU time in it.
pub(super) struct Run {
    pub(super) measured: Measured,
    pub(super) server_cpu: Duration,
}

impl Run {
    /// The server's CPU time for one handshake, the tiny request included.
    fn cpu_each(&self) -> Duration {
        let handshakes = u32::try_from(self.measured.tally.handshakes()).unwrap_or(u32::MAX);
        self.server_cpu / handshakes.max(1)
    }

    fn cells(&self) -> Vec<String> {
        let Measured { version, handshake, tally, .. } = &self.measured;
        vec![
            version.to_string(),
            handshake.to_string(),
            text::rate(self.measured.rate()),
            text::latency(tally.latency(0.5)),
            text::latency(tally.latency(0.99)),
            text::latency(self.cpu_each()),
        ]
    }
}

/// The table.
pub(super) struct Report<'a>(pub(super) &'a [Pair]);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(
            2,
            ["version", "handshake", "per second", "p50", "p99", "server CPU each", "resumed"],
        );
        for (at, Pair { full, resumed }) in self.0.iter().enumerate() {
            if at > 0 {
                table.row([]);
            }
            table.row(full.cells());
            let mut cells = resumed.cells();
            cells.push(
                resumed.measured.tally.resumption_rate().map_or_else(String::new, text::percent),
            );
            table.row(cells);
            let cpu = resumed.cpu_each().as_secs_f64() / full.cpu_each().as_secs_f64().max(1e-9);
            table.row([
                String::new(),
                "resumed/full".to_owned(),
                format!("{:.2} x", resumed.measured.rate() / full.measured.rate().max(1e-9)),
                String::new(),
                String::new(),
                format!("{cpu:.2} x"),
            ]);
        }
        write!(f, "{table}")?;
        for run in self.0.iter().flat_map(|pair| [&pair.full, &pair.resumed]) {
            let Measured { version, handshake, tally, .. } = &run.measured;
            for (kind, count) in tally.errors() {
                writeln!(f, "  {version} {handshake}: {} x {kind}", text::grouped(count))?;
            }
        }
        Ok(())
    }
}

/// Commands to copy, against the server at `.0`.
pub(super) struct Commands<'a>(pub(super) &'a str);

impl fmt::Display for Commands<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let client = format!("openssl s_client -connect {}", self.0);
        let only = "2>/dev/null | grep -E '^(New|Reused)'";
        writeln!(f, "  TLS 1.2, one connection and five more that resume its session:")?;
        writeln!(f, "    {client} -tls1_2 -reconnect </dev/null {only}")?;
        writeln!(f, "  TLS 1.3, a connection that keeps its ticket, and one that resumes it:")?;
        let request = r"printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'";
        writeln!(f, "    {request} | {client} -tls1_3 -ign_eof -sess_out session.pem {only}")?;
        writeln!(f, "    {client} -tls1_3 -sess_in session.pem </dev/null {only}")
    }
}
