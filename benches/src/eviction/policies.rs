//! The policies: one file each, one trait for all.

pub(crate) mod belady;
pub(crate) mod clock;
pub(crate) mod fifo;
pub(crate) mod lineage_clock;
mod list;
pub(crate) mod lru;
pub(crate) mod random;
pub(crate) mod s3_fifo;
#[cfg(test)]
mod shipped;
pub(crate) mod sieve;
pub(crate) mod tiny_lfu;

use super::wallets::Id;

/// Where a session comes from, as far as the server can know when it issues one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lineage {
    /// How many resumptions led here from the full handshake; 0 for that handshake's own.
    pub(crate) depth: u16,
    /// Which of the handshake's tickets this is, from 0, in the order of sending.
    pub(crate) ticket: u8,
    /// How many the handshake issues.
    pub(crate) tickets: u8,
    /// The session that the handshake resumed.
    pub(crate) parent: Option<Id>,
}

impl Lineage {
    /// Whether tickets were sent before this one on the same handshake, and none after.
    pub(crate) fn is_last_of_several(self) -> bool {
        self.tickets > 1 && self.ticket + 1 == self.tickets
    }
}

/// A cache that holds so many sessions and no more.
pub(crate) trait Policy {
    /// A session arrives, of an id that was never there before. It is never its own victim.
    fn put(&mut self, id: Id, lineage: Lineage);

    /// A lookup that leaves the session where it is.
    fn get(&mut self, id: Id) -> bool;

    /// The session leaves; says whether it was there.
    fn remove(&mut self, id: Id) -> bool;

    /// A lookup that takes the session out.
    fn take(&mut self, id: Id) -> bool {
        self.remove(id)
    }
}

/// How large a cache is simulated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Sessions it holds; at least 1.
    pub(crate) capacity: usize,
    /// Sessions that will ever be issued: ids are smaller than this.
    pub(crate) sessions: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eviction::contenders::{self, Method};

    /// Of no lineage in particular.
    pub(super) const ANY: Lineage = Lineage { depth: 0, ticket: 0, tickets: 1, parent: None };

    /// Every policy that can be simulated, empty.
    fn every_policy(size: Size) -> Vec<(&'static str, Box<dyn Policy>)> {
        let made = contenders::all().into_iter().filter_map(|contender| match contender.method {
            Method::Belady => None,
            Method::Lineage(candidate) => {
                let clock = lineage_clock::LineageClock::new(size, 7, candidate);
                Some((contender.name, Box::new(clock) as Box<dyn Policy>))
            }
            Method::Policy(make) => Some((contender.name, make(size, 7))),
        });
        made.collect()
    }

    #[test]
    fn a_newcomer_stays_and_the_capacity_holds() {
        for capacity in [1, 2, 10, 200] {
            for (name, mut policy) in every_policy(Size { capacity, sessions: 2_000 }) {
                for id in 0..2_000 {
                    policy.put(id, ANY);
                    assert!(policy.get(id), "{name} of {capacity}: its own victim");
                }
                let held = (0..2_000).filter(|id| policy.get(*id)).count();
                assert_eq!(held, capacity, "{name}");
            }
        }
    }

    #[test]
    fn what_was_taken_is_gone_and_its_room_is_used() {
        for (name, mut policy) in every_policy(Size { capacity: 50, sessions: 101 }) {
            (0..50).for_each(|id| policy.put(id, ANY));
            for id in 50..100 {
                let taken = (0..id).rev().find(|id| policy.take(*id)).expect("it is full");
                assert!(!policy.get(taken) && !policy.take(taken), "{name}");
                policy.put(id, ANY);
            }
            let held = (0..100).filter(|id| policy.get(*id)).count();
            assert_eq!(held, 50, "{name}");
        }
    }
}
