//! First in, first out: what rustls' own cache and OpenSSL's do.

use super::list::{Links, List};
use super::{Lineage, Policy, Size};
use crate::eviction::wallets::Id;

pub(crate) struct Fifo {
    capacity: usize,
    here: Vec<bool>,
    links: Links,
    order: List,
}

impl Fifo {
    pub(crate) fn new(size: Size) -> Self {
        Self {
            capacity: size.capacity,
            here: vec![false; size.sessions],
            links: Links::new(size.sessions),
            order: List::EMPTY,
        }
    }
}

impl Policy for Fifo {
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
        self.here[id as usize]
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

    #[test]
    fn the_first_in_goes_first_whether_hit_or_not() {
        let mut fifo = Fifo::new(Size { capacity: 2, sessions: 4 });
        fifo.put(0, ANY);
        fifo.put(1, ANY);
        assert!(fifo.get(0));
        fifo.put(2, ANY);
        assert!(!fifo.get(0) && fifo.get(1) && fifo.get(2));
        assert!(fifo.take(1));
        fifo.put(3, ANY);
        assert!(fifo.get(2) && fifo.get(3));
    }
}
