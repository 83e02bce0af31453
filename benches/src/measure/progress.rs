//! Says what is being measured, how far the run is, and how long it will still take.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Elsewhere than on a terminal, one line so often.
const PAUSE: Duration = Duration::from_secs(10);

/// How far a run is.
pub(crate) struct Progress {
    started: Instant,
    /// In seconds that were expected when the run began.
    done: f64,
    total: f64,
    terminal: bool,
    shown: Option<Instant>,
}

impl Progress {
    /// A run that is expected to take so many seconds.
    pub(crate) fn of(total: f64) -> Self {
        let terminal = io::stderr().is_terminal();
        Self { started: Instant::now(), done: 0.0, total, terminal, shown: None }
    }

    /// What begins now, and how many seconds it was expected to take.
    pub(crate) fn step(&mut self, expected: f64, what: &str) {
        let share = (self.done / self.total).clamp(0.0, 0.999);
        self.done += expected;
        let due = self.shown.is_none_or(|shown| shown.elapsed() >= PAUSE);
        if !self.terminal && !due {
            return;
        }
        self.shown = Some(Instant::now());
        let elapsed = self.started.elapsed().as_secs_f64();
        // The expectation counts as much as a twentieth of the run: at first it is all there is.
        let pace = (elapsed + 0.05 * self.total) / (share * self.total + 0.05 * self.total);
        let left = pace * (1.0 - share) * self.total;
        let line = format!("{:>3.0} %, {} left: {what}", 100.0 * share, duration(left));
        if self.terminal {
            eprint!("\r\x1b[K{line}");
            // A progress line that cannot be written is no reason to stop measuring.
            let _ = io::stderr().flush();
        } else {
            eprintln!("{line}");
        }
    }

    pub(crate) fn finish(&self) {
        let end = if self.terminal { "\r\x1b[K" } else { "" };
        eprintln!("{end}measured in {}", duration(self.started.elapsed().as_secs_f64()));
    }
}

/// Seconds as one says them.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds < 90.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}
