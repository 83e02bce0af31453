//! Clients and server take turns: what clients offer next depends on what the server issued before.

use std::ops::Range;

use super::population::Usage;
use super::trace::{Trace, Visit};
use super::wallets::{Held, Id, Wallets};

/// One handshake, as the server sees it.
pub(crate) struct Handshake<'a> {
    /// The visit's place in the trace.
    pub(crate) number: usize,
    pub(crate) visit: &'a Visit,
    pub(crate) offered: Option<Held>,
    usage: Usage,
    next_id: Id,
}

impl Handshake<'_> {
    /// The sessions that the server issues: tickets each time, ids of TLS 1.2 unless it resumes.
    pub(crate) fn issued(&self, resumed: bool) -> Range<Id> {
        match self.usage {
            Usage::Reusable if resumed => self.next_id..self.next_id,
            usage => self.next_id..self.next_id + Id::from(usage.tickets()),
        }
    }
}

/// Plays the trace; `resumes` says of each handshake whether the server resumes.
pub(crate) fn replay(trace: &Trace, mut resumes: impl FnMut(&Handshake<'_>) -> bool) {
    let population = &trace.population;
    let lifetime = population.lifetime.saturating_mul(1000);
    let mut wallets = Wallets::new(population);
    let (mut offers, mut given) = (Vec::new(), Vec::new());
    let mut next_id = 0;
    for (number, visit) in trace.visits.iter().enumerate() {
        wallets.offers(visit, &mut offers);
        for &offered in &offers {
            let usage = population.usage;
            let handshake = Handshake { number, visit, offered, usage, next_id };
            let issued = handshake.issued(resumes(&handshake));
            next_id = issued.end;
            given.extend(issued);
        }
        // Not before all connections have offered.
        for id in given.drain(..) {
            wallets.keep(visit.visitor, Held { id, expires: visit.at.saturating_add(lifetime) });
        }
    }
}
