//! What clients hold and offer.

use super::population::{Offers, Population, Usage};
use super::trace::{Visit, Visitor};
use crate::random::Random;

/// A session's number, in the order of their making. Ids never recur, as on a real server.
pub(crate) type Id = u32;

/// A session as its client knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) id: Id,
    /// The last millisecond at which it is valid.
    pub(crate) expires: u32,
}

/// The session caches of all clients.
pub(crate) struct Wallets<'a> {
    population: &'a Population,
    /// Oldest first.
    held: Vec<Vec<Held>>,
    random: Random,
}

impl<'a> Wallets<'a> {
    pub(crate) fn new(population: &'a Population) -> Self {
        // The seed need not vary: it only decides which of a client's tickets comes next.
        Self { population, held: vec![Vec::new(); population.wallets()], random: Random::new(1) }
    }

    /// Whose they are; `None` for those who never come again.
    pub(crate) fn owner(&self, visitor: Visitor) -> Option<usize> {
        match visitor {
            Visitor::Client(client) => Some(client as usize),
            Visitor::Returner(returner) => Some(self.population.wallet_of_returner(returner)),
            Visitor::OneOff(place) => Some(self.population.wallet_of_passer_by(place)),
            Visitor::Flood => None,
        }
    }

    /// What the visitor offers on each of the connections it opens, all at once.
    pub(crate) fn offers(&mut self, visit: &Visit, offers: &mut Vec<Option<Held>>) {
        offers.clear();
        let connections = usize::from(visit.connections);
        let Some(owner) = self.owner(visit.visitor) else {
            return offers.resize(connections, None);
        };
        let held = &mut self.held[owner];
        if visit.forgot {
            held.clear();
        }
        held.retain(|session| session.expires >= visit.at);
        if self.population.usage == Usage::Reusable {
            return offers.resize(connections, held.last().copied());
        }
        for _connection in 0..connections {
            let offer = match self.population.offers {
                _ if held.is_empty() => None,
                Offers::AnyAtRandom => Some(held.remove(self.random.below(held.len()))),
                Offers::NewestFirst => held.pop(),
                Offers::OldestFirst => Some(held.remove(0)),
            };
            offers.push(offer);
        }
    }

    /// The visitor is given a session.
    pub(crate) fn keep(&mut self, visitor: Visitor, session: Held) {
        let Some(owner) = self.owner(visitor) else { return };
        let slots = match self.population.usage {
            Usage::Reusable => 1,
            Usage::SingleUse { .. } => usize::from(self.population.slots.max(1)),
        };
        let held = &mut self.held[owner];
        if held.len() >= slots {
            held.remove(0);
        }
        held.push(session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VISIT: Visit =
        Visit { at: 50, visitor: Visitor::Client(0), connections: 2, forgot: false };

    fn offered(population: &Population, expiries: &[u32], visit: &Visit) -> Vec<Option<Id>> {
        let mut wallets = Wallets::new(population);
        for (id, expires) in (0..).zip(expiries) {
            wallets.keep(visit.visitor, Held { id, expires: *expires });
        }
        let mut offers = Vec::new();
        wallets.offers(visit, &mut offers);
        offers.into_iter().map(|offer| offer.map(|held| held.id)).collect()
    }

    #[test]
    fn tickets_are_offered_once_in_the_clients_order_as_far_as_they_go() {
        let newest = Population { slots: 3, ..Population::ORDINARY };
        assert_eq!(offered(&newest, &[90, 90, 90], &VISIT), [Some(2), Some(1)]);
        let oldest = Population { offers: Offers::OldestFirst, ..newest };
        assert_eq!(offered(&oldest, &[90, 90, 90, 90], &VISIT), [Some(1), Some(2)]);
        assert_eq!(offered(&newest, &[90], &VISIT), [Some(0), None]);
    }

    #[test]
    fn what_is_too_old_or_forgotten_is_not_offered() {
        let population = Population::ORDINARY;
        assert_eq!(offered(&population, &[50, 49], &VISIT), [Some(0), None]);
        let forgot = Visit { forgot: true, ..VISIT };
        assert_eq!(offered(&population, &[90, 90], &forgot), [None, None]);
        let flood = Visit { visitor: Visitor::Flood, ..VISIT };
        assert_eq!(offered(&population, &[90, 90], &flood), [None, None]);
    }

    #[test]
    fn a_reusable_session_is_offered_on_every_connection() {
        let reusable = Population { usage: Usage::Reusable, ..Population::ORDINARY };
        assert_eq!(offered(&reusable, &[90, 90], &VISIT), [Some(1), Some(1)]);
    }
}
