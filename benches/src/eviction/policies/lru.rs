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
        if self.order.len() == self.capacity {
            if let Some(victim) = self.order.pop_oldest(&mut self.links) {
                self.here[victim as usize] = false;
            }
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
