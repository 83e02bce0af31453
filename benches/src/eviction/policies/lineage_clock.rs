//! CLOCK with a credit that depends on where a session comes from: the candidates.

use super::clock::{Clock, ORDINARY_CREDIT};
use super::{Lineage, Policy, Size};
use crate::eviction::wallets::Id;

/// One way of giving credit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) name: &'static str,
    /// What a session starts with.
    pub(crate) credit: fn(Lineage) -> u8,
    /// What a hit restores.
    pub(crate) restored: u8,
    /// Whether taking a ticket leaves those sent before it, on the same handshake, without credit.
    pub(crate) spends_siblings: bool,
}

pub(crate) struct LineageClock {
    clock: Clock,
    candidate: Candidate,
    /// Each session's place among its handshake's tickets.
    tickets: Vec<u8>,
}

impl LineageClock {
    pub(crate) fn new(size: Size, seed: u64, candidate: Candidate) -> Self {
        Self {
            clock: Clock::restoring(size, seed, candidate.restored),
            candidate,
            tickets: vec![0; size.sessions],
        }
    }
}

impl Policy for LineageClock {
    fn put(&mut self, id: Id, lineage: Lineage) {
        self.tickets[id as usize] = lineage.ticket;
        self.clock.put_with(id, (self.candidate.credit)(lineage));
    }

    fn get(&mut self, id: Id) -> bool {
        self.clock.get(id)
    }

    fn remove(&mut self, id: Id) -> bool {
        self.clock.remove(id)
    }

    fn take(&mut self, id: Id) -> bool {
        let taken = self.clock.take(id);
        if taken && self.candidate.spends_siblings {
            // Ids are given in order: the handshake's first ticket has the lowest.
            for sibling in id - Id::from(self.tickets[id as usize])..id {
                self.clock.demote(sibling);
            }
        }
        taken
    }
}

/// The candidates that were tried.
pub(crate) const CANDIDATES: [Candidate; 1] = [Candidate {
    name: "CLOCK, lineage unknown",
    credit: |_| ORDINARY_CREDIT,
    restored: ORDINARY_CREDIT,
    spends_siblings: false,
}];
