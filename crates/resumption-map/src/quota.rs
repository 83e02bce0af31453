//! Places: how "capacity N holds N" is kept without a counter that all threads write.
//!
//! A map of capacity N has N places. Each is granted to a shard, or lies in the common pool. An entry
//! occupies a place of its shard from before it is linked until after it has died, so the number of live
//! entries never exceeds N. A shard takes places from the pool as it fills, one at a time when few are
//! left; an evicted entry's place passes to the entry that needed the room, and a taken entry's stays
//! with its shard for the next insert there. Only then do two shards not write a line in common.

use crate::sync::{AtomicI64, AtomicU64, Ordering};

/// So many places that they are never exhausted.
const UNLIMITED: i64 = 1 << 60;

/// The places of one shard: granted ones in the high half, occupied ones in the low half.
///
/// All accesses are relaxed: no data hangs on these numbers, and each change is one exchange of both.
pub(crate) struct Quota(AtomicU64);

const OCCUPIED: u64 = 1;
const GRANTED: u64 = 1 << 32;

impl Quota {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    #[allow(clippy::cast_possible_truncation, reason = "the low half is what is meant")]
    pub(crate) fn occupied(&self) -> u32 {
        self.0.load(Ordering::Relaxed) as u32
    }

    /// Occupies a granted place that is free.
    pub(crate) fn occupy(&self) -> bool {
        let mut word = self.0.load(Ordering::Relaxed);
        while idle(word) > 0 {
            match self.exchange(word, word + OCCUPIED) {
                Ok(()) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// Adds `places` to the shard's and occupies one of them.
    pub(crate) fn grant_and_occupy(&self, places: u32) {
        self.0.fetch_add(u64::from(places) * GRANTED + OCCUPIED, Ordering::Relaxed);
    }

    /// Frees an occupied place, which stays with the shard; returns how many lie idle here now.
    pub(crate) fn vacate(&self) -> u32 {
        idle(self.0.fetch_sub(OCCUPIED, Ordering::Relaxed) - OCCUPIED)
    }

    /// Frees occupied places and gives them up; the caller passes them on.
    pub(crate) fn vacate_and_give_up(&self, places: u32) {
        self.0.fetch_sub(u64::from(places) * (GRANTED + OCCUPIED), Ordering::Relaxed);
    }

    /// Gives up idle places beyond `keep`, at most `most`; the caller passes them on.
    pub(crate) fn give_up_idle(&self, keep: u32, most: u32) -> u32 {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let places = idle(word).saturating_sub(keep).min(most);
            if places == 0 {
                return 0;
            }
            match self.exchange(word, word - u64::from(places) * GRANTED) {
                Ok(()) => return places,
                Err(now) => word = now,
            }
        }
    }

    fn exchange(&self, from: u64, to: u64) -> Result<(), u64> {
        self.0.compare_exchange_weak(from, to, Ordering::Relaxed, Ordering::Relaxed).map(drop)
    }
}

#[allow(clippy::cast_possible_truncation, reason = "halves are what is meant")]
fn idle(word: u64) -> u32 {
    ((word >> 32) as u32) - (word as u32)
}

/// The places that no shard holds. Negative after a shrink: so many entries must still leave.
pub(crate) struct Pool(AtomicI64);

impl Pool {
    pub(crate) fn new(capacity: Option<usize>) -> Self {
        Self(AtomicI64::new(places(capacity)))
    }

    /// Takes places for one shard; several at a time only while plenty are left, so that a map that fills
    /// up leaves none stranded. 0 when there are none.
    pub(crate) fn draw(&self, shards: usize) -> u32 {
        let mut spare = self.0.load(Ordering::Relaxed);
        while spare > 0 {
            let drawn = if plenty(spare, shards) { 16 } else { 1 };
            match self.0.compare_exchange_weak(
                spare,
                spare - i64::from(drawn),
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return drawn,
                Err(now) => spare = now,
            }
        }
        0
    }

    pub(crate) fn put_back(&self, places: u32) {
        self.0.fetch_add(i64::from(places), Ordering::Relaxed);
    }

    pub(crate) fn in_debt(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }

    pub(crate) fn has_plenty(&self, shards: usize) -> bool {
        plenty(self.0.load(Ordering::Relaxed), shards)
    }

    /// Follows a change of the capacity.
    pub(crate) fn resize(&self, from: Option<usize>, to: Option<usize>) {
        self.0.fetch_add(places(to) - places(from), Ordering::Relaxed);
    }
}

fn plenty(spare: i64, shards: usize) -> bool {
    spare > places(Some(64 * shards))
}

fn places(capacity: Option<usize>) -> i64 {
    capacity
        .map_or(UNLIMITED, |capacity| i64::try_from(capacity).unwrap_or(UNLIMITED).min(UNLIMITED))
}

#[cfg(all(test, not(resumption_loom)))]
mod tests {
    use super::*;

    #[test]
    fn places_are_neither_lost_nor_made() {
        let (pool, quota) = (Pool::new(Some(3)), Quota::new());
        for _ in 0..3 {
            assert!(!quota.occupy());
            assert_eq!(pool.draw(1), 1);
            quota.grant_and_occupy(1);
        }
        assert_eq!(pool.draw(1), 0);
        assert_eq!(quota.vacate(), 1);
        assert!(quota.occupy(), "the place of a taken entry stays with its shard");
        quota.vacate_and_give_up(2);
        pool.put_back(2);
        assert_eq!((quota.occupied(), pool.draw(1), pool.draw(1), pool.draw(1)), (1, 1, 1, 0));
    }

    #[test]
    fn idle_places_can_be_given_up_but_not_occupied_ones() {
        let quota = Quota::new();
        quota.grant_and_occupy(5);
        assert_eq!(quota.give_up_idle(1, 10), 3);
        assert_eq!(quota.give_up_idle(0, 10), 1);
        assert_eq!(quota.give_up_idle(0, 10), 0);
        assert_eq!(quota.occupied(), 1);
    }

    #[test]
    fn shrinking_makes_a_debt_and_unlimited_never_runs_out() {
        let pool = Pool::new(None);
        assert!(pool.has_plenty(256));
        pool.resize(None, Some(0));
        assert!(!pool.in_debt());
        pool.resize(Some(2), Some(1));
        assert!(pool.in_debt());
        pool.put_back(1);
        assert!(!pool.in_debt());
    }
}
