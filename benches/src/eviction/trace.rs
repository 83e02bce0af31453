//! What arrives at the server, whatever it answers: who connects, when, and with how many connections.

use super::population::Population;

/// One visitor opens one or more connections at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    /// Milliseconds since the trace began; never falls.
    pub(crate) at: u32,
    pub(crate) visitor: Visitor,
    /// Connections opened at once: each offers before any of them has brought new tickets.
    pub(crate) connections: u8,
    /// The visitor holds no sessions: a restart, a private window, or somebody else in this place. To
    /// the server a client that forgot and a new one are the same.
    pub(crate) forgot: bool,
}

/// Who connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visitor {
    /// Somebody who may come again, and the place where the sessions held are kept.
    Client(u32),
    /// An attacker's first visit; nothing that it is given is ever offered.
    Flood,
    /// A passer-by, who stays for one burst of visits and never comes again; and the place where the
    /// sessions held are kept meanwhile.
    OneOff(u32),
    /// An attacker who resumes, to be taken for a client that returns.
    Returner(u32),
}

impl Visitor {
    /// Whether these are the connections that the server is there for.
    pub(crate) fn is_honest(self) -> bool {
        matches!(self, Self::Client(_) | Self::OneOff(_))
    }
}

/// What arrives, in order, and the population that it was drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    pub(crate) population: Population,
    pub(crate) visits: Vec<Visit>,
}

impl Trace {
    /// The first visit that is counted. Before it caches fill, and no attacker has come yet.
    pub(crate) fn measured_from(&self) -> usize {
        warm_up(self.visits.len())
    }

    /// No more sessions than this are issued.
    pub(crate) fn most_sessions(&self) -> usize {
        let connections: usize =
            self.visits.iter().map(|visit| usize::from(visit.connections)).sum();
        connections * usize::from(self.population.usage.tickets())
    }
}

/// How many of `visits` are not counted.
pub(crate) fn warm_up(visits: usize) -> usize {
    visits / 4
}
