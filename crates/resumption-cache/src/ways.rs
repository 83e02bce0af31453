//! What a context may do beyond the ordinary: act for clients, verify clients, count its lookups.
//!
//! An ordinary context pays one look at a byte for all of these together.

use resumption_policy::Refusal;
use resumption_session::{SessionId, SessionView};

use crate::context::Context;
use crate::context_counts::InContext;
use crate::counters::Count;
use crate::outcome::Lookup;

/// The ways of a context, as bits.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Ways(u8);

impl Ways {
    const FOR_CLIENTS: u8 = 1;
    const UNINITIALIZED: u8 = 2;
    const COUNTING: u8 = 4;

    #[inline]
    pub(crate) const fn are_ordinary(self) -> bool {
        self.0 == 0
    }

    #[inline]
    const fn has(self, way: u8) -> bool {
        self.0 & way != 0
    }
}

impl Context {
    /// The same context, for connections on which this end is the client.
    ///
    /// * Lookups do not ask the get callback, which is the servers' (`SSL_CTX_sess_set_get_cb(3)`).
    /// * [`CacheMode::NO_INTERNAL_LOOKUP`](crate::CacheMode::NO_INTERNAL_LOOKUP) has no effect on them
    ///   (`SSL_CTX_set_session_cache_mode(3)`).
    /// * They are no lookups to OpenSSL's counters, which for a client count what servers say to the
    ///   sessions that it offers: [`Handshake::OfferAccepted`](crate::Handshake::OfferAccepted).
    #[must_use]
    pub fn for_clients(mut self) -> Self {
        self.ways.0 |= Ways::FOR_CLIENTS;
        self
    }

    /// The same context, for a server that verifies client certificates.
    ///
    /// Such a server must have a context: without, its sessions could be those of another server that
    /// verifies nobody. If the bytes of this context are empty,
    /// * what is negotiated is not kept, and the new callback does not hear of it;
    /// * a session that is found and has the same, empty context is refused with
    ///   [`Refusal::ContextUninitialized`], and the handshake must be aborted ([`Refusal::is_fatal`]).
    ///
    /// Otherwise this changes nothing. An adapter refuses such a configuration earlier.
    /// OpenSSL: `SSL_VERIFY_PEER` and `SSL_CTX_set_session_id_context(3)`.
    #[must_use]
    pub fn verifying_clients(mut self) -> Self {
        if self.bytes().as_bytes().is_empty() {
            self.ways.0 |= Ways::UNINITIALIZED;
        }
        self
    }

    /// The same context, whose lookups are also counted for it alone: [`Context::stats`].
    ///
    /// # Cost
    /// A lookup costs a reference to the session, also in [`Context::get_with`], and some 40 ns more. That
    /// is why it must be asked for.
    #[must_use]
    pub fn counting_lookups(mut self) -> Self {
        self.ways.0 |= Ways::COUNTING;
        self
    }

    /// Whether lookups here are a client's.
    pub fn is_for_clients(&self) -> bool {
        self.ways.has(Ways::FOR_CLIENTS)
    }

    /// Whether this is a verifying server's context without bytes; see [`Context::verifying_clients`].
    #[inline]
    pub fn is_uninitialized(&self) -> bool {
        self.ways.has(Ways::UNINITIALIZED)
    }

    /// Whether a lookup here consults the cache itself.
    pub(crate) fn looks_up(&self) -> bool {
        let mode = self.shared.live.mode();
        mode.looks_up() || (self.is_for_clients() && !mode.is_off())
    }

    /// Whether a lookup here may ask the get callback.
    pub(crate) fn may_ask(&self) -> bool {
        self.shared.callbacks.has_get() && !self.is_for_clients()
    }

    /// Counts what a lookup led to, beyond the ordinary; `missed` if the cache itself was asked in vain.
    #[inline]
    pub(crate) fn counted<R>(&self, lookup: Lookup<R>, missed: bool) -> Lookup<R> {
        if !self.ways.are_ordinary() {
            self.count_beyond(&lookup, missed);
        }
        lookup
    }

    #[cold]
    fn count_beyond<R>(&self, lookup: &Lookup<R>, missed: bool) {
        if self.is_for_clients() {
            match lookup {
                Lookup::Hit(_) => self.count_one(InContext::ClientHit),
                Lookup::Expired => self.count_one(InContext::ClientExpired),
                Lookup::Miss if missed => self.count_one(InContext::ClientInternalMiss),
                _ => (),
            }
        }
        if self.ways.has(Ways::COUNTING) {
            self.count_lookup(lookup);
            if missed {
                self.count_one(InContext::InternalMiss);
            }
        }
    }

    /// The decision order of a lookup in a context that is not initialized, when a session is found:
    /// its version, its context, and then this, before its times are looked at. The session stays.
    #[cold]
    pub(crate) fn look_up_uninitialized<R>(&self, id: &SessionId) -> Lookup<R> {
        let shared = &*self.shared;
        let now = shared.now();
        let mut refusal = None;
        let mut missed = false;
        if self.looks_up() {
            refusal = self.find_uninitialized(id);
            missed = refusal.is_none();
            if missed {
                shared.counters.one(Count::InternalMiss);
            }
        }
        if refusal.is_none() && self.may_ask() {
            let fetched = shared.callbacks.get(self.bytes(), id);
            refusal = fetched.map(|session| self.refusal_of_fetched(id, &session.view()));
        }
        shared.housekeep(now);
        let lookup = match refusal {
            None => self.or_miss(None),
            Some(refusal) => {
                shared.counters.one(Count::of_refused_lookup(refusal));
                Lookup::Refused(refusal)
            }
        };
        self.counted(lookup, missed)
    }

    fn find_uninitialized(&self, id: &SessionId) -> Option<Refusal> {
        let suits = self.peek(id, |session| self.accepts_version(session.version()))?;
        Some(if suits { Refusal::ContextUninitialized } else { Refusal::Version })
    }

    fn refusal_of_fetched(&self, id: &SessionId, session: &SessionView<'_>) -> Refusal {
        if session.id() != id {
            Refusal::WrongId
        } else if !session.is_resumable() {
            Refusal::NotResumable
        } else if !self.accepts_version(session.version()) {
            Refusal::Version
        } else if session.context() != self.bytes() {
            Refusal::Context
        } else {
            Refusal::ContextUninitialized
        }
    }
}
