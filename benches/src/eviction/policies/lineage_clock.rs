//! CLOCK with a credit that depends on where a session comes from: the candidates.
//!
//! None of them ships; `benches/results/eviction.md` says why not. A candidate that knows nothing of a
//! session's lineage gives it [`ORDINARY_CREDIT`], and is then CLOCK.

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
    pub(crate) spends: Spends,
}

/// Whose credit is lost when a ticket is taken: its client has newer ones now, or offers them in another
/// order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spends {
    Nothing,
    /// Of those sent before the parent of the one taken, on the parent's handshake: the client has
    /// resumed twice without offering them.
    ParentsSiblings,
    /// Of those sent before it on the same handshake.
    Siblings,
}

impl Spends {
    /// What it costs to find another session from one: a hash of its id, which leads to its bucket.
    pub(crate) fn bytes(self) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::ParentsSiblings | Self::Siblings => 8,
        }
    }
}

pub(crate) struct LineageClock {
    clock: Clock,
    candidate: Candidate,
    lineages: Vec<Option<Lineage>>,
}

impl LineageClock {
    pub(crate) fn new(size: Size, seed: u64, candidate: Candidate) -> Self {
        Self {
            clock: Clock::new(size, seed).restoring(candidate.restored),
            candidate,
            lineages: vec![None; size.sessions],
        }
    }

    fn spend_those_before(&mut self, id: Id) {
        let Some(lineage) = self.lineages[id as usize] else { return };
        // Ids are given in order: the handshake's first ticket has the lowest.
        for sibling in id - Id::from(lineage.ticket)..id {
            self.clock.demote(sibling);
        }
    }
}

impl Policy for LineageClock {
    fn put(&mut self, id: Id, lineage: Lineage) {
        self.lineages[id as usize] = Some(lineage);
        self.clock.put_with(id, (self.candidate.credit)(lineage));
    }

    fn get(&mut self, id: Id) -> bool {
        self.clock.get(id)
    }

    fn remove(&mut self, id: Id) -> bool {
        self.clock.remove(id)
    }

    fn take(&mut self, id: Id) -> bool {
        if !self.clock.take(id) {
            return false;
        }
        match self.candidate.spends {
            Spends::Nothing => {}
            Spends::Siblings => self.spend_those_before(id),
            Spends::ParentsSiblings => {
                let parent = self.lineages[id as usize].and_then(|lineage| lineage.parent);
                if let Some(parent) = parent {
                    self.spend_those_before(parent);
                }
            }
        }
        true
    }
}

/// CLOCK itself, from which the candidates differ.
const PLAIN: Candidate = Candidate {
    name: "",
    credit: |_| ORDINARY_CREDIT,
    restored: ORDINARY_CREDIT,
    spends: Spends::Nothing,
};

/// The candidates that were tried.
pub(crate) const CANDIDATES: [Candidate; 8] = [
    // Not of lineage: how far from LRU the width of CLOCK's ages is.
    Candidate { name: "CLOCK: 3 for all", credit: |_| 3, restored: 3, ..PLAIN },
    Candidate {
        name: "CLOCK: returned 2, first 1",
        credit: |lineage| if lineage.depth > 0 { 2 } else { 1 },
        ..PLAIN
    },
    Candidate {
        name: "CLOCK: returned 1, first 0",
        credit: |lineage| u8::from(lineage.depth > 0),
        ..PLAIN
    },
    Candidate {
        name: "CLOCK: last ticket 2, others 1",
        credit: |lineage| if lineage.is_last_of_several() { 2 } else { 1 },
        ..PLAIN
    },
    Candidate {
        name: "CLOCK: last ticket 1, others 0",
        credit: |lineage| u8::from(lineage.ticket + 1 == lineage.tickets),
        ..PLAIN
    },
    // The lineage of an id of TLS 1.2, which is resumed and stays.
    Candidate { name: "CLOCK: a hit earns 2", restored: 2, ..PLAIN },
    Candidate { name: "CLOCK: taken spends spares", spends: Spends::Siblings, ..PLAIN },
    Candidate {
        name: "CLOCK: taken spends older spares",
        spends: Spends::ParentsSiblings,
        ..PLAIN
    },
];

#[cfg(test)]
mod tests {
    use super::super::clock::Clock;
    use super::*;
    use crate::eviction::population::Population;
    use crate::eviction::simulate::simulate;

    #[test]
    fn unknown_lineage_is_clock() {
        let trace = Population::ORDINARY.trace(4_000, 9);
        let size = Size { capacity: 200, sessions: trace.most_sessions() };
        let clock = simulate(&trace, &mut Clock::new(size, 9));
        assert_eq!(simulate(&trace, &mut LineageClock::new(size, 9, PLAIN)), clock);
        // And a candidate that knows something is not, or this would prove nothing.
        for candidate in CANDIDATES.iter().filter(|candidate| candidate.restored == 1) {
            let outcome = simulate(&trace, &mut LineageClock::new(size, 9, *candidate));
            assert_ne!(outcome, clock, "{}", candidate.name);
        }
    }

    #[test]
    fn taking_a_ticket_spends_those_sent_before_it() {
        let size = Size { capacity: 10, sessions: 100 };
        let spending = |spends| LineageClock::new(size, 1, Candidate { spends, ..PLAIN });
        let ticket = |ticket, parent| Lineage { depth: 0, ticket, tickets: 2, parent };
        let other = Lineage { depth: 0, ticket: 0, tickets: 1, parent: None };

        let mut siblings = spending(Spends::Siblings);
        siblings.put(0, ticket(0, None));
        siblings.put(1, ticket(1, None));
        assert!(siblings.take(1));
        (2..12).for_each(|id| siblings.put(id, other));
        assert!(!siblings.get(0));

        let mut parents = spending(Spends::ParentsSiblings);
        parents.put(0, ticket(0, None));
        parents.put(1, ticket(1, None));
        assert!(parents.take(1));
        parents.put(2, ticket(0, Some(1)));
        parents.put(3, ticket(1, Some(1)));
        assert_eq!(
            parents.clock.credit(0),
            Some(1),
            "its client may be opening connections at once"
        );
        assert!(parents.take(3));
        assert_eq!(parents.clock.credit(0), Some(0));
        assert_eq!(parents.clock.credit(2), Some(1));
    }
}
