//! CLOCK as the map has it (`crates/resumption-map/src/room.rs`): hash-ordered buckets, a hand for each
//! shard, a credit for each entry that is set at insertion, and places that shards draw from a pool.
//!
//! A model and not the map itself, so that it is fast and can be varied; a test holds it against the map.

use super::{Lineage, Policy, Size};
use crate::eviction::wallets::Id;
use crate::random::Random;

/// What a session of which nothing else is known starts with, and what a hit restores.
pub(crate) const ORDINARY_CREDIT: u8 = 1;

/// How many entries one eviction spares.
const MOST_SPARED: usize = 16;

const NONE: Id = Id::MAX;
const ABSENT: u8 = u8::MAX;

#[derive(Clone, Copy, Default)]
struct Shard {
    places: usize,
    held: usize,
    hand: usize,
}

pub(crate) struct Clock {
    shards: Vec<Shard>,
    /// In each shard.
    buckets: usize,
    heads: Vec<Id>,
    next: Vec<Id>,
    credits: Vec<u8>,
    /// Places that no shard has drawn.
    pool: usize,
    /// A shard with more idle places than this gives half of them and the rest back to all.
    idle_places: usize,
    /// Mixed, so that neighbouring seeds do not share their hashes in another order.
    salt: u64,
    restored: u8,
    patience: usize,
    /// Whether the hand sets out before the cache is full.
    sets_out_early: bool,
    capacity: usize,
    longest_walk: usize,
}

impl Clock {
    pub(crate) fn new(size: Size, seed: u64) -> Self {
        let shards = default_shards(size.capacity);
        let buckets = (2 * size.capacity).div_ceil(shards).max(8);
        Self {
            shards: vec![Shard::default(); shards],
            buckets,
            heads: vec![NONE; shards * buckets],
            next: vec![NONE; size.sessions],
            credits: vec![ABSENT; size.sessions],
            pool: size.capacity,
            idle_places: (size.capacity / shards / 64).clamp(1, 8),
            salt: Random::new(seed).bits(),
            restored: ORDINARY_CREDIT,
            patience: MOST_SPARED,
            sets_out_early: false,
            capacity: size.capacity,
            longest_walk: 0,
        }
    }

    /// A hit restores `credit`.
    pub(crate) fn restoring(self, credit: u8) -> Self {
        Self { restored: credit, ..self }
    }

    /// An eviction spares no more entries than this: then the next one goes, whatever its credit.
    pub(crate) fn sparing_at_most(self, entries: usize) -> Self {
        Self { patience: entries, ..self }
    }

    /// The hand goes its first lap while the second half of the cache fills, and evicts nobody on it.
    pub(crate) fn setting_out_early(self) -> Self {
        Self { sets_out_early: true, ..self }
    }

    /// The most entries that one eviction has passed.
    pub(crate) fn longest_walk(&self) -> usize {
        self.longest_walk
    }

    /// The credit that a session has left.
    #[cfg(test)]
    pub(crate) fn credit(&self, id: Id) -> Option<u8> {
        Some(self.credits[id as usize]).filter(|credit| *credit != ABSENT)
    }

    /// How many it holds.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.held).sum()
    }

    /// Puts a session in with this credit.
    pub(crate) fn put_with(&mut self, id: Id, credit: u8) {
        let (shard, bucket) = self.locate(id);
        self.occupy_place(shard);
        self.next[id as usize] = self.heads[bucket];
        self.heads[bucket] = id;
        self.credits[id as usize] = credit;
    }

    /// Leaves the session no credit.
    pub(crate) fn demote(&mut self, id: Id) {
        if self.credits[id as usize] != ABSENT {
            self.credits[id as usize] = 0;
        }
    }

    fn locate(&self, id: Id) -> (usize, usize) {
        let mut hash = Random::new(self.salt ^ u64::from(id));
        let shard = hash.below(self.shards.len());
        (shard, shard * self.buckets + hash.below(self.buckets))
    }

    fn occupy_place(&mut self, shard: usize) {
        let Shard { places, held, .. } = self.shards[shard];
        if held == places {
            if self.pool > 0 {
                self.pool -= 1;
                self.shards[shard].places += 1;
                if self.sets_out_early {
                    self.set_out(shard);
                }
            } else if !self.evict_one(shard) {
                // As good as empty: a place of another shard, idle or freed by evicting there.
                for other in (0..self.shards.len()).filter(|other| *other != shard) {
                    let idle = self.shards[other].places > self.shards[other].held;
                    if idle || self.evict_one(other) {
                        self.shards[other].places -= 1;
                        self.shards[shard].places += 1;
                        break;
                    }
                }
            }
        }
        self.shards[shard].held += 1;
    }

    /// In the second half of filling: one lap, in equal parts.
    fn set_out(&mut self, shard: usize) {
        let half = self.capacity / self.shards.len() / 2;
        if self.shards[shard].held < half {
            return;
        }
        for _bucket in 0..self.buckets.div_ceil(half.max(1)) {
            let hand = self.shards[shard].hand;
            self.shards[shard].hand = (hand + 1) % self.buckets;
            let mut id = self.heads[shard * self.buckets + hand];
            while id != NONE {
                let credit = &mut self.credits[id as usize];
                *credit = credit.saturating_sub(1);
                id = self.next[id as usize];
            }
        }
    }

    /// From the hand on, whoever has no credit goes; the others lose one.
    fn evict_one(&mut self, shard: usize) -> bool {
        if self.shards[shard].held == 0 {
            return false;
        }
        let mut spared = 0;
        loop {
            let hand = self.shards[shard].hand;
            self.shards[shard].hand = (hand + 1) % self.buckets;
            if let Some(victim) = self.pass(shard * self.buckets + hand, &mut spared) {
                self.unlink(victim);
                self.shards[shard].held -= 1;
                self.longest_walk = self.longest_walk.max(spared);
                return true;
            }
        }
    }

    /// The hand passes a bucket, up to its first victim.
    fn pass(&mut self, bucket: usize, spared: &mut usize) -> Option<Id> {
        let mut id = self.heads[bucket];
        while id != NONE {
            let credit = &mut self.credits[id as usize];
            if *credit == 0 || *spared >= self.patience {
                return Some(id);
            }
            *credit -= 1;
            *spared += 1;
            id = self.next[id as usize];
        }
        None
    }

    fn unlink(&mut self, id: Id) {
        let (_, bucket) = self.locate(id);
        let after = self.next[id as usize];
        if self.heads[bucket] == id {
            self.heads[bucket] = after;
        } else {
            let mut before = self.heads[bucket];
            while self.next[before as usize] != id {
                before = self.next[before as usize];
            }
            self.next[before as usize] = after;
        }
        self.credits[id as usize] = ABSENT;
    }

    /// Removes a session, whose place stays with its shard up to a number of `idle` ones.
    fn let_go(&mut self, id: Id, idle: usize) -> bool {
        if self.credits[id as usize] == ABSENT {
            return false;
        }
        self.unlink(id);
        let (shard, _) = self.locate(id);
        let shard = &mut self.shards[shard];
        shard.held -= 1;
        if shard.places - shard.held > idle {
            let kept = idle / 2;
            self.pool += shard.places - shard.held - kept;
            shard.places = shard.held + kept;
        }
        true
    }
}

impl Policy for Clock {
    fn put(&mut self, id: Id, _lineage: Lineage) {
        self.put_with(id, ORDINARY_CREDIT);
    }

    fn get(&mut self, id: Id) -> bool {
        match &mut self.credits[id as usize] {
            &mut ABSENT => return false,
            credit => *credit = (*credit).max(self.restored),
        }
        true
    }

    fn remove(&mut self, id: Id) -> bool {
        self.let_go(id, 0)
    }

    fn take(&mut self, id: Id) -> bool {
        self.let_go(id, self.idle_places)
    }
}

/// As the map chooses on a machine of four cores or fewer: at least 64 entries in each.
fn default_shards(capacity: usize) -> usize {
    1 << (capacity / 64).clamp(1, 16).ilog2()
}

#[cfg(test)]
mod tests {
    use super::super::tests::ANY;
    use super::*;

    const SIZE: Size = Size { capacity: 100, sessions: 10_000 };

    #[test]
    fn what_is_hit_on_every_lap_stays_and_what_is_not_goes() {
        let mut clock = Clock::new(SIZE, 3);
        clock.put(0, ANY);
        clock.put(1, ANY);
        for id in 2..1_000 {
            clock.put(id, ANY);
            assert!(clock.get(0));
        }
        assert!(!clock.get(1));
    }

    #[test]
    fn an_eviction_spares_no_more_than_it_may() {
        let mut clock = Clock::new(SIZE, 4).sparing_at_most(usize::MAX);
        (0..1_000).for_each(|id| clock.put(id, ANY));
        assert_eq!(clock.longest_walk(), 100, "all have credit when the cache is first full");
        let mut bounded = Clock::new(SIZE, 4).sparing_at_most(5);
        (0..1_000).for_each(|id| bounded.put(id, ANY));
        assert_eq!((bounded.longest_walk(), bounded.len()), (5, 100));
    }

    #[test]
    fn setting_out_early_evicts_nobody_early_and_spares_the_walk() {
        let mut clock = Clock::new(SIZE, 5).setting_out_early();
        (0..100).for_each(|id| clock.put(id, ANY));
        assert_eq!(clock.len(), 100);
        (100..1_000).for_each(|id| clock.put(id, ANY));
        assert!(clock.longest_walk() < 50, "{}", clock.longest_walk());
    }

    #[test]
    fn a_demoted_session_goes_before_its_equals() {
        let mut clock = Clock::new(SIZE, 6).sparing_at_most(100);
        (0..100).for_each(|id| clock.put(id, ANY));
        clock.demote(50);
        clock.put(100, ANY);
        assert!(!clock.get(50));
    }
}
