//! S3-FIFO (Yang, Zhang, Qiu, Yue, Vigfusson, SOSP 2023): a small queue that most newcomers do not
//! outlive, and a main queue with a count of up to three hits.
//!
//! Its ghost queue is left out, because it could never have an effect: it recognises what was evicted
//! and is inserted again, and a session's id never comes back. Whoever missed gets a new one.

use super::list::{Links, List};
use super::{Lineage, Policy, Size};
use crate::eviction::wallets::Id;

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Absent,
    Main,
    Small,
}

pub(crate) struct S3Fifo {
    capacity: usize,
    small_capacity: usize,
    places: Vec<Place>,
    hits: Vec<u8>,
    links: Links,
    small: List,
    main: List,
}

impl S3Fifo {
    pub(crate) fn new(size: Size) -> Self {
        Self {
            capacity: size.capacity,
            small_capacity: (size.capacity / 10).max(1),
            places: vec![Place::Absent; size.sessions],
            hits: vec![0; size.sessions],
            links: Links::new(size.sessions),
            small: List::EMPTY,
            main: List::EMPTY,
        }
    }

    fn evict(&mut self) {
        while self.small.len() + self.main.len() >= self.capacity {
            if self.small.len() >= self.small_capacity || self.main.len() == 0 {
                self.evict_from_small();
            } else {
                self.evict_from_main();
            }
        }
    }

    fn evict_from_small(&mut self) {
        let Some(id) = self.small.pop_oldest(&mut self.links) else { return };
        if self.hits[id as usize] > 1 {
            self.hits[id as usize] = 0;
            self.places[id as usize] = Place::Main;
            self.main.push_newest(&mut self.links, id);
        } else {
            self.places[id as usize] = Place::Absent;
        }
    }

    fn evict_from_main(&mut self) {
        while let Some(id) = self.main.pop_oldest(&mut self.links) {
            let hits = &mut self.hits[id as usize];
            if *hits == 0 {
                self.places[id as usize] = Place::Absent;
                return;
            }
            *hits -= 1;
            self.main.push_newest(&mut self.links, id);
        }
    }
}

impl Policy for S3Fifo {
    fn put(&mut self, id: Id, _lineage: Lineage) {
        self.evict();
        self.places[id as usize] = Place::Small;
        self.small.push_newest(&mut self.links, id);
    }

    fn get(&mut self, id: Id) -> bool {
        let is_here = self.places[id as usize] != Place::Absent;
        if is_here {
            let hits = &mut self.hits[id as usize];
            *hits = (*hits + 1).min(3);
        }
        is_here
    }

    fn remove(&mut self, id: Id) -> bool {
        let place = std::mem::replace(&mut self.places[id as usize], Place::Absent);
        match place {
            Place::Absent => return false,
            Place::Main => self.main.unlink(&mut self.links, id),
            Place::Small => self.small.unlink(&mut self.links, id),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::ANY;
    use super::*;

    #[test]
    fn only_what_was_hit_more_than_once_reaches_the_main_queue() {
        let mut s3_fifo = S3Fifo::new(Size { capacity: 10, sessions: 100 });
        (0..10).for_each(|id| s3_fifo.put(id, ANY));
        assert!(s3_fifo.get(0) && s3_fifo.get(0) && s3_fifo.get(1));
        (10..30).for_each(|id| s3_fifo.put(id, ANY));
        assert!(s3_fifo.get(0), "hit twice");
        assert!(!s3_fifo.get(1), "hit once");
    }
}
