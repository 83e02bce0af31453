//! What every operation has while it runs: the map, one shard and a guard.

use std::sync::Arc;

use crate::departures::{Cause, Departures};
use crate::handle::Handle;
use crate::list::{Linked, Unlinked};
use crate::map::Map;
use crate::node_ref::NodeRef;
use crate::reclaim::{Pinned, Reclaim};
use crate::shard::Shard;
use crate::sync::{Ordering, mutant};

/// How many values a writer drops, at most, for the departures of others: bounded work, yet more than
/// it makes.
const RECLAIM_SLICE: usize = 64;

/// A running operation on one shard. Only the map's own code runs while it lives.
pub(crate) struct Operation<'m: 'g, 'g, T: Send + Sync + 'static, R: Reclaim> {
    pub(crate) map: &'m Map<T, R>,
    pub(crate) shard: &'m Shard<T>,
    guard: &'g R::Guard,
}

impl<T: Send + Sync + 'static, R: Reclaim> Map<T, R> {
    /// Runs a lookup: nothing is dropped afterwards.
    #[inline]
    pub(crate) fn reading<'m, X>(
        &'m self,
        shard: &'m Shard<T>,
        body: impl FnOnce(&Operation<'m, '_, T, R>) -> X,
    ) -> X {
        let guard = self.reclaim.pin();
        body(&Operation { map: self, shard, guard: &guard })
    }

    /// Runs a writing operation, and drops a few values whose time has come once the guard is gone.
    #[inline]
    pub(crate) fn writing<'m, X>(
        &'m self,
        shard: &'m Shard<T>,
        body: impl FnOnce(&Operation<'m, '_, T, R>) -> X,
    ) -> X {
        let result = self.reading(shard, body);
        shard.reclaim(RECLAIM_SLICE);
        result
    }
}

impl<'m: 'g, 'g, T: Send + Sync + 'static, R: Reclaim> Operation<'m, 'g, T, R> {
    #[inline]
    pub(crate) fn pinned(&self) -> Pinned<'g> {
        Pinned::by(self.guard)
    }

    pub(crate) fn guard(&self) -> &'g R::Guard {
        self.guard
    }

    /// The same operation on another shard.
    pub(crate) fn on(&self, shard: &'m Shard<T>) -> Self {
        Self { map: self.map, shard, guard: self.guard }
    }

    /// Retires a node; a full stack is handed to reclamation.
    pub(crate) fn retire(&self, unlinked: Unlinked<T>) {
        if self.shard.retire(unlinked) >= self.map.core.retire_batch {
            self.hand_on_retired();
        }
    }

    /// Hands the shard's retired nodes to reclamation, as one short action.
    pub(crate) fn hand_on_retired(&self) {
        let Some(batch) = self.shard.take_retired() else { return };
        if mutant("no_grace_period") {
            self.shard.make_ready(batch);
            return self.shard.reclaim(usize::MAX);
        }
        let (core, index) = (Arc::clone(&self.map.core), self.shard.index);
        self.map.reclaim.defer(self.guard, move || {
            let shard = &core.shards[index as usize];
            shard.make_ready(batch);
            if R::STRICT {
                shard.reclaim(usize::MAX);
            }
        });
        self.map.reclaim.advance(self.guard);
    }

    /// Unlinks a node that this thread has just made depart, by the link that it was found by, or, if that
    /// has changed, all dead nodes of its bucket.
    #[inline]
    pub(crate) fn unlink(&self, linked: &Linked<'g, T>, bucket: usize) {
        match linked.unlink() {
            Some(unlinked) => self.retire(unlinked),
            None => self.purge(bucket),
        }
    }

    /// Unlinks the dead nodes of a bucket.
    pub(crate) fn purge(&self, bucket: usize) {
        self.shard.bucket(bucket).purge(self.pinned(), |unlinked| self.retire(unlinked));
    }

    /// Makes an entry depart, if `next` is still its state; the winner notes it, with its cause. Its
    /// place and its weight stay on the books: the caller passes them on.
    pub(crate) fn kill(
        &self,
        node: NodeRef<'g, T>,
        next: *mut crate::node::Node<T>,
        cause: Cause,
        departures: &mut Departures<'m, T>,
    ) -> bool {
        if !node.kill(next) && !mutant("report_without_winning") {
            return false;
        }
        departures.push(cause, || Handle::new(node, self.shard));
        true
    }

    /// Gives the places of departed entries, which weighed `units` together, back to everyone.
    pub(crate) fn give_back(&self, places: u32, units: u64) {
        if places > 0 {
            self.shard.writers.0.quota.leave_and_give_up(places, units);
            self.map.core.pool.0.put_back(places);
        }
    }

    /// Leaves the place of a departed entry to the next insert here, unless too many lie idle.
    #[inline]
    pub(crate) fn leave(&self, units: u16) {
        let idle = self.shard.writers.0.quota.leave(units);
        // At least one may always stay.
        if idle > 1 || self.map.core.pool.0.in_debt() {
            self.give_up_idle(idle);
        }
    }

    fn give_up_idle(&self, idle: u32) {
        let pool = &self.map.core.pool.0;
        #[allow(clippy::cast_possible_truncation, reason = "at most 64")]
        let keep = self.map.idle_places() as u32;
        if idle > keep || pool.in_debt() {
            let keep = if pool.in_debt() { 0 } else { keep / 2 };
            pool.put_back(self.shard.writers.0.quota.give_up_idle(keep, u32::MAX));
        }
    }
}

impl<T: Send + Sync + 'static, R: Reclaim> Map<T, R> {
    fn idle_places(&self) -> usize {
        if self.core.pool.0.has_plenty(self.core.shards.len()) {
            64
        } else {
            self.core.limits.0.idle_places.load(Ordering::Relaxed)
        }
    }
}
