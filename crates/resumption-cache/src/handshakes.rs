//! What a TLS stack counts and a cache cannot see: handshakes, begun and done.

use crate::context::Context;
use crate::context_counts::InContext;
use crate::outcome::Lookup;

/// Something that an adapter counts for a cache: [`Context::count`].
///
/// Six of them are OpenSSL's counters of handshakes (`SSL_CTX_sess_number(3)`). The other two are what its
/// hits and misses are on a client, where it looks nothing up.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Handshake {
    /// A server began the first handshake of a connection. `SSL_CTX_sess_accept`.
    Accept,
    /// A server finished a handshake, full or resumed. `SSL_CTX_sess_accept_good`.
    AcceptGood,
    /// A server began a renegotiation. `SSL_CTX_sess_accept_renegotiate`.
    AcceptRenegotiate,
    /// A client began the first handshake of a connection. `SSL_CTX_sess_connect`.
    Connect,
    /// A client finished a handshake, full or resumed. `SSL_CTX_sess_connect_good`.
    ConnectGood,
    /// A client began a renegotiation. `SSL_CTX_sess_connect_renegotiate`.
    ConnectRenegotiate,
    /// A server resumed the session that this client had offered: one of `SSL_CTX_sess_hits`.
    OfferAccepted,
    /// A server did not resume it: one of `SSL_CTX_sess_misses`.
    OfferRefused,
}

impl Handshake {
    fn as_counted(self) -> InContext {
        match self {
            Self::Accept => InContext::Accept,
            Self::AcceptGood => InContext::AcceptGood,
            Self::AcceptRenegotiate => InContext::AcceptRenegotiate,
            Self::Connect => InContext::Connect,
            Self::ConnectGood => InContext::ConnectGood,
            Self::ConnectRenegotiate => InContext::ConnectRenegotiate,
            Self::OfferAccepted => InContext::OfferAccepted,
            Self::OfferRefused => InContext::OfferRefused,
        }
    }
}

/// Handshakes, as adapters have counted them. Never reset, and never below zero at rest.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct HandshakeStats {
    /// [`Handshake::Accept`].
    pub accept: u64,
    /// [`Handshake::AcceptGood`].
    pub accept_good: u64,
    /// [`Handshake::AcceptRenegotiate`].
    pub accept_renegotiate: u64,
    /// [`Handshake::Connect`].
    pub connect: u64,
    /// [`Handshake::ConnectGood`].
    pub connect_good: u64,
    /// [`Handshake::ConnectRenegotiate`].
    pub connect_renegotiate: u64,
    /// [`Handshake::OfferAccepted`].
    pub offers_accepted: u64,
    /// [`Handshake::OfferRefused`].
    pub offers_refused: u64,
}

impl HandshakeStats {
    /// From a function that gives each sum.
    pub(crate) fn read(sum: impl Fn(InContext) -> u64) -> Self {
        Self {
            accept: sum(InContext::Accept),
            accept_good: sum(InContext::AcceptGood),
            accept_renegotiate: sum(InContext::AcceptRenegotiate),
            connect: sum(InContext::Connect),
            connect_good: sum(InContext::ConnectGood),
            connect_renegotiate: sum(InContext::ConnectRenegotiate),
            offers_accepted: sum(InContext::OfferAccepted),
            offers_refused: sum(InContext::OfferRefused),
        }
    }
}

/// What was counted for one context alone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ContextStats {
    /// Its handshakes.
    pub handshakes: HandshakeStats,
    /// Lookups that found a session that may resume; this and the following only through
    /// [`Context::counting_lookups`].
    pub hits: u64,
    /// Those of them through the get callback.
    pub callback_hits: u64,
    /// Lookups that found nothing anywhere.
    pub misses: u64,
    /// Lookups that found nothing in the cache itself, whatever the get callback said then.
    pub internal_misses: u64,
    /// Lookups that found a session whose life was over.
    pub expired: u64,
    /// Lookups that found a session that may not resume.
    pub refused: u64,
}

impl Context {
    /// Counts something that happened to a connection of this context: for it, and in the cache's
    /// statistics. For adapters.
    ///
    /// # Concurrency
    /// Each thread counts on lines of its own.
    /// # Cost
    /// Some tens of nanoseconds, and 192 bytes for each thread and context that meet.
    pub fn count(&self, what: Handshake) {
        self.add(what.as_counted(), 1);
    }

    /// A connection that was accepted here turns out to belong to `other`, once the server's name is
    /// known: its [`Handshake::Accept`] moves there. Count there what follows, except what becomes of an
    /// offered session, which stays with the context that the connection began in.
    /// OpenSSL: `SSL_set_SSL_CTX` in the servername callback.
    pub fn move_accept_to(&self, other: &Context) {
        // One less. Wraps in this thread's counts if another thread has counted the acceptance; the sum
        // is right.
        self.add(InContext::Accept, u64::MAX);
        other.count(Handshake::Accept);
    }

    /// What was counted for this context.
    ///
    /// How many sessions it holds is not among it: only a walk through the whole cache would tell. Nor is
    /// how many of them were evicted, which is a matter of the cache's room and not of the context's.
    ///
    /// # Cost
    /// Takes a lock for each thread that has used the cache.
    pub fn stats(&self) -> ContextStats {
        let number = self.state.number();
        let sum = |what| self.shared.counters.sum_of_context(number, what);
        let callback_hits = sum(InContext::CallbackHit);
        ContextStats {
            handshakes: HandshakeStats::read(sum),
            hits: sum(InContext::Hit).wrapping_add(callback_hits),
            callback_hits,
            misses: sum(InContext::Miss),
            internal_misses: sum(InContext::InternalMiss),
            expired: sum(InContext::Expired),
            refused: sum(InContext::Refused),
        }
    }

    fn add(&self, what: InContext, by: u64) {
        self.shared.counters.add_in_context(self.state.number(), what, by);
    }

    /// Counts a lookup for this context alone.
    pub(crate) fn count_lookup<R>(&self, lookup: &Lookup<R>) {
        self.count_one(match lookup {
            Lookup::CallbackHit(_) => InContext::CallbackHit,
            Lookup::Expired => InContext::Expired,
            Lookup::Hit(_) => InContext::Hit,
            Lookup::Miss => InContext::Miss,
            Lookup::Refused(_) => InContext::Refused,
        });
    }

    pub(crate) fn count_one(&self, what: InContext) {
        self.add(what, 1);
    }
}
