//! Least recently used, exactly.

use super::list::{Links, List};
use super::{Lineage, Policy, Size};
use crate::eviction::wallets::Id;

pub(crate) struct Lru {
    capacity: usize,
    here: Vec<bool>,
    links: Links,
    order: List,
}

impl Lru {
    pub(crate) fn new(size: Size) -> Self {
        Self {
            capacity: size.capacity,
            here: vec![false; size.sessions],
            links: Links::new(size.sessions),
            order: List::EMPTY,
        }
    }
}

impl Policy for Lru {
    fn put(&mut self, id: Id, _lineage: Lineage) {
        if self.order.len() == self.capacity
            && let Some(victim) = self.order.pop_oldest(&mut self.links)
        {
            self.here[victim as usize] = false;
        }
        self.here[id as usize] = true;
        self.order.push_newest(&mut self.links, id);
    }

    fn get(&mut self, id: Id) -> bool {
        let is_here = self.here[id as usize];
        if is_here {
            self.order.make_newest(&mut self.links, id);
        }
        is_here
    }

    fn remove(&mut self, id: Id) -> bool {
        let was_here = std::mem::take(&mut self.here[id as usize]);
        if was_here {
            self.order.unlink(&mut self.links, id);
        }
        was_here
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::ANY;
    use super::*;
    use crate::random::Random;

    #[test]
    fn it_does_what_a_sorted_list_does() {
        let mut random = Random::new(1);
        let mut lru = Lru::new(Size { capacity: 7, sessions: 4_000 });
        // The least recently used first.
        let mut naive: Vec<Id> = Vec::new();
        for id in 0..4_000 {
            lru.put(id, ANY);
            if naive.len() == 7 {
                naive.remove(0);
            }
            naive.push(id);
            let asked = id.saturating_sub(u32::try_from(random.below(12)).expect("small"));
            let place = naive.iter().position(|held| *held == asked);
            if random.below(4) == 0 {
                assert_eq!(lru.take(asked), place.is_some());
                place.map(|place| naive.remove(place));
            } else {
                assert_eq!(lru.get(asked), place.is_some());
                if let Some(place) = place {
                    let hit = naive.remove(place);
                    naive.push(hit);
                }
            }
        }
    }
}
