//! Making room: places, weight, and the CLOCK that picks victims.

use core::ops::ControlFlow;

use crate::departures::{Cause, Departures};
use crate::insert::{MAX_CREDIT, RefusedWhy};
use crate::operation::Operation;
use crate::quota::Entered;
use crate::reclaim::Reclaim;
use crate::sync::Ordering;

/// How many entries one insert evicts at most because of the capacity having shrunk: a surplus goes
/// lazily, in bounded work.
const DEBT_SLICE: usize = 2;

/// How many entries one heavy insert may displace.
const MAX_DISPLACED: usize = 1024;

/// For how many buckets an eviction asks for the memory of entries that the next one will look at.
const PREFETCH: usize = 4;

/// How often an insert tries again to find a place when other threads are faster.
const ATTEMPTS: usize = 64;

/// How many entries with credit one eviction passes: then the next one goes all the same. When all have
/// credit, at the latest when a map is first full, the hand would otherwise go round a whole shard
/// inside one insert. Traces show no difference in what is found later (`benches/results/eviction.md`).
const MOST_SPARED: usize = 16;

impl<'m, T: Send + Sync + 'static, R: Reclaim> Operation<'m, '_, T, R> {
    /// Occupies a place for an entry of `units` that is about to be linked in this shard: an idle one of the
    /// shard's, one from the pool, or that of an entry which is evicted for it. Notes its weight, too, for
    /// which more entries may have to go.
    #[inline]
    pub(crate) fn enter(
        &self,
        units: u16,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Result<(), RefusedWhy> {
        if !self.map.core.pool.0.in_debt()
            && self.shard.writers.0.quota.enter(units, self.weight_limit()) == Entered::In
        {
            return Ok(());
        }
        self.make_room(units, now, departures)
    }

    fn make_room(
        &self,
        units: u16,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Result<(), RefusedWhy> {
        let (quota, pool) = (&self.shard.writers.0.quota, &self.map.core.pool.0);
        if pool.in_debt() {
            // Before the new entry is linked: it must not be its own victim.
            self.pay_debt(now, departures);
        }
        for _attempt in 0..ATTEMPTS {
            if !pool.in_debt() {
                match quota.enter(units, self.weight_limit()) {
                    Entered::In => return Ok(()),
                    Entered::TooHeavy => {
                        // The limit may have shrunk below this very entry meanwhile.
                        let most = self.weight_limit().saturating_sub(u64::from(units));
                        self.displace(most, now, departures)?;
                        continue;
                    }
                    Entered::NoPlace => {}
                }
                if self.draw_places() || self.fetch_left_over() {
                    // Another thread may be faster to occupy what was found.
                    continue;
                }
            }
            // The victim's place passes on: no count changes.
            let weight = if let Some(victim) = self.evict_one(now, departures) {
                quota.pass_on(victim, units)
            } else if !pool.in_debt() && self.fetch_idle() {
                // Nothing here could go, which happens only when this shard holds next to nothing.
                continue;
            } else if self.evict_elsewhere(now, departures) {
                quota.enter_with_place(units)
            } else {
                // Nothing to evict anywhere: others hold what there is, or have just let go of it.
                break;
            };
            return self.lighten(weight, units, now, departures);
        }
        let last = !pool.in_debt() && quota.enter(units, self.weight_limit()) == Entered::In;
        if last { Ok(()) } else { Err(RefusedWhy::Full) }
    }

    fn weight_limit(&self) -> u64 {
        self.map.core.limits.0.weight_units_per_shard.load(Ordering::Relaxed)
    }

    /// Draws places from the pool, for this insert and perhaps the next ones here.
    fn draw_places(&self) -> bool {
        let pool = &self.map.core.pool.0;
        let drawn = pool.draw(self.map.core.shards.len());
        if drawn > 1 {
            let left_over = &self.map.core.limits.0.places_left_over;
            if left_over.load(Ordering::Relaxed) == 0 {
                left_over.store(1, Ordering::Relaxed);
            }
        }
        if drawn > 0 {
            pool.put_back(self.shard.writers.0.quota.grant(drawn));
        }
        drawn > 0
    }

    /// Moves an idle place of another shard here, if one may have been left over when the map filled.
    fn fetch_left_over(&self) -> bool {
        let left_over = &self.map.core.limits.0.places_left_over;
        if left_over.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let found = self.fetch_idle();
        if !found {
            left_over.store(0, Ordering::Relaxed);
        }
        found
    }

    /// Moves an idle place of another shard here.
    fn fetch_idle(&self) -> bool {
        let found = self.others().any(|other| other.writers.0.quota.give_up_idle(0, 1) == 1);
        if found {
            self.map.core.pool.0.put_back(self.shard.writers.0.quota.grant(1));
        }
        found
    }

    /// Evicts one entry of another shard, whose place that shard gives up: the caller passes it on.
    fn evict_elsewhere(&self, now: u64, departures: &mut Departures<'m, T>) -> bool {
        self.others().any(|other| {
            let evicted = self.on(other).evict_one(now, departures);
            if let Some(units) = evicted {
                other.writers.0.quota.leave_and_give_up(1, u64::from(units));
            }
            evicted.is_some()
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
            if let Some(units) = self.evict_one(now, departures) {
                self.give_back(1, u64::from(units));
            } else if self.evict_elsewhere(now, departures) {
                pool.put_back(1);
            } else {
                return;
            }
        }
    }

    /// Adds to the shard's weight for an entry that gets another's place, evicting until it fits.
    pub(crate) fn add_weight(
        &self,
        units: u16,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Result<(), RefusedWhy> {
        let quota = &self.shard.writers.0.quota;
        if quota.pass_on(0, units) <= self.weight_limit() {
            return Ok(());
        }
        let displaced = self.displace(self.weight_limit(), now, departures);
        if displaced.is_err() {
            quota.pass_on(units, 0);
        }
        displaced
    }

    /// Evicts more, if the shard weighs too much now that an entry of `units` has entered it.
    fn lighten(
        &self,
        weight: u64,
        units: u16,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Result<(), RefusedWhy> {
        if weight <= self.weight_limit() {
            return Ok(());
        }
        let displaced = self.displace(self.weight_limit(), now, departures);
        if displaced.is_err() {
            self.give_back(1, u64::from(units));
        }
        displaced
    }

    /// Evicts until the shard weighs at most `most`.
    fn displace(
        &self,
        most: u64,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> Result<(), RefusedWhy> {
        for _victim in 0..MAX_DISPLACED {
            if self.shard.writers.0.quota.weight() <= most {
                return Ok(());
            }
            let Some(units) = self.evict_one(now, departures) else { break };
            self.leave(units);
        }
        Err(RefusedWhy::Full)
    }

    /// Evicts one entry of this shard: the first that is expired or has no credit left, from the hand
    /// onwards, or the one after [`MOST_SPARED`]; those that the hand passes lose one credit. The victim's
    /// place and weight, which is returned in units, stay on the books for the caller to pass on. `None`
    /// when the shard holds nothing that could go.
    pub(crate) fn evict_one(&self, now: u64, departures: &mut Departures<'m, T>) -> Option<u16> {
        if self.shard.writers.0.quota.occupied() == 0 {
            return None;
        }
        let buckets = self.shard.buckets();
        let hand = &self.shard.writers.0.hand;
        // Relaxed, not even exchanged: two evictions at once may look at the same buckets.
        let mut bucket = hand.load(Ordering::Relaxed) % buckets;
        let mut spared = 0;
        // Credits only fall while we go round; one lap more for entries linked behind the hand.
        for _step in 0..buckets.saturating_mul(usize::from(MAX_CREDIT) + 2) {
            let victim = self.shard.bucket(bucket).visit(self.pinned(), |linked| {
                if !linked.is_live() {
                    return ControlFlow::Continue(());
                }
                let header = linked.node.header();
                let cause = if header.expires < now {
                    Cause::Expired
                } else {
                    let credit = header.credit.load(Ordering::Relaxed);
                    if credit > 0 && spared < MOST_SPARED {
                        spared += 1;
                        header.credit.store(credit - 1, Ordering::Relaxed);
                        return ControlFlow::Continue(());
                    }
                    Cause::Evicted
                };
                if self.kill(linked.node, linked.next, cause, departures) {
                    ControlFlow::Break(linked)
                } else {
                    ControlFlow::Continue(())
                }
            });
            let next = if bucket + 1 == buckets { 0 } else { bucket + 1 };
            if let ControlFlow::Break(linked) = victim {
                self.unlink(&linked, bucket);
                // Past this bucket: whatever else it holds has paid its credit in this lap.
                hand.store(next, Ordering::Relaxed);
                // For the next eviction here: it will look at about so many buckets.
                for ahead in next..next + PREFETCH {
                    self.shard.prefetch(ahead);
                }
                return Some(linked.node.header().weight);
            }
            bucket = next;
        }
        None
    }
}
