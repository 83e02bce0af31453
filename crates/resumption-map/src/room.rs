//! Making room: places, weight, and the CLOCK that picks victims.

use core::ops::ControlFlow;

use crate::departures::{Cause, Departures};
use crate::insert::{MAX_CREDIT, RefusedWhy};
use crate::node::is_dead;
use crate::operation::Operation;
use crate::reclaim::Reclaim;
use crate::sync::Ordering;

/// How many entries one insert evicts at most because of the capacity having shrunk: a surplus goes
/// lazily, in bounded work.
const DEBT_SLICE: usize = 2;

/// How many entries one heavy insert may displace.
const MAX_DISPLACED: usize = 1024;

impl<'m, T: Send + Sync + 'static, R: Reclaim> Operation<'m, '_, T, R> {
    /// Occupies a place for an entry that is about to be linked in this shard: an idle one of the shard's,
    /// one from the pool, or that of an entry which is evicted for it.
    pub(crate) fn occupy_place(
        &self,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Result<(), RefusedWhy> {
        let quota = &self.shard.writers.0.quota;
        let pool = &self.map.core.pool.0;
        if pool.in_debt() {
            // Before the new entry is linked: it must not be its own victim.
            self.pay_debt(now, departures);
        }
        if !pool.in_debt() {
            if quota.occupy() {
                return Ok(());
            }
            let drawn = pool.draw(self.map.core.shards.len());
            if drawn > 0 {
                quota.grant_and_occupy(drawn);
                let left_over = &self.map.core.limits.0.places_left_over;
                if drawn > 1 && left_over.load(Ordering::Relaxed) == 0 {
                    left_over.store(1, Ordering::Relaxed);
                }
                return Ok(());
            }
            if self.map.core.limits.0.places_left_over.load(Ordering::Relaxed) != 0 {
                if self.occupy_left_over() {
                    return Ok(());
                }
                self.map.core.limits.0.places_left_over.store(0, Ordering::Relaxed);
            }
        }
        // The victim's place passes on: no count changes.
        if self.evict_one(now, departures) || self.occupy_elsewhere(now, departures) {
            return Ok(());
        }
        // Nothing to evict anywhere: others hold what there is, or have just let go of it.
        if !pool.in_debt() && quota.occupy() { Ok(()) } else { Err(RefusedWhy::Full) }
    }

    /// Moves an idle place of another shard here.
    fn occupy_left_over(&self) -> bool {
        let found = self.others().any(|other| other.writers.0.quota.give_up_idle(0, 1) == 1);
        if found {
            self.shard.writers.0.quota.grant_and_occupy(1);
        }
        found
    }

    /// This shard has nothing to evict, which happens only when it holds next to nothing: takes an idle
    /// place or a victim of another shard.
    fn occupy_elsewhere(&self, now: u64, departures: &mut Departures<'m, T>) -> bool {
        // In debt, idle places are not for use.
        if !self.map.core.pool.0.in_debt() && self.occupy_left_over() {
            return true;
        }
        let evicted = self.evict_elsewhere(now, departures);
        if evicted {
            self.shard.writers.0.quota.grant_and_occupy(1);
        }
        evicted
    }

    /// Evicts one entry of another shard, whose place that shard gives up: the caller passes it on.
    fn evict_elsewhere(&self, now: u64, departures: &mut Departures<'m, T>) -> bool {
        self.others().any(|other| {
            let evicted = self.on(other).evict_one(now, departures);
            if evicted {
                other.writers.0.quota.vacate_and_give_up(1);
            }
            evicted
        })
    }

    fn others(&self) -> impl Iterator<Item = &'m crate::shard::Shard<T>> {
        let shards = &self.map.core.shards;
        let own = self.shard.index as usize;
        shards[own + 1..].iter().chain(&shards[..own])
    }

    /// Calls in all idle places and evicts a little of the surplus that a smaller capacity left.
    fn pay_debt(&self, now: u64, departures: &mut Departures<'m, T>) {
        let pool = &self.map.core.pool.0;
        for shard in &self.map.core.shards {
            pool.put_back(shard.writers.0.quota.give_up_idle(0, u32::MAX));
        }
        for _victim in 0..DEBT_SLICE {
            if !pool.in_debt() {
                return;
            }
            if self.evict_one(now, departures) {
                self.give_back_places(1);
            } else if self.evict_elsewhere(now, departures) {
                pool.put_back(1);
            } else {
                return;
            }
        }
    }

    /// Adds to the shard's weight, evicting until it fits.
    pub(crate) fn add_weight(
        &self,
        units: u64,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Result<(), RefusedWhy> {
        let limit = self.map.core.limits.0.weight_units_per_shard.load(Ordering::Relaxed);
        let weight = &self.shard.writers.0.weight;
        let mut sum = weight.fetch_add(units, Ordering::Relaxed) + units;
        let mut displaced = 0;
        while sum > limit {
            if displaced == MAX_DISPLACED || !self.evict_one(now, departures) {
                weight.fetch_sub(units, Ordering::Relaxed);
                return Err(RefusedWhy::Full);
            }
            self.give_back_places(1);
            displaced += 1;
            sum = weight.load(Ordering::Relaxed);
        }
        Ok(())
    }

    /// Evicts one entry of this shard: the first that is expired or has no credit left, from the hand
    /// onwards; those that the hand passes lose one credit. The victim's place stays occupied, for the
    /// caller to pass on. `false` when the shard holds nothing that could go.
    pub(crate) fn evict_one(&self, now: u64, departures: &mut Departures<'m, T>) -> bool {
        if self.shard.writers.0.quota.occupied() == 0 {
            return false;
        }
        let buckets = self.shard.buckets();
        let hand = &self.shard.writers.0.hand;
        // Relaxed, not even exchanged: two evictions at once may look at the same buckets.
        let mut bucket = hand.load(Ordering::Relaxed) % buckets;
        // Credits only fall while we go round; one lap more for entries linked behind the hand.
        for _step in 0..buckets.saturating_mul(usize::from(MAX_CREDIT) + 2) {
            let victim = self.shard.bucket(bucket).visit(self.pinned(), |node, next| {
                if is_dead(next) {
                    return ControlFlow::Continue(());
                }
                let header = node.header();
                let cause = if header.expires < now {
                    Cause::Expired
                } else {
                    let credit = header.credit.load(Ordering::Relaxed);
                    if credit > 0 {
                        header.credit.store(credit - 1, Ordering::Relaxed);
                        return ControlFlow::Continue(());
                    }
                    Cause::Evicted
                };
                if self.kill(node, next, cause, departures) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            let next = if bucket + 1 == buckets { 0 } else { bucket + 1 };
            if victim.is_break() {
                self.purge(bucket);
                // Past this bucket: whatever else it holds has paid its credit in this lap.
                hand.store(next, Ordering::Relaxed);
                return true;
            }
            bucket = next;
        }
        false
    }
}
