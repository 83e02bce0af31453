//! What happened, counted.

use std::time::Duration;

use resumption_callbacks::StoreError;
use resumption_sealing::OpenError;

use crate::breaker::BreakerState;
use crate::options::StoreUse;

/// Everything that is counted, as of one instant. Counts begin at zero and only grow.
///
/// They add up, at every instant:
/// * [`Lookups`]: `wanted` is the sum of all that follows it; a handshake that waits for a write to end is
///   counted when that has ended;
/// * [`Answers`]: their sum, the open questions included, is [`Lookups::asked`];
/// * [`Puts`]: `offered` is the sum of all that follows it;
/// * [`Removals`]: `offered` is the sum of all that follows it, without `failures`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// What handshakes wanted to have ready.
    pub lookups: Lookups,
    /// What became of what the store was asked for.
    pub answers: Answers,
    /// What lies ready for handshakes.
    pub stash: Stash,
    /// What was negotiated here and is for the store.
    pub puts: Puts,
    /// What the store is to forget.
    pub removals: Removals,
    /// The breaker of lookups.
    pub lookup_breaker: Breaking,
    /// The breaker of writes.
    pub write_breaker: Breaking,
    /// Whether the store is in use.
    pub store_use: StoreUse,
}

/// What handshakes wanted to have ready; each is counted under one of these.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Lookups {
    /// All of them.
    pub wanted: u64,
    /// Lay ready already.
    pub ready: u64,
    /// Known not to be in the store, since a moment ago.
    pub known_absent: u64,
    /// Was still on its way to the store, and was taken or copied from there.
    pub from_queue: u64,
    /// Is about to be removed from the store.
    pub being_removed: u64,
    /// Somebody else was asking for it: waited for the same answer.
    pub joined: u64,
    /// Was being written, and was not to be waited for any longer.
    pub write_too_slow: u64,
    /// Not asked for: this handshake has asked often enough.
    pub over_budget: u64,
    /// Not asked for: too many are asking.
    pub over_concurrency: u64,
    /// Not asked for: the breaker is open.
    pub breaker_open: u64,
    /// Not asked for: the store is switched off.
    pub switched_off: u64,
    /// The store was asked; see [`Answers`].
    pub asked: u64,
}

/// What became of what the store was asked for; each is counted under one of these.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Answers {
    /// A session, which lies ready.
    pub found: u64,
    /// Nothing.
    pub absent: u64,
    /// A session that was removed or replaced while it was on its way.
    pub outdated: u64,
    /// Something that does not open.
    pub rejected: Rejected,
    /// No answer.
    pub failures: Failures,
    /// Being asked at present.
    pub asking: u64,
    /// How long it took altogether, failures included.
    pub took: Duration,
}

/// What the store had and does not open, by cause: see [`OpenError`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names are those of `OpenError`")]
pub struct Rejected {
    pub expired: u64,
    pub forged: u64,
    pub moved: u64,
    pub not_a_seal: u64,
    pub truncated: u64,
    pub undecodable: u64,
    pub unknown_format: u64,
    pub unknown_key: u64,
}

/// What the store did not do, by cause: see [`StoreError`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names are those of `StoreError`")]
pub struct Failures {
    pub malformed: u64,
    pub refused: u64,
    pub timed_out: u64,
    pub unavailable: u64,
}

/// What lies ready for handshakes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Stash {
    /// Sessions that lie ready now.
    pub entries: u64,
    /// Bytes that they take.
    pub bytes: u64,
    /// Read by a get callback, or taken by one.
    pub picked_up: u64,
    /// Wanted by a get callback, and nothing lay ready.
    pub not_ready: u64,
    /// Not picked up in time, or had to make room. One that was to be taken is lost.
    pub abandoned: u64,
}

/// Sessions for the store; each is under one of these.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Puts {
    /// All of them.
    pub offered: u64,
    /// Waiting to be written.
    pub queued: u64,
    /// Being written.
    pub writing: u64,
    /// Written.
    pub stored: u64,
    /// Not written: the store's fault.
    pub failures: Failures,
    /// Dropped, the oldest first: the queue was full.
    pub dropped: u64,
    /// Outdated by a removal or by another session under the same id before they were written.
    pub superseded: u64,
    /// Taken by a handshake before they were written.
    pub taken_back: u64,
    /// Not written: there is no form of them outside the process, or their life was over.
    pub unsealable: u64,
    /// Not written: the store was switched off.
    pub switched_off: u64,
}

/// Removals for the store; each is under one of these, except for `failures`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Removals {
    /// All of them.
    pub offered: u64,
    /// Waiting to be written, those that failed and will be tried again included.
    pub queued: u64,
    /// Being written.
    pub writing: u64,
    /// Done.
    pub done: u64,
    /// Dropped: the queue was full of removals. Until it ends, such a session can be found elsewhere.
    pub dropped: u64,
    /// Outdated by a session under the same id, or by another removal.
    pub superseded: u64,
    /// Over before they were done: the session has ended by itself.
    pub moot: u64,
    /// Not written: of sessions of an invalidated context, when half of the queue was full. They end by
    /// themselves, and resume nowhere where the context was invalidated too.
    pub left_to_end: u64,
    /// Not needed: the store had handed the session to this process.
    pub unneeded: u64,
    /// Attempts that failed, each tried again.
    pub failures: Failures,
}

/// A breaker's state.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Breaking {
    /// What it lets through.
    pub state: BreakerState,
    /// How often it has opened, failed probes included.
    pub opened: u64,
}

impl Failures {
    pub(crate) fn count(&mut self, error: StoreError) {
        *match error {
            StoreError::Malformed(_) => &mut self.malformed,
            StoreError::Refused(_) => &mut self.refused,
            StoreError::TimedOut(_) => &mut self.timed_out,
            // What a later version may add is at least no answer.
            _ => &mut self.unavailable,
        } += 1;
    }

    /// All of them.
    pub const fn total(&self) -> u64 {
        self.malformed + self.refused + self.timed_out + self.unavailable
    }
}

impl Rejected {
    pub(crate) fn count(&mut self, error: OpenError) {
        *match error {
            OpenError::Expired => &mut self.expired,
            OpenError::Moved => &mut self.moved,
            OpenError::NotASeal => &mut self.not_a_seal,
            OpenError::Truncated => &mut self.truncated,
            OpenError::Decode(_) => &mut self.undecodable,
            OpenError::UnknownFormat(_) => &mut self.unknown_format,
            OpenError::UnknownKey(_) => &mut self.unknown_key,
            // What a later version may add is a seal that does not hold.
            _ => &mut self.forged,
        } += 1;
    }

    /// All of them.
    pub const fn total(&self) -> u64 {
        self.expired
            + self.forged
            + self.moved
            + self.not_a_seal
            + self.truncated
            + self.undecodable
            + self.unknown_format
            + self.unknown_key
    }
}

impl Lookups {
    /// The sum of all that became of them: `wanted`.
    pub const fn accounted(&self) -> u64 {
        self.ready
            + self.known_absent
            + self.from_queue
            + self.being_removed
            + self.joined
            + self.write_too_slow
            + self.over_budget
            + self.over_concurrency
            + self.breaker_open
            + self.switched_off
            + self.asked
    }
}

impl Answers {
    /// The sum of all answers and open questions: [`Lookups::asked`].
    pub const fn accounted(&self) -> u64 {
        self.found
            + self.absent
            + self.outdated
            + self.rejected.total()
            + self.failures.total()
            + self.asking
    }
}

impl Puts {
    /// The sum of all that became of them: `offered`.
    pub const fn accounted(&self) -> u64 {
        self.queued
            + self.writing
            + self.stored
            + self.failures.total()
            + self.dropped
            + self.superseded
            + self.taken_back
            + self.unsealable
            + self.switched_off
    }
}

impl Removals {
    /// The sum of all that became of them: `offered`.
    pub const fn accounted(&self) -> u64 {
        self.queued
            + self.writing
            + self.done
            + self.dropped
            + self.superseded
            + self.moot
            + self.left_to_end
            + self.unneeded
    }
}
