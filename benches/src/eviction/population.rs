//! Who there is, along dimensions that can be varied, and the traces they make.
//!
//! Nothing here is taken from a real server: nobody publishes such traces. What is claimed of a policy
//! is therefore claimed over many populations, of which each differs from the first in few dimensions.

use super::arrivals::Arrivals;
use super::chance;
use super::trace::{Trace, warm_up};
use crate::random::Random;

/// The dimensions. [`Population::ORDINARY`] is the point from which the families vary them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Population {
    /// Clients that may come again.
    pub(crate) clients: u32,
    /// The exponent of their popularity: the k-th comes as often as k to minus this.
    pub(crate) skew: f64,
    /// When they come.
    pub(crate) rhythm: Rhythm,
    /// How long it takes until as many have come as there are clients, in seconds.
    pub(crate) mean_gap: f64,
    /// Visits close together.
    pub(crate) burst: Burst,
    /// Seconds between the visits of a burst, on average.
    pub(crate) think: f64,
    /// The largest number of connections opened at once; each from 1 to this is as likely.
    pub(crate) parallel: u8,
    /// The share of visits by a passer-by who was never here before and does not come again, except in
    /// the same burst.
    pub(crate) one_off: f64,
    /// The visits of a passer-by.
    pub(crate) one_off_burst: Burst,
    /// The share of a client's returns at which it holds nothing: it forgot, or is another by now.
    pub(crate) forgets: f64,
    /// What the server issues.
    pub(crate) usage: Usage,
    /// Seconds for which a session is valid. Clients know it, and offer none that is too old.
    pub(crate) lifetime: u32,
    /// How many tickets a client keeps.
    pub(crate) slots: u8,
    /// Which of its tickets a client offers.
    pub(crate) offers: Offers,
    /// An attacker, who comes when the warm-up ends.
    pub(crate) attack: Attack,
}

/// How many visits follow close upon each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Burst {
    /// Always as many.
    Exactly(u16),
    /// As many on average, without memory.
    Mean(f64),
}

impl Burst {
    /// A single visit.
    pub(crate) const NONE: Self = Self::Exactly(1);

    pub(crate) fn mean(self) -> f64 {
        match self {
            Self::Exactly(visits) => f64::from(visits),
            Self::Mean(visits) => visits,
        }
    }

    /// How many visits follow the first.
    pub(crate) fn followers(self, random: &mut Random) -> u16 {
        match self {
            Self::Exactly(visits) => visits.saturating_sub(1),
            Self::Mean(visits) => chance::geometric(random, visits - 1.0),
        }
    }
}

/// When clients come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rhythm {
    /// By chance, independent of each other and of the hour.
    Poisson,
    /// As services poll: each client after the same time, give or take this share of it.
    Polling { jitter: f64 },
    /// By chance, at a rate that rises and falls by 80 % over this many seconds.
    Tide { period: f64 },
}

/// What the server issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    /// TLS 1.2 session ids: one for each full handshake, good for any number of resumptions.
    Reusable,
    /// Stateful TLS 1.3 tickets: so many on each handshake, resumed or not, each good for one.
    SingleUse { tickets: u8 },
}

impl Usage {
    /// How many sessions a full handshake brings.
    pub(crate) fn tickets(self) -> u8 {
        match self {
            Self::Reusable => 1,
            Self::SingleUse { tickets } => tickets,
        }
    }
}

/// Which of its tickets a client offers. The newest: rustls, and what keeps one or two. The standard
/// does not say (RFC 8446, C.4 only asks for each to be used once).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offers {
    AnyAtRandom,
    NewestFirst,
    OldestFirst,
}

/// What an attacker does, and which share of the visits is theirs while they do it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Attack {
    /// Visits once each, as a new client.
    FirstVisits(f64),
    None,
    /// Comes again and again as few clients, which all resume.
    Returns(f64),
}

/// How many clients an attacker who returns pretends to be.
pub(crate) const RETURNERS: u32 = 100;

/// More passers-by are never here at once.
pub(crate) const PASSERS_BY: u32 = 10_000;

impl Population {
    /// Browsers at a web server that issues two tickets on each handshake.
    pub(crate) const ORDINARY: Self = Self {
        clients: 4_000,
        skew: 0.8,
        rhythm: Rhythm::Poisson,
        mean_gap: 3_600.0,
        burst: Burst::Mean(3.0),
        think: 10.0,
        parallel: 1,
        one_off: 0.3,
        one_off_burst: Burst::NONE,
        forgets: 0.05,
        usage: Usage::SingleUse { tickets: 2 },
        lifetime: 7_200,
        slots: 2,
        offers: Offers::NewestFirst,
        attack: Attack::None,
    };

    /// How many clients, attackers among them, may hold sessions.
    pub(crate) fn wallets(&self) -> usize {
        (self.clients + RETURNERS + PASSERS_BY) as usize
    }

    /// Where a passer-by keeps its sessions.
    pub(crate) fn wallet_of_passer_by(&self, place: u32) -> usize {
        (self.clients + RETURNERS + place) as usize
    }

    /// Where an attacker's client keeps its sessions.
    pub(crate) fn wallet_of_returner(&self, returner: u32) -> usize {
        (self.clients + returner) as usize
    }

    /// `visits` visits of this population.
    pub(crate) fn trace(&self, visits: usize, seed: u64) -> Trace {
        let mut arrivals = Arrivals::new(self, seed);
        let quiet = warm_up(visits);
        let visits = (0..visits).map(|number| arrivals.next_visit(number >= quiet)).collect();
        Trace { population: *self, visits }
    }
}
