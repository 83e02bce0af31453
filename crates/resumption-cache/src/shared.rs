//! What all handles to a cache share, and how departures are counted and reported.

use std::sync::PoisonError;

use resumption_callbacks::{Registry, Removal, RemovalReason};
use resumption_map::{Cause, Departures, Handle, Key};
use resumption_policy::{CacheMode, Capacity, Limits, Rules, SweepSchedule, Timeouts};
use resumption_session::{Lifetime, SessionId, SessionView, Timestamp};

use crate::clock::ClockSource;
use crate::contexts::{ContextState, ContextTable};
use crate::counters::{Count, Counters};
use crate::record::Record;
use crate::stamps::Stamps;
use crate::sync::{AtomicU32, AtomicU64, HintU64, Mutex, Ordering, Reclaimer, mutant};

/// The sessions of a cache.
pub(crate) type Map = resumption_map::Map<Record, Reclaimer>;

/// One cache. Its last owner reports what is still in it as shut down.
pub(crate) struct Shared {
    pub(crate) map: Map,
    pub(crate) contexts: ContextTable,
    pub(crate) callbacks: Registry,
    pub(crate) counters: Counters,
    pub(crate) clock: ClockSource,
    pub(crate) stamps: Stamps,
    pub(crate) schedule: SweepSchedule,
    pub(crate) live: Live,
    pub(crate) next_sweep: NextSweep,
}

/// What can be changed while the cache is in use, and what goes with it. Each is one word, read by
/// itself: no operation needs two of them to agree.
pub(crate) struct Live {
    mode: AtomicU32,
    session_timeout: AtomicU64,
    // The caps; its own session timeout is not looked at.
    timeouts: Timeouts,
    limits: Limits,
    entry_bytes: u32,
    bytes_in_place: usize,
    // For the value that a setter gives back; the map has its own.
    capacity: Mutex<Capacity>,
}

/// When the next step of housekeeping is due, on a line of its own: it changes every millisecond or
/// so in a large cache, and everything around it hardly ever. A hint: a step done twice finds nothing
/// the second time.
#[repr(align(128))]
pub(crate) struct NextSweep(pub(crate) HintU64);

/// Which work departures come from: what a condemned entry was condemned for.
#[derive(Clone, Copy)]
pub(crate) enum Swept {
    /// A flush of everything, which met this many entries of generations that are over.
    All {
        /// Such entries.
        stale: u64,
    },
    /// Housekeeping or a flush of the expired: only what was invalidated is condemned.
    Stale,
}

impl Live {
    pub(crate) fn new(
        mode: CacheMode,
        timeouts: Timeouts,
        limits: Limits,
        capacity: Capacity,
        entry_bytes: u32,
        bytes_in_place: usize,
    ) -> Self {
        Self {
            mode: AtomicU32::new(mode.bits()),
            session_timeout: AtomicU64::new(timeouts.session().as_nanos()),
            timeouts,
            limits,
            entry_bytes,
            bytes_in_place,
            capacity: Mutex::new(capacity),
        }
    }

    #[inline]
    pub(crate) fn mode(&self) -> CacheMode {
        CacheMode::from_bits_truncate(self.mode_word())
    }

    /// The mode as it was set, bits without a name included.
    #[inline]
    pub(crate) fn mode_word(&self) -> u32 {
        // Relaxed: a word by itself.
        self.mode.load(Ordering::Relaxed)
    }

    pub(crate) fn set_mode_word(&self, word: u32) -> u32 {
        if mutant("mode_without_exchange") {
            let former = self.mode_word();
            self.mode.store(word, Ordering::Relaxed);
            return former;
        }
        self.mode.swap(word, Ordering::Relaxed)
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        let session = Lifetime::from_nanos(self.session_timeout.load(Ordering::Relaxed));
        self.timeouts.with_session(session)
    }

    pub(crate) fn set_session_timeout(&self, timeout: Lifetime) -> Lifetime {
        Lifetime::from_nanos(self.session_timeout.swap(timeout.as_nanos(), Ordering::Relaxed))
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) fn with_capacity<R>(&self, f: impl FnOnce(&mut Capacity) -> R) -> R {
        f(&mut self.capacity.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What an insert into `state` is judged by. To be called after the scope was read.
    pub(crate) fn rules(&self, state: &ContextState) -> Rules {
        Rules {
            mode: self.mode(),
            timeouts: self.timeouts,
            limits: self.limits,
            entry_bytes: self.entry_bytes,
            bytes_in_place: self.bytes_in_place,
            not_before: state.not_before(),
        }
    }

    /// The caps, for what does not depend on the session timeout.
    pub(crate) fn caps(&self) -> &Timeouts {
        &self.timeouts
    }
}

impl Shared {
    /// A collector for what leaves in an operation: with handles only if somebody wants to hear.
    #[inline]
    pub(crate) fn departures(&self) -> Departures<'_, Record> {
        if self.callbacks.has_remove() { Departures::keeping() } else { Departures::counting() }
    }

    /// Counts what left in an operation and reports it. Nothing is pinned or locked any more.
    #[inline]
    pub(crate) fn settle(&self, departures: Departures<'_, Record>, swept: Swept) {
        if !departures.is_empty() {
            self.settle_some(departures, swept);
        }
    }

    #[inline(never)]
    fn settle_some(&self, mut departures: Departures<'_, Record>, swept: Swept) {
        let condemned = departures.count(Cause::Condemned);
        // Verdicts are sometimes asked for more often than they are carried out, so the number of
        // stale entries is a bound; the sum is exact.
        let flushed = match swept {
            Swept::All { stale } => condemned.saturating_sub(stale),
            Swept::Stale => 0,
        };
        self.counters.update(|tally| {
            tally.add(Count::Evicted, departures.count(Cause::Evicted));
            tally.add(Count::Expiration, departures.count(Cause::Expired));
            tally.add(Count::Removed, departures.count(Cause::Removed));
            tally.add(Count::Replaced, departures.count(Cause::Replaced));
            tally.add(Count::Taken, departures.count(Cause::Taken));
            tally.add(Count::Flushed, flushed);
            tally.add(Count::Invalidated, condemned - flushed);
        });
        for (cause, handle) in departures.drain() {
            let reason = match (cause, swept) {
                (Cause::Evicted, _) => RemovalReason::Evicted,
                (Cause::Expired, _) => RemovalReason::Expired,
                (Cause::Removed, _) => RemovalReason::Removed,
                (Cause::Replaced, _) => RemovalReason::Replaced,
                (Cause::Taken, _) => RemovalReason::Taken,
                (_, Swept::All { .. }) if !self.contexts.is_stale(handle.scope()) => {
                    RemovalReason::Flushed
                }
                _ => RemovalReason::Invalidated,
            };
            self.report(&handle, reason);
        }
    }

    /// Tells the remove callback that an entry has left.
    pub(crate) fn report(&self, handle: &Handle<'_, Record>, reason: RemovalReason) {
        if !self.callbacks.has_remove() {
            return;
        }
        let Some(state) = self.contexts.by_scope(handle.scope()) else { return };
        let Ok(id) = SessionId::new(handle.id()) else { return };
        self.callbacks.removed(Removal::of(
            departed(handle.view(handle.bytes(), &id, state.bytes()), reason),
            reason,
        ));
    }

    /// The key of `id` in the current generation of its context.
    #[inline]
    pub(crate) fn key(scope: u64, id: &SessionId) -> Option<Key> {
        // Always there: an id has 1 to 32 bytes.
        Key::new(scope, id.as_bytes())
    }

    #[inline]
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The session as a remove callback sees it: resumable only if it may live on elsewhere.
pub(crate) fn departed(session: SessionView<'_>, reason: RemovalReason) -> SessionView<'_> {
    if reason.deletes_externally() { session.not_resumable() } else { session }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if !self.callbacks.has_remove() {
            return;
        }
        for handle in self.map.snapshot() {
            let reason = if self.contexts.is_stale(handle.scope()) {
                RemovalReason::Invalidated
            } else {
                RemovalReason::ShutDown
            };
            self.report(&handle, reason);
        }
    }
}
