//! What a plain list of sessions would say.

use std::collections::HashMap;

use resumption_cache::{CacheMode, Lookup, Refusal, RemovalReason};
use resumption_session::{Lifetime, ProtocolVersion, Timestamp, Usage};

use super::operation::{CONTEXTS, Place};

/// What an entry takes with a payload that is kept in place: three lines and two bucket heads.
const ENTRY: u64 = 3 * 64 + 16;

/// The largest payload that is kept in place, in entries made for [`ASKED_IN_PLACE`].
const IN_PLACE: usize = 3 * 64 - 120;

/// What the caches of these checks are asked to keep in place: some payloads are, and some are not.
pub(super) const ASKED_IN_PLACE: usize = 16;

/// A session that is in the cache, as the oracle knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) context: usize,
    pub(super) id: u8,
    pub(super) number: u64,
    /// Another one for each object: a renewed session is another than it was.
    pub(super) object: u64,
    pub(super) created: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) usage: Usage,
    pub(super) version: Option<ProtocolVersion>,
    pub(super) payload: usize,
    /// Its context was invalidated since.
    pub(super) stale: bool,
}

#[derive(Debug)]
pub(super) struct Oracle {
    pub(super) held: Vec<Held>,
    pub(super) not_before: [Timestamp; CONTEXTS],
    /// Invalidations since generations were last noted.
    pub(super) invalidated: [u64; CONTEXTS],
    pub(super) mode: CacheMode,
    pub(super) timeout: Lifetime,
    pub(super) entries: Option<usize>,
    pub(super) bytes: Option<u64>,
    pub(super) numbers: u64,
    pub(super) objects: u64,
    pub(super) departed: HashMap<RemovalReason, u64>,
    pub(super) inserted: u64,
    pub(super) offered: u64,
}

impl Held {
    pub(super) fn weight(&self) -> u64 {
        let apart = if self.payload > IN_PLACE { self.payload as u64 } else { 0 };
        (ENTRY + apart).next_multiple_of(16)
    }

    /// Why a lookup that found it, in its life, does not get it.
    pub(super) fn refusal(&self, asked: Asked, now: Timestamp) -> Option<Refusal> {
        let versions = asked.version.zip(self.version);
        if versions.is_some_and(|(asked, own)| asked != own) {
            Some(Refusal::Version)
        } else if self.usage == Usage::SingleUse && asked.usage == Usage::Reusable {
            Some(Refusal::SingleUse)
        } else if self.created > now {
            Some(Refusal::FromTheFuture)
        } else {
            None
        }
    }
}

/// What a lookup asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) version: Option<ProtocolVersion>,
    pub(super) usage: Usage,
}

impl Oracle {
    pub(super) fn current(&self, place: Place) -> Option<Held> {
        let is = |held: &&Held| held.context == place.context && held.id == place.id && !held.stale;
        self.held.iter().find(is).copied()
    }

    pub(super) fn leaves(&mut self, number: u64, reason: RemovalReason) -> Held {
        let at = self.held.iter().position(|held| held.number == number);
        // Also how a session that is its own victim shows: it is noted after its insert.
        let at = at.unwrap_or_else(|| panic!("{number} left for {reason}, and was not there"));
        *self.departed.entry(reason).or_default() += 1;
        self.held.remove(at)
    }

    pub(super) fn count(&self, reason: RemovalReason) -> u64 {
        self.departed.get(&reason).copied().unwrap_or(0)
    }

    /// What a lookup answers.
    pub(super) fn expected(&self, place: Place, usage: Usage, now: Timestamp) -> Lookup<u64> {
        let Some(held) = self.current(place) else { return Lookup::Miss };
        if !self.mode.looks_up() {
            return Lookup::Miss;
        }
        if held.expires < now {
            return Lookup::Expired;
        }
        match held.refusal(Asked { version: place.version, usage }, now) {
            Some(refusal) => Lookup::Refused(refusal),
            None => Lookup::Hit(held.number),
        }
    }

    /// A number for a new object.
    pub(super) fn object(&mut self) -> u64 {
        self.objects += 1;
        self.objects
    }

    /// Places that are free; less than none after a shrink.
    pub(super) fn room(&self) -> isize {
        let capacity = self.entries.map_or(isize::MAX, usize::cast_signed);
        capacity.saturating_sub_unsigned(self.held.len())
    }

    /// Whether so many bytes more surely fit.
    pub(super) fn is_light(&self, more: u64, shards: u64) -> bool {
        let sum: u64 = self.held.iter().map(Held::weight).sum();
        // All of them may lie in one shard.
        self.bytes.is_none_or(|limit| sum + more <= limit / 16 / shards * 16)
    }
}
