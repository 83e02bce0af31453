//! Housekeeping: sweeps, snapshots, and moving garbage on. Each piece of work is bounded.

use core::ops::ControlFlow;

use crate::departures::{Cause, Departures};
use crate::handle::{EntryView, Handle};
use crate::map::Map;
use crate::operation::Operation;
use crate::reclaim::Reclaim;
use crate::shard::Shard;
use crate::sync::Ordering;

/// Buckets that a snapshot reads under one guard.
const SNAPSHOT_SLICE: usize = 256;

/// How many buckets ahead of itself a sweep asks for the memory of entries: a few misses at once instead
/// of one after the other.
const PREFETCH: usize = 8;

/// What a sweep decides about an entry that is not expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Keep,
    /// It departs, as [`Cause::Condemned`].
    Remove,
}

/// How far a sweep came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// The buckets visited.
    pub visited: usize,
    /// Whether the last bucket of the map was among them; the next sweep begins at the first.
    pub lap_finished: bool,
}

impl<T: Send + Sync + 'static, R: Reclaim> Map<T, R> {
    /// Goes on with the lap through the map that all callers share, over at most `buckets` buckets:
    /// expired entries depart, the others as `verdict` says. `verdict` runs under the operation's guard
    /// and must be short; it is asked once or more for an entry.
    ///
    /// # Concurrency
    /// Other operations go on meanwhile. Two sweeps at once may visit the same buckets; each departure
    /// is still reported once.
    /// # Cost
    /// About 35 ns a bucket that holds something; a guard for each shard that is touched.
    pub fn sweep<'m>(
        &'m self,
        buckets: usize,
        now: u64,
        mut verdict: impl FnMut(EntryView<'_, T>) -> Verdict,
        departures: &mut Departures<'m, T>,
    ) -> Sweep {
        let (total, per_shard) = (self.buckets(), self.buckets_in(0));
        let start = self.core.sweep_cursor.0.load(Ordering::Relaxed) % total;
        let end = start.saturating_add(buckets).min(total);
        let mut at = start;
        while at < end {
            let (shard, from) = (at / per_shard, at % per_shard);
            let count = (end - at).min(per_shard - from);
            self.sweep_slice(&self.core.shards[shard], from, count, now, &mut verdict, departures);
            at += count;
        }
        // Relaxed: a hint.
        self.core.sweep_cursor.0.store(end % total, Ordering::Relaxed);
        Sweep { visited: end - start, lap_finished: end == total }
    }

    /// Sweeps `buckets` buckets of one shard from `from_bucket` on, under one guard; returns where to go on,
    /// `None` at the end. For complete passes: call it for each shard until it says `None`, each call a
    /// pause that readers do not notice.
    pub fn sweep_shard<'m>(
        &'m self,
        shard: usize,
        from_bucket: usize,
        buckets: usize,
        now: u64,
        mut verdict: impl FnMut(EntryView<'_, T>) -> Verdict,
        departures: &mut Departures<'m, T>,
    ) -> Option<usize> {
        let shard = self.core.shards.get(shard)?;
        let end = from_bucket.saturating_add(buckets.max(1)).min(shard.buckets());
        let count = end.checked_sub(from_bucket)?;
        self.sweep_slice(shard, from_bucket, count, now, &mut verdict, departures);
        (end < shard.buckets()).then_some(end)
    }

    fn sweep_slice<'m>(
        &'m self,
        shard: &'m Shard<T>,
        from: usize,
        count: usize,
        now: u64,
        verdict: &mut impl FnMut(EntryView<'_, T>) -> Verdict,
        departures: &mut Departures<'m, T>,
    ) {
        self.writing(shard, |operation| {
            let (mut places, mut units) = (0, 0);
            for bucket in from..from + count {
                shard.prefetch(bucket + PREFETCH);
                let departed = operation.sweep_bucket(bucket, now, verdict, departures);
                places += departed.0;
                units += departed.1;
            }
            operation.give_back(places, units);
        });
    }

    /// Moves garbage on: hands retired entries to reclamation, advances it, and drops the values whose time
    /// has come. Returns how many entries still wait. With nobody inside an operation, it returns 0: no
    /// departed value survives it, unless a handle holds it.
    ///
    /// # Cost
    /// A few hundred nanoseconds and a few for each shard, and the drops.
    pub fn maintain(&self) -> usize {
        for shard in &self.core.shards {
            if shard.garbage() > 0 {
                #[expect(clippy::redundant_closure_for_method_calls, reason = "lifetimes need it")]
                self.reading(shard, |operation| operation.hand_on_retired());
            }
        }
        // Each round advances by one epoch and runs a few of the actions that are due; an action is due two
        // epochs after its deferral. Without progress for that long, somebody is inside an operation.
        let mut idle_rounds = 0;
        let mut left = self.garbage();
        while left > 0 && idle_rounds < 4 {
            self.reclaim.advance(&self.reclaim.pin());
            for shard in &self.core.shards {
                shard.reclaim(usize::MAX);
            }
            let now = self.garbage();
            idle_rounds = if now < left { 0 } else { idle_rounds + 1 };
            left = now;
        }
        left
    }

    /// Evicts entries above a capacity that has shrunk, at most `most` of them; returns whether the map
    /// is within its capacity now.
    pub fn evict_surplus<'m>(
        &'m self,
        most: usize,
        now: u64,
        departures: &mut Departures<'m, T>,
    ) -> bool {
        let pool = &self.core.pool.0;
        let mut evicted = 0;
        while pool.in_debt() && evicted < most {
            // Places that lie idle anywhere come first: nobody leaves while there is room.
            for shard in &self.core.shards {
                pool.put_back(shard.writers.0.quota.give_up_idle(0, u32::MAX));
            }
            let before = evicted;
            for shard in &self.core.shards {
                if !pool.in_debt() || evicted == most {
                    break;
                }
                self.writing(shard, |operation| {
                    if let Some(units) = operation.evict_one(now, departures) {
                        operation.give_back(1, u64::from(units));
                        evicted += 1;
                    }
                });
            }
            if evicted == before {
                break;
            }
        }
        !self.core.pool.0.in_debt()
    }

    /// All entries, as handles. Each entry that is live from the beginning to the end of the iteration
    /// appears once; one that comes or goes meanwhile may or may not.
    ///
    /// # Cost
    /// One guard for each 256 buckets, and only while they are read.
    pub fn snapshot(&self) -> Snapshot<'_, T, R> {
        Snapshot { map: self, shard: 0, bucket: 0, slice: Vec::new() }
    }
}

impl<'m, T: Send + Sync + 'static, R: Reclaim> Operation<'m, '_, T, R> {
    /// Sweeps one bucket; returns how many entries departed, and their weight together.
    fn sweep_bucket(
        &self,
        bucket: usize,
        now: u64,
        verdict: &mut impl FnMut(EntryView<'_, T>) -> Verdict,
        departures: &mut Departures<'m, T>,
    ) -> (u32, u64) {
        let (mut departed, mut units) = (0, 0);
        let mut left_linked = false;
        let done = self.shard.bucket(bucket).visit(self.pinned(), |mut linked| {
            let node = linked.node;
            while linked.is_live() {
                let cause = if node.header().expires < now {
                    Cause::Expired
                } else if verdict(EntryView::new(node)) == Verdict::Remove {
                    Cause::Condemned
                } else {
                    break;
                };
                if self.kill(node, linked.next, cause, departures) {
                    departed += 1;
                    units += u64::from(node.header().weight);
                    match linked.unlink() {
                        Some(unlinked) => self.retire(unlinked),
                        None => left_linked = true,
                    }
                    break;
                }
                // Perhaps only its neighbour changed.
                linked.next = node.next();
            }
            ControlFlow::<()>::Continue(())
        });
        debug_assert!(done.is_continue());
        if left_linked {
            self.purge(bucket);
        }
        (departed, units)
    }
}

/// Iterates over the entries of a map; see [`Map::snapshot`].
pub struct Snapshot<'m, T: Send + Sync + 'static, R: Reclaim> {
    map: &'m Map<T, R>,
    shard: usize,
    bucket: usize,
    slice: Vec<Handle<'m, T>>,
}

impl<'m, T: Send + Sync + 'static, R: Reclaim> Iterator for Snapshot<'m, T, R> {
    type Item = Handle<'m, T>;

    fn next(&mut self) -> Option<Handle<'m, T>> {
        while self.slice.is_empty() {
            let shard = self.map.core.shards.get(self.shard)?;
            let end = (self.bucket + SNAPSHOT_SLICE).min(shard.buckets());
            let buckets = self.bucket..end;
            let slice = &mut self.slice;
            self.map.reading(shard, |operation| {
                for bucket in buckets {
                    let done = shard.bucket(bucket).visit(operation.pinned(), |linked| {
                        if linked.is_live() {
                            slice.push(operation.handle(linked.node));
                        }
                        ControlFlow::<()>::Continue(())
                    });
                    debug_assert!(done.is_continue());
                }
            });
            (self.shard, self.bucket) =
                if end == shard.buckets() { (self.shard + 1, 0) } else { (self.shard, end) };
        }
        self.slice.pop()
    }
}

impl<T: Send + Sync + 'static, R: Reclaim> core::fmt::Debug for Snapshot<'_, T, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Snapshot").field("shard", &self.shard).finish_non_exhaustive()
    }
}
