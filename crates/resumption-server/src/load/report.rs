//! The table at the end, and the errors below it.

use std::fmt;

use super::phase::{Handshake, Measured};
use crate::text::{self, Table};

/// The results of all phases.
pub(super) struct Report<'a>(pub(super) &'a [Measured]);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(
            2,
            [
                "version",
                "handshake",
                "per second",
                "p50",
                "p90",
                "p99",
                "p99.9",
                "max",
                "resumed",
                "errors",
            ],
        );
        for measured in self.0 {
            let tally = &measured.tally;
            let mut cells = vec![
                measured.version.to_string(),
                measured.handshake.to_string(),
                text::rate(measured.rate()),
            ];
            cells.extend(
                [0.5, 0.9, 0.99, 0.999, 1.0].map(|quantile| text::latency(tally.latency(quantile))),
            );
            cells.push(match (measured.handshake, tally.resumption_rate()) {
                (Handshake::Resumed, Some(rate)) => text::percent(rate),
                // Nothing was offered; a session resumed all the same would be a grave fault.
                (Handshake::Full, _) if tally.resumed() == 0 => "-".to_owned(),
                _ => text::grouped(tally.resumed()),
            });
            cells.push(text::grouped(tally.failures()));
            table.row(cells);
        }
        write!(f, "{table}")?;
        for measured in self.0 {
            for (kind, count) in measured.tally.errors() {
                let count = text::grouped(count);
                writeln!(f, "  {} {}: {count} x {kind}", measured.version, measured.handshake)?;
            }
        }
        Ok(())
    }
}
