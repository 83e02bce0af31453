//! Progress on standard error: a bar for people at a terminal, one plain line a phase for logs.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::phase::Phase;

/// The bar counts milliseconds.
fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Shows how far a phase is.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    pub(super) fn start(phase: &Phase) -> Self {
        let label = format!("{} {}", phase.version, phase.handshake);
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(millis(phase.duration));
            let style = ProgressStyle::with_template("{prefix:16} {wide_bar:.cyan} {msg:>18}");
            if let Ok(style) = style {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar.set_prefix(label);
            Self(Some(bar))
        } else {
            // Nobody to tell when standard error is gone.
            let _ = writeln!(
                std::io::stderr(),
                "{label}: {:.1} s, {} threads",
                phase.duration.as_secs_f64(),
                phase.threads
            );
            Self(None)
        }
    }

    /// `handshakes` done after `elapsed`.
    pub(super) fn show(&self, elapsed: Duration, handshakes: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(millis(elapsed));
            let rate = u128::from(handshakes) * 1_000 / elapsed.as_millis().max(1);
            bar.set_message(format!("{rate} handshakes/s"));
        }
    }

    /// Takes the bar away: the table says it all.
    pub(super) fn finish(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
