//! The last minute, second by second, for the status page's chart.

use std::collections::VecDeque;

use super::counters::Handshakes;

/// Seconds that are remembered.
pub(super) const SECONDS: usize = 60;

/// Handshakes of one second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Second {
    pub(super) full: u64,
    pub(super) resumed: u64,
}

/// The handshakes of each of the last [`SECONDS`] seconds, the oldest first.
#[derive(Debug, Default)]
pub(super) struct History {
    before: Handshakes,
    seconds: VecDeque<Second>,
}

impl History {
    /// Notes the totals one second after the last call.
    pub(super) fn note(&mut self, now: Handshakes) {
        if self.seconds.len() == SECONDS {
            self.seconds.pop_front();
        }
        self.seconds.push_back(Second {
            full: now.full().saturating_sub(self.before.full()),
            resumed: now.resumed().saturating_sub(self.before.resumed()),
        });
        self.before = now;
    }

    /// What is remembered.
    pub(super) fn seconds(&self) -> Vec<Second> {
        self.seconds.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_a_minute_of_differences() {
        let mut history = History::default();
        for total in 1..=100 {
            history.note(Handshakes {
                full13: total * total,
                resumed12: total,
                ..Default::default()
            });
        }
        let seconds = history.seconds();
        assert_eq!(seconds.len(), SECONDS);
        assert_eq!(seconds.last(), Some(&Second { full: 100 * 100 - 99 * 99, resumed: 1 }));
        assert_eq!(seconds.first(), Some(&Second { full: 41 * 41 - 40 * 40, resumed: 1 }));
    }
}
