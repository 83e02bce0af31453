//! Places and weight: how "capacity N holds N" is kept without a counter that all threads write.
//!
//! A map of capacity N has N places. Each is granted to a shard, or lies in the common pool. An entry
//! occupies a place of its shard from before it is linked until after it has died, so the number of live
//! entries never exceeds N. A shard takes places from the pool as it fills, one at a time when few are
//! left; an evicted entry's place passes to the entry that needed the room, and a taken entry's stays
//! with its shard for the next insert there. Only then do two shards not write a line in common.

use crate::sync::{AtomicI64, AtomicU64, Ordering, mutant};

/// So many places that they are never exhausted.
const UNLIMITED: i64 = 1 << 60;

/// The books of one shard in one word, so that an entry comes or goes in one locked instruction: places
/// that lie idle (12 bits), the entries' weight in units (28), and places that are occupied (24).
///
/// All accesses are relaxed: no data hangs on these numbers, and each change is one exchange of all.
pub(crate) struct Quota(AtomicU64);

const OCCUPIED: u64 = 1;
const WEIGHT: u64 = 1 << 24;
const IDLE: u64 = 1 << 52;

/// The most entries of one shard, with those that wait for reclamation.
pub(crate) const MAX_SLOTS: u32 = 1 << 24;

/// The most weight of one shard, in units (2 GiB). Threads that pass it together, each by one entry, stay
/// far below what the word can hold.
pub(crate) const MAX_WEIGHT: u64 = 1 << 27;

/// The most places that may lie idle in one shard; threads that each leave one more stay far below what
/// the word can hold.
const MAX_IDLE: u64 = 1 << 11;

/// What came of an attempt to enter a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    In,
    NoPlace,
    TooHeavy,
}

impl Quota {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    pub(crate) fn occupied(&self) -> u32 {
        occupied(self.0.load(Ordering::Relaxed))
    }

    /// For `validate`.
    pub(crate) fn granted(&self) -> u32 {
        let word = self.0.load(Ordering::Relaxed);
        idle(word) + occupied(word)
    }

    pub(crate) fn weight(&self) -> u64 {
        weight(self.0.load(Ordering::Relaxed))
    }

    /// Occupies an idle place with an entry of `units`, if the shard then weighs no more than `limit`.
    #[inline]
    pub(crate) fn enter(&self, units: u16, limit: u64) -> Entered {
        let units = u64::from(units);
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            if idle(word) == 0 {
                return Entered::NoPlace;
            }
            if weight(word) + units > limit {
                return Entered::TooHeavy;
            }
            match self.exchange(word, word - IDLE + OCCUPIED + units * WEIGHT) {
                Ok(()) => return Entered::In,
                Err(now) => word = now,
            }
        }
    }

    /// Occupies a place that the caller brings along; returns the shard's weight then.
    pub(crate) fn enter_with_place(&self, units: u16) -> u64 {
        let change = OCCUPIED + u64::from(units) * WEIGHT;
        weight(self.0.fetch_add(change, Ordering::Relaxed) + change)
    }

    /// Passes the occupied place of an entry of `former` units on to one of `units`; returns the shard's
    /// weight then. 0 stands for no entry.
    pub(crate) fn pass_on(&self, former: u16, units: u16) -> u64 {
        let change = (u64::from(units) * WEIGHT).wrapping_sub(u64::from(former) * WEIGHT);
        weight(self.0.fetch_add(change, Ordering::Relaxed).wrapping_add(change))
    }

    /// Frees the place of an entry, which stays with the shard; returns how many lie idle here now.
    #[inline]
    pub(crate) fn leave(&self, units: u16) -> u32 {
        let change = (IDLE - OCCUPIED).wrapping_sub(u64::from(units) * WEIGHT);
        idle(self.0.fetch_add(change, Ordering::Relaxed).wrapping_add(change))
    }

    /// Frees the places of entries and gives them up; the caller passes them on.
    pub(crate) fn leave_and_give_up(&self, places: u32, units: u64) {
        self.0.fetch_sub(u64::from(places) * OCCUPIED + units * WEIGHT, Ordering::Relaxed);
    }

    /// Adds idle places to the shard's; returns how many were too many for it.
    pub(crate) fn grant(&self, places: u32) -> u32 {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let room = MAX_IDLE.saturating_sub(u64::from(idle(word)));
            let granted = room.min(u64::from(places));
            match self.exchange(word, word + granted * IDLE) {
                #[allow(clippy::cast_possible_truncation, reason = "not more than `places`")]
                Ok(()) => return places - granted as u32,
                Err(now) => word = now,
            }
        }
    }

    /// Gives up idle places beyond `keep`, at most `most`; the caller passes them on.
    pub(crate) fn give_up_idle(&self, keep: u32, most: u32) -> u32 {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let places = idle(word).saturating_sub(keep).min(most);
            if places == 0 {
                return 0;
            }
            match self.exchange(word, word - u64::from(places) * IDLE) {
                Ok(()) => return places,
                Err(now) => word = now,
            }
        }
    }

    #[inline]
    fn exchange(&self, from: u64, to: u64) -> Result<(), u64> {
        if mutant("place_without_exchange") {
            self.0.store(to, Ordering::Relaxed);
            return Ok(());
        }
        self.0.compare_exchange_weak(from, to, Ordering::Relaxed, Ordering::Relaxed).map(drop)
    }
}

#[allow(clippy::cast_possible_truncation, reason = "12 bits")]
fn idle(word: u64) -> u32 {
    (word / IDLE) as u32
}

fn weight(word: u64) -> u64 {
    word % IDLE / WEIGHT
}

#[allow(clippy::cast_possible_truncation, reason = "24 bits")]
fn occupied(word: u64) -> u32 {
    (word % WEIGHT) as u32
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
            if mutant("draw_without_exchange") {
                self.0.store(spare - i64::from(drawn), Ordering::Relaxed);
                return drawn;
            }
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
        if places > 0 {
            self.0.fetch_add(i64::from(places), Ordering::Relaxed);
        }
    }

    /// For `validate`.
    pub(crate) fn spare(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    #[inline]
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

/// How many places a capacity has.
pub(crate) fn places(capacity: Option<usize>) -> i64 {
    capacity
        .map_or(UNLIMITED, |capacity| i64::try_from(capacity).unwrap_or(UNLIMITED).min(UNLIMITED))
}

#[cfg(all(test, not(any(resumption_loom, resumption_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn places_are_neither_lost_nor_made() {
        let (pool, quota) = (Pool::new(Some(3)), Quota::new());
        for _ in 0..3 {
            assert_eq!(quota.enter(0, MAX_WEIGHT), Entered::NoPlace);
            assert_eq!(pool.draw(1), 1);
            assert_eq!(quota.grant(1), 0);
            assert_eq!(quota.enter(0, MAX_WEIGHT), Entered::In);
        }
        assert_eq!(pool.draw(1), 0);
        assert_eq!(quota.leave(0), 1);
        let again = quota.enter(0, MAX_WEIGHT);
        assert_eq!(again, Entered::In, "the place of a taken entry stays with its shard");
        quota.leave_and_give_up(2, 0);
        pool.put_back(2);
        assert_eq!((quota.occupied(), pool.draw(1), pool.draw(1), pool.draw(1)), (1, 1, 1, 0));
    }

    #[test]
    fn idle_places_can_be_given_up_but_not_occupied_ones() {
        let quota = Quota::new();
        quota.grant(4);
        quota.enter_with_place(7);
        assert_eq!(quota.give_up_idle(1, 10), 3);
        assert_eq!(quota.give_up_idle(0, 10), 1);
        assert_eq!(quota.give_up_idle(0, 10), 0);
        assert_eq!((quota.occupied(), quota.weight()), (1, 7));
    }

    #[test]
    fn a_shard_keeps_no_more_idle_places_than_it_can_count() {
        let quota = Quota::new();
        assert_eq!(quota.grant(3000), 3000 - 2048);
        assert_eq!(quota.leave_then_idle(0), 2049);
        assert_eq!(quota.grant(5), 5);
    }

    #[test]
    fn weight_is_kept_beside_the_places() {
        let quota = Quota::new();
        quota.grant(2);
        assert_eq!(quota.enter(100, 150), Entered::In);
        assert_eq!(quota.enter(51, 150), Entered::TooHeavy);
        assert_eq!(quota.enter(50, 150), Entered::In);
        assert_eq!(quota.pass_on(100, 1), 51);
        assert_eq!(quota.pass_on(1, u16::MAX), 65_585);
        assert_eq!(quota.leave(u16::MAX), 1);
        quota.leave_and_give_up(1, 50);
        assert_eq!((quota.occupied(), quota.weight(), quota.give_up_idle(0, 9)), (0, 0, 1));
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

    impl Quota {
        fn leave_then_idle(&self, units: u16) -> u32 {
            self.enter_with_place(units);
            self.leave(units)
        }
    }
}
