//! The clients, and what their visits amount to.

use std::collections::HashSet;
use std::process::Command;
use std::time::Duration;

use super::hosts::Hosts;
use super::lab::Lab;
use super::talker::Talker;
use crate::failure::Failure;

/// How long a client is away, on average. Long enough for a session to reach the store.
const PAUSE: Duration = Duration::from_millis(60);

/// Clients on rustls that come back to random hosts; half of them speak TLS 1.2, half TLS 1.3.
pub(crate) struct Clients(Talker);

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Failed,
    Full,
    Resumed,
}

/// One connection of a client.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    client: u32,
    thirteen: bool,
    pub(crate) end: End,
    /// The handshake, as the client sees it.
    pub(crate) took: Duration,
    /// Why it failed.
    pub(crate) why: String,
}

impl Clients {
    pub(crate) fn start(lab: &Lab, hosts: &Hosts, number: u32) -> Result<Self, Failure> {
        Self::with_pause(lab, hosts, number, PAUSE)
    }

    pub(crate) fn with_pause(
        lab: &Lab,
        hosts: &Hosts,
        number: u32,
        pause: Duration,
    ) -> Result<Self, Failure> {
        let mut command = Command::new(lab.program("examples/fleet-client"));
        command.args(["load", &lab.seed().to_string(), &number.to_string()]);
        command.args([&pause.as_millis().to_string(), Hosts::NAME, "both"]);
        command.args(hosts.ports().iter().map(u16::to_string));
        Talker::start("the clients", &mut command).map(Self)
    }

    /// The visits since the last call.
    pub(crate) fn take(&self) -> Vec<Visit> {
        self.0.take().iter().filter_map(|line| Visit::parse(line)).collect()
    }

    /// Lets the clients finish what they are doing, and returns the visits since the last call.
    pub(crate) fn finish(self) -> Result<Vec<Visit>, Failure> {
        Ok(self.0.finish()?.iter().filter_map(|line| Visit::parse(line)).collect())
    }
}

impl Visit {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(6, ' ');
        let client = words.next()?.parse().ok()?;
        let thirteen = words.next()? == "1.3";
        let _port = words.next()?;
        let end = match words.next()? {
            "full" => End::Full,
            "resumed" => End::Resumed,
            _ => End::Failed,
        };
        let took = Duration::from_micros(words.next()?.parse().ok()?);
        Some(Self { client, thirteen, end, took, why: words.next().unwrap_or_default().to_owned() })
    }
}

/// How many came back, and how many of them resumed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Share {
    pub(crate) returned: u32,
    pub(crate) resumed: u32,
}

impl Share {
    pub(crate) fn percent(self) -> f64 {
        if self.returned == 0 {
            return 0.0;
        }
        100.0 * f64::from(self.resumed) / f64::from(self.returned)
    }

    fn add(&mut self, end: End) {
        self.returned += 1;
        self.resumed += u32::from(end == End::Resumed);
    }
}

/// What the visits of some time amount to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) visits: usize,
    pub(crate) failed: Vec<String>,
    /// The first visit of each client is not counted: what it brings, it got earlier.
    pub(crate) tls12: Share,
    pub(crate) tls13: Share,
    full: Vec<Duration>,
    resumed: Vec<Duration>,
}

impl Tally {
    pub(crate) fn of(visits: &[Visit]) -> Self {
        let mut tally = Self { visits: visits.len(), ..Self::default() };
        let mut known = HashSet::new();
        for visit in visits {
            match visit.end {
                End::Failed => tally.failed.push(visit.why.clone()),
                End::Full => tally.full.push(visit.took),
                End::Resumed => tally.resumed.push(visit.took),
            }
            if !known.insert(visit.client) {
                let share = if visit.thirteen { &mut tally.tls13 } else { &mut tally.tls12 };
                share.add(visit.end);
            }
        }
        tally.full.sort_unstable();
        tally.resumed.sort_unstable();
        tally
    }

    /// Both versions together.
    pub(crate) fn share(&self) -> Share {
        Share {
            returned: self.tls12.returned + self.tls13.returned,
            resumed: self.tls12.resumed + self.tls13.resumed,
        }
    }

    /// Resumed handshakes.
    pub(crate) fn resumed(&self) -> u64 {
        u64::try_from(self.resumed.len()).unwrap_or(u64::MAX)
    }

    /// The handshake than which this share of the handshakes took no longer.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let mut all = [&self.full[..], &self.resumed[..]].concat();
        all.sort_unstable();
        quantile(&all, share)
    }

    pub(crate) fn full_quantile(&self, share: f64) -> Duration {
        quantile(&self.full, share)
    }

    pub(crate) fn resumed_quantile(&self, share: f64) -> Duration {
        quantile(&self.resumed, share)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a rank among a few thousand"
)]
fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_visit_of_a_client_is_no_return() {
        let lines = [
            "0 1.3 4 full 900",
            "0 1.3 5 resumed 300",
            "1 1.2 5 full 100",
            "1 1.2 4 failed 7 no page",
        ];
        let visits: Vec<_> = lines.iter().filter_map(|line| Visit::parse(line)).collect();
        let tally = Tally::of(&visits);
        assert_eq!((tally.visits, tally.failed.len()), (4, 1));
        assert_eq!(tally.failed, ["no page"]);
        assert_eq!((tally.tls13.returned, tally.tls13.resumed), (1, 1));
        assert_eq!((tally.tls12.returned, tally.tls12.resumed), (1, 0));
        assert_eq!(tally.full_quantile(1.0), Duration::from_micros(900));
        assert_eq!(tally.quantile(0.5), Duration::from_micros(300));
    }

    #[test]
    fn no_visits_are_no_share() {
        assert!(Tally::of(&[]).share().percent() < f64::EPSILON);
    }
}
