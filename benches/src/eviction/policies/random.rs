//! A victim by chance: what any better policy has to beat.

use super::{Lineage, Policy, Size};
use crate::eviction::wallets::Id;
use crate::random::Random;

const ABSENT: u32 = u32::MAX;

pub(crate) struct AnyOne {
    capacity: usize,
    held: Vec<Id>,
    /// Where in `held` each id stands.
    places: Vec<u32>,
    random: Random,
}

impl AnyOne {
    pub(crate) fn new(size: Size, seed: u64) -> Self {
        Self {
            capacity: size.capacity,
            held: Vec::with_capacity(size.capacity),
            places: vec![ABSENT; size.sessions],
            random: Random::new(seed),
        }
    }
}

impl Policy for AnyOne {
    fn put(&mut self, id: Id, _lineage: Lineage) {
        if self.held.len() == self.capacity {
            let victim = self.held[self.random.below(self.capacity)];
            self.remove(victim);
        }
        self.places[id as usize] = u32::try_from(self.held.len()).unwrap_or(ABSENT);
        self.held.push(id);
    }

    fn get(&mut self, id: Id) -> bool {
        self.places[id as usize] != ABSENT
    }

    fn remove(&mut self, id: Id) -> bool {
        let place = std::mem::replace(&mut self.places[id as usize], ABSENT);
        if place == ABSENT {
            return false;
        }
        self.held.swap_remove(place as usize);
        if let Some(moved) = self.held.get(place as usize) {
            self.places[*moved as usize] = place;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::ANY;
    use super::*;

    #[test]
    fn any_may_go() {
        let survivors = |seed| {
            let mut any_one = AnyOne::new(Size { capacity: 8, sessions: 16 }, seed);
            (0..16).for_each(|id| any_one.put(id, ANY));
            (0..16).filter(|id| any_one.get(*id)).collect::<Vec<_>>()
        };
        assert_eq!(survivors(1), survivors(1));
        assert!((2..20).any(|seed| survivors(seed) != survivors(1)));
    }
}
