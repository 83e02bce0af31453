//! Looking for what is expired or invalidated: by the way, in flushes, and when asked to.

use resumption_map::{Cause, Departures, EntryView, Verdict};
use resumption_session::Timestamp;

use crate::cache::SessionCache;
use crate::record::Record;
use crate::shared::{Shared, Swept};
use crate::sync::{Ordering, SWEEPING};

/// The buckets that a flush visits under one pin: readers do not notice, and memory moves on.
const SLICE: usize = 256;

/// How many departed entries an operation may be asked to free beyond its own.
const FEW: usize = 512;

/// How many steps of sweeping one call of `maintain` does at most: 16 384 buckets, half a millisecond or
/// so. Ten calls a second then keep up with a million sessions.
const CATCH_UP: usize = 256;

/// How many entries above a capacity that has shrunk one call of `maintain` evicts.
const SURPLUS: usize = 1024;

/// What a flush removes besides the expired and the invalidated.
#[derive(Clone, Copy)]
enum Flush {
    Everything,
    /// What will be expired then.
    ExpiredAt(Timestamp),
    Nothing,
}

impl Flush {
    /// Whether it removes an entry of this end that is neither expired nor invalidated.
    fn removes(self, expires: u64) -> bool {
        match self {
            Self::Everything => true,
            Self::ExpiredAt(then) => expires < then.as_nanos(),
            Self::Nothing => false,
        }
    }
}

/// This thread is in a step of housekeeping. A remove callback that it calls may well call the
/// cache; without this, each such call would do the next step, deeper and deeper in the stack.
struct Sweeping;

impl Sweeping {
    fn begin() -> Option<Self> {
        let already = SWEEPING.try_with(|sweeping| sweeping.replace(true));
        // Made only then: dropping one ends the step.
        already.is_ok_and(|already| !already).then(|| Self)
    }
}

impl Drop for Sweeping {
    fn drop(&mut self) {
        // A thread whose locals are gone sweeps no more.
        let _ = SWEEPING.try_with(|sweeping| sweeping.set(false));
    }
}

impl Shared {
    /// Does a step of housekeeping if one is due. Part of every operation, and bounded.
    #[inline]
    pub(crate) fn housekeep(&self, now: Timestamp) {
        // Relaxed: a hint. Whoever sees it late does the step later.
        let next = self.next_sweep.0.load(Ordering::Relaxed);
        if now.as_nanos() >= next {
            self.sweep_step(Timestamp::from_nanos(next), now);
        }
    }

    /// Does the steps that are due: all of them, if somebody asks often enough.
    fn catch_up(&self, now: Timestamp) {
        for _step in 0..CATCH_UP {
            if now.as_nanos() < self.next_sweep.0.load(Ordering::Relaxed) {
                return;
            }
            self.housekeep(now);
        }
    }

    #[cold]
    fn sweep_step(&self, next: Timestamp, now: Timestamp) {
        let Some(_only) = Sweeping::begin() else { return };
        let Some(due) = self.schedule.due(next, now, self.map.buckets()) else { return };
        // One thread claims the step; the others go on. Relaxed: the map orders what the sweep does.
        let claimed = self.next_sweep.0.compare_exchange(
            next.as_nanos(),
            due.next.as_nanos(),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if claimed.is_err() {
            return;
        }
        let mut departures = self.departures();
        let sweep = self.map.sweep(
            due.buckets,
            now.as_nanos(),
            |entry| self.stale_verdict(entry),
            &mut departures,
        );
        self.settle(departures, Swept::Stale);
        if sweep.lap_finished && self.map.garbage() <= FEW {
            // What little still waits may be secrets, and there may be no writer to move it on.
            self.map.maintain();
        }
    }

    /// Whether housekeeping by the way is on.
    pub(crate) fn schedule_sweeps(&self, now: Timestamp) {
        let next = if self.live.mode().clears_automatically() { now.as_nanos() } else { u64::MAX };
        self.next_sweep.0.store(next, Ordering::Relaxed);
    }

    fn stale_verdict(&self, entry: EntryView<'_, Record>) -> Verdict {
        if self.contexts.is_stale(entry.scope()) { Verdict::Remove } else { Verdict::Keep }
    }

    /// Flushes one shard, a slice at a time; says how many entries left.
    fn flush_shard(&self, shard: usize, now: Timestamp, flush: Flush) -> u64 {
        let mut left = 0;
        let mut from = Some(0);
        while let Some(bucket) = from {
            let mut departures = self.departures();
            let mut stale = 0;
            let verdict = |entry: EntryView<'_, Record>| match self.stale_verdict(entry) {
                Verdict::Remove => {
                    stale += 1;
                    Verdict::Remove
                }
                Verdict::Keep if flush.removes(entry.expires()) => Verdict::Remove,
                Verdict::Keep => Verdict::Keep,
            };
            from = self.map.sweep_shard(
                shard,
                bucket,
                SLICE,
                now.as_nanos(),
                verdict,
                &mut departures,
            );
            left += departed(&departures);
            let swept = match flush {
                Flush::Everything | Flush::ExpiredAt(_) => Swept::All { stale },
                Flush::Nothing => Swept::Stale,
            };
            self.settle(departures, swept);
        }
        left
    }

    /// What counts as the time in a flush: what is over by now and not yet by then stays.
    fn time_of(&self, flush: Flush) -> Timestamp {
        match flush {
            Flush::ExpiredAt(then) => then.min(self.now()),
            Flush::Everything | Flush::Nothing => self.now(),
        }
    }

    fn flush(&self, flush: Flush) -> u64 {
        let now = self.time_of(flush);
        let left = (0..self.map.shards()).map(|shard| self.flush_shard(shard, now, flush)).sum();
        self.map.maintain();
        left
    }

    #[cfg(feature = "rayon")]
    fn flush_in_parallel(&self, flush: Flush) -> u64 {
        use rayon::iter::{IntoParallelIterator, ParallelIterator};

        let now = self.time_of(flush);
        let shards = (0..self.map.shards()).into_par_iter();
        let left = shards.map(|shard| self.flush_shard(shard, now, flush)).sum();
        self.map.maintain();
        left
    }
}

fn departed(departures: &Departures<'_, Record>) -> u64 {
    departures.count(Cause::Expired) + departures.count(Cause::Condemned)
}

impl SessionCache {
    /// Removes every session whose life is over, and every one that was invalidated; says how many.
    /// OpenSSL: `SSL_CTX_flush_sessions_ex(ctx, now)`.
    ///
    /// # Concurrency
    /// Goes through the cache in slices of 256 buckets, and reports to the remove callback between
    /// them. Other operations go on meanwhile and never wait for it.
    /// # Cost
    /// The whole cache is read, some 50 ns a session when it does not fit the CPU's caches.
    pub fn flush_expired(&self) -> u64 {
        self.shared.flush(Flush::Nothing)
    }

    /// Removes every session whose life is over at `then`, and every one that was invalidated; says how
    /// many. OpenSSL: `SSL_CTX_flush_sessions_ex(ctx, then)`, except that zero is not everything: for that
    /// there is [`SessionCache::flush_all`].
    ///
    /// A session whose last instant is `then` stays, and so does one that never expires. What is not
    /// over yet by the cache's own clock leaves as flushed, and not as expired.
    ///
    /// # Concurrency
    /// As [`SessionCache::flush_expired`].
    pub fn flush_expired_at(&self, then: Timestamp) -> u64 {
        self.shared.flush(Flush::ExpiredAt(then))
    }

    /// Removes every session; says how many. OpenSSL: `SSL_CTX_flush_sessions_ex(ctx, 0)`.
    ///
    /// What is inserted meanwhile may stay. An external store is not told to delete: for that there
    /// is [`Context::invalidate`](crate::Context::invalidate), which also takes no time.
    ///
    /// # Concurrency
    /// As [`SessionCache::flush_expired`].
    pub fn flush_all(&self) -> u64 {
        self.shared.flush(Flush::Everything)
    }

    /// As [`SessionCache::flush_expired`], on all of rayon's threads: callbacks run there too.
    #[cfg(feature = "rayon")]
    pub fn flush_expired_in_parallel(&self) -> u64 {
        self.shared.flush_in_parallel(Flush::Nothing)
    }

    /// As [`SessionCache::flush_expired_at`], on all of rayon's threads: callbacks run there too.
    #[cfg(feature = "rayon")]
    pub fn flush_expired_at_in_parallel(&self, then: Timestamp) -> u64 {
        self.shared.flush_in_parallel(Flush::ExpiredAt(then))
    }

    /// As [`SessionCache::flush_all`], on all of rayon's threads: callbacks run there too.
    #[cfg(feature = "rayon")]
    pub fn flush_all_in_parallel(&self) -> u64 {
        self.shared.flush_in_parallel(Flush::Everything)
    }

    /// Does housekeeping now: evicts some of what a smaller capacity left over, frees what has
    /// departed, and does the steps of sweeping that are due. Says how many departed sessions still
    /// wait to be freed.
    ///
    /// Never needed: every operation does its part. A server may call it ten times a second from a
    /// task of its own, so that expired sessions leave, and secrets of departed ones are wiped, also
    /// when there is no traffic.
    ///
    /// # Cost
    /// Half a millisecond at most, and the freeing of what waits.
    pub fn maintain(&self) -> usize {
        let shared = &self.shared;
        let now = shared.now();
        let mut departures = shared.departures();
        shared.map.evict_surplus(SURPLUS, now.as_nanos(), &mut departures);
        shared.settle(departures, Swept::Stale);
        shared.catch_up(now);
        shared.map.maintain()
    }
}
