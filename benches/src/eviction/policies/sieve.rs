//! SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi, NSDI 2024): a hand goes from the oldest to the newest,
//! spares once what was hit, and evicts the first that was not. Nothing moves.

use super::list::{Links, List};
use super::{Lineage, Policy, Size};
use crate::eviction::wallets::Id;

pub(crate) struct Sieve {
    capacity: usize,
    here: Vec<bool>,
    visited: Vec<bool>,
    links: Links,
    order: List,
    /// The next to be looked at; `None` begins at the oldest.
    hand: Option<Id>,
}

impl Sieve {
    pub(crate) fn new(size: Size) -> Self {
        Self {
            capacity: size.capacity,
            here: vec![false; size.sessions],
            visited: vec![false; size.sessions],
            links: Links::new(size.sessions),
            order: List::EMPTY,
            hand: None,
        }
    }

    fn evict(&mut self) {
        while let Some(id) = self.hand.or_else(|| self.order.oldest()) {
            if std::mem::take(&mut self.visited[id as usize]) {
                self.hand = self.links.newer(id);
            } else {
                self.hand = Some(id);
                self.remove(id);
                return;
            }
        }
    }
}

impl Policy for Sieve {
    fn put(&mut self, id: Id, _lineage: Lineage) {
        if self.order.len() == self.capacity {
            self.evict();
        }
        self.here[id as usize] = true;
        self.order.push_newest(&mut self.links, id);
    }

    fn get(&mut self, id: Id) -> bool {
        let is_here = self.here[id as usize];
        self.visited[id as usize] |= is_here;
        is_here
    }

    fn remove(&mut self, id: Id) -> bool {
        let was_here = std::mem::take(&mut self.here[id as usize]);
        if was_here {
            if self.hand == Some(id) {
                self.hand = self.links.newer(id);
            }
            self.order.unlink(&mut self.links, id);
        }
        was_here
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::ANY;
    use super::*;

    #[test]
    fn the_hand_spares_what_was_hit_once_and_goes_on_from_where_it_stood() {
        let mut sieve = Sieve::new(Size { capacity: 3, sessions: 8 });
        (0..3).for_each(|id| sieve.put(id, ANY));
        assert!(sieve.get(0));
        sieve.put(3, ANY);
        assert!(!sieve.here[1], "the oldest that was not hit");
        sieve.put(4, ANY);
        assert!(!sieve.here[2], "the next after it, though 0 is older and has no mark any more");
        assert!(sieve.here[0] && sieve.here[3] && sieve.here[4]);
    }
}
