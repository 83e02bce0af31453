//! W-TinyLFU (Einziger, Friedman, Manes, 2017), which moka and Caffeine follow: newcomers pass a small
//! LRU window, then are admitted to a segmented LRU only if they were asked for more often than its
//! victim.
//!
//! Simplified in its favour: frequencies are exact counts, halved after each ten lookups an entry of
//! capacity, where the real one has a sketch that errs. The window has its usual one per cent.

use super::list::{Links, List};
use super::{Lineage, Policy, Size};
use crate::eviction::wallets::Id;

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Absent,
    Probation,
    Protected,
    Window,
}

pub(crate) struct TinyLfu {
    window_capacity: usize,
    main_capacity: usize,
    protected_capacity: usize,
    places: Vec<Place>,
    links: Links,
    window: List,
    probation: List,
    protected: List,
    frequencies: Frequencies,
}

impl TinyLfu {
    pub(crate) fn new(size: Size) -> Self {
        let window_capacity = (size.capacity / 100).max(1);
        let main_capacity = size.capacity.saturating_sub(window_capacity);
        Self {
            window_capacity,
            main_capacity,
            protected_capacity: main_capacity * 4 / 5,
            places: vec![Place::Absent; size.sessions],
            links: Links::new(size.sessions),
            window: List::EMPTY,
            probation: List::EMPTY,
            protected: List::EMPTY,
            frequencies: Frequencies::new(size),
        }
    }

    /// The window's oldest asks to be let into the main part.
    fn admit(&mut self) {
        let Some(candidate) = self.window.pop_oldest(&mut self.links) else { return };
        if self.probation.len() + self.protected.len() >= self.main_capacity {
            let victim = self.probation.oldest().or_else(|| self.protected.oldest());
            let Some(victim) = victim
                .filter(|victim| self.frequencies.of(candidate) > self.frequencies.of(*victim))
            else {
                self.places[candidate as usize] = Place::Absent;
                return;
            };
            self.remove(victim);
        }
        self.places[candidate as usize] = Place::Probation;
        self.probation.push_newest(&mut self.links, candidate);
    }

    fn protect(&mut self, id: Id) {
        self.probation.unlink(&mut self.links, id);
        self.places[id as usize] = Place::Protected;
        self.protected.push_newest(&mut self.links, id);
        if self.protected.len() > self.protected_capacity
            && let Some(demoted) = self.protected.pop_oldest(&mut self.links)
        {
            self.places[demoted as usize] = Place::Probation;
            self.probation.push_newest(&mut self.links, demoted);
        }
    }
}

impl Policy for TinyLfu {
    fn put(&mut self, id: Id, _lineage: Lineage) {
        self.frequencies.count(id);
        if self.window.len() >= self.window_capacity {
            self.admit();
        }
        self.places[id as usize] = Place::Window;
        self.window.push_newest(&mut self.links, id);
    }

    fn get(&mut self, id: Id) -> bool {
        self.frequencies.count(id);
        match self.places[id as usize] {
            Place::Absent => return false,
            Place::Probation => self.protect(id),
            Place::Protected => self.protected.make_newest(&mut self.links, id),
            Place::Window => self.window.make_newest(&mut self.links, id),
        }
        true
    }

    fn remove(&mut self, id: Id) -> bool {
        let place = std::mem::replace(&mut self.places[id as usize], Place::Absent);
        match place {
            Place::Absent => return false,
            Place::Probation => self.probation.unlink(&mut self.links, id),
            Place::Protected => self.protected.unlink(&mut self.links, id),
            Place::Window => self.window.unlink(&mut self.links, id),
        }
        true
    }
}

/// How often each id was asked for, with age.
struct Frequencies {
    /// A count of at most 15, and in which round it was written.
    counts: Vec<(u8, u32)>,
    counted: usize,
    round_length: usize,
    round: u32,
}

impl Frequencies {
    fn new(size: Size) -> Self {
        Self {
            counts: vec![(0, 0); size.sessions],
            counted: 0,
            round_length: size.capacity * 10,
            round: 0,
        }
    }

    fn of(&self, id: Id) -> u8 {
        let (count, round) = self.counts[id as usize];
        // Halved once for each round since.
        count.checked_shr(self.round - round).unwrap_or(0)
    }

    fn count(&mut self, id: Id) {
        self.counts[id as usize] = ((self.of(id) + 1).min(15), self.round);
        self.counted += 1;
        if self.counted == self.round_length {
            self.counted = 0;
            self.round += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::ANY;
    use super::*;

    #[test]
    fn the_window_lets_nobody_in_who_was_not_asked_for_more_often() {
        let mut tiny_lfu = TinyLfu::new(Size { capacity: 2, sessions: 8 });
        (0..3).for_each(|id| tiny_lfu.put(id, ANY));
        assert!(tiny_lfu.get(0), "it came when there was room");
        assert!(!tiny_lfu.get(1), "no more often than 0");
        assert!(tiny_lfu.get(2) && tiny_lfu.get(2));
        tiny_lfu.put(3, ANY);
        assert!(tiny_lfu.get(2), "more often than 0");
        assert!(!tiny_lfu.get(0));
    }

    #[test]
    fn frequencies_fade() {
        let mut frequencies = Frequencies::new(Size { capacity: 1, sessions: 8 });
        (0..8).for_each(|_| frequencies.count(0));
        assert_eq!(frequencies.of(0), 8);
        (0..12).for_each(|_| frequencies.count(1));
        assert_eq!(frequencies.of(0), 2);
    }
}
