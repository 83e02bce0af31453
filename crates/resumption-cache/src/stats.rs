//! What a cache has counted, and OpenSSL's view of it.

use crate::context_counts::InContext;
use crate::counters::{Count, Counters};
use crate::handshakes::HandshakeStats;

/// What a cache has done since it was made, and what it holds.
///
/// Counters never go back. At rest, with no operation under way, two sums hold exactly:
/// * [`Stats::offered`]: each lookup is a hit, a miss, expired, or refused;
/// * `insertions` = `entries` + all departures ([`Stats::departures`]).
///
/// While operations run, each counter is right and the sums may be off by what is under way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// Lookups that found a session that may resume, in the cache or through the get callback.
    pub hits: u64,
    /// Those of them through the get callback.
    pub callback_hits: u64,
    /// Lookups that found nothing anywhere.
    pub misses: u64,
    /// Lookups that found nothing in the cache, whatever the get callback said then.
    pub internal_misses: u64,
    /// Lookups that found a session whose life was over.
    pub expired: u64,
    /// Lookups that found a session that may not resume.
    pub refused: RefusedLookups,
    /// Sessions that entered, those that replaced another included.
    pub insertions: u64,
    /// Sessions that did not enter.
    pub rejected: RejectedInserts,
    /// Sessions that left for want of room.
    pub evictions: u64,
    /// Sessions that left because they were too old, met by a lookup, a sweep or an eviction.
    pub expirations: u64,
    /// Sessions that left in a flush.
    pub flushed: u64,
    /// Sessions that left because their context was invalidated. They were out of reach before.
    pub invalidated: u64,
    /// Sessions that left because somebody asked for it, or because the new callback declined them.
    pub removals: u64,
    /// Sessions that left because another came under their id.
    pub replaced: u64,
    /// Sessions that were handed out once.
    pub taken: u64,
    /// Handshakes, as adapters have counted them, of all contexts.
    pub handshakes: HandshakeStats,
    /// Those of the lookups above that clients made.
    pub client_lookups: ClientLookups,
    /// Callbacks that panicked.
    pub callback_panics: u64,
    /// Sessions in the cache now; the expired and invalidated ones that nobody has met included.
    pub entries: u64,
    /// Bytes that they take, overhead included.
    pub bytes: u64,
    /// Departed sessions whose memory is not free yet.
    pub garbage: u64,
}

/// Why lookups that found a session refused it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RefusedLookups {
    /// It belongs to another context. Only the get callback can answer so: in the cache, another
    /// context's session is not there. Or it belongs to none, and the server verifies clients.
    pub context: u64,
    /// It is marked as not resumable.
    pub not_resumable: u64,
    /// Everything else: from the future, single-use but not taken, of another id, before the
    /// context's invalidation, of too long a lineage.
    pub policy: u64,
    /// It belongs to another protocol version.
    pub version: u64,
}

/// Lookups through a context for clients ([`Context::for_clients`](crate::Context::for_clients)).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ClientLookups {
    /// Those that found a session that may be offered.
    pub hits: u64,
    /// Those that found nothing in the cache itself.
    pub internal_misses: u64,
    /// Those that found a session whose life was over.
    pub expired: u64,
}

/// Why sessions did not enter.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RejectedInserts {
    /// Its life was over before it came.
    pub already_expired: u64,
    /// The mode keeps no such session.
    pub caching_off: u64,
    /// It belongs to another context, or to none, and the server verifies clients.
    pub context: u64,
    /// It was created after now.
    pub from_the_future: u64,
    /// There was no room.
    pub full: u64,
    /// It is marked as not resumable.
    pub not_resumable: u64,
    /// A policy: before the context's invalidation, or of too long a lineage.
    pub policy: u64,
    /// What has left cannot be freed yet.
    pub stalled: u64,
    /// It is heavier than its part of the bound in bytes.
    pub too_heavy: u64,
    /// Its payload is larger than one session may have.
    pub too_large: u64,
}

impl Stats {
    /// All lookups: sessions that clients offered.
    pub const fn offered(&self) -> u64 {
        self.hits + self.misses + self.expired + self.refused.total()
    }

    /// All sessions that have left.
    pub const fn departures(&self) -> u64 {
        self.evictions
            + self.expirations
            + self.flushed
            + self.invalidated
            + self.removals
            + self.replaced
            + self.taken
    }

    /// The twelve counters of `SSL_CTX_sess_number(3)`, with OpenSSL's meanings. Those of handshakes are
    /// what adapters have counted ([`Context::count`](crate::Context::count)); a client's lookups are
    /// none to OpenSSL, which counts what servers say to its offers.
    pub const fn openssl(&self) -> OpensslStats {
        let (handshakes, client) = (&self.handshakes, &self.client_lookups);
        // Saturating: while operations run, one sum may be ahead of the other.
        OpensslStats {
            number: self.entries,
            connect: handshakes.connect,
            connect_good: handshakes.connect_good,
            connect_renegotiate: handshakes.connect_renegotiate,
            accept: handshakes.accept,
            accept_good: handshakes.accept_good,
            accept_renegotiate: handshakes.accept_renegotiate,
            hits: self.hits.saturating_sub(client.hits) + handshakes.offers_accepted,
            cb_hits: self.callback_hits,
            misses: self.internal_misses.saturating_sub(client.internal_misses)
                + handshakes.offers_refused,
            timeouts: self.expired.saturating_sub(client.expired),
            cache_full: self.evictions,
        }
    }

    pub(crate) fn read(counters: &Counters) -> Self {
        let sum = |count| counters.sum(count);
        let in_contexts = |what| counters.sum_of_contexts(what);
        let callback_hits = sum(Count::CallbackHit);
        Self {
            hits: sum(Count::InternalHit).wrapping_add(callback_hits),
            callback_hits,
            misses: sum(Count::Miss),
            internal_misses: sum(Count::InternalMiss),
            expired: sum(Count::ExpiredLookup),
            refused: RefusedLookups {
                context: sum(Count::RefusedContext),
                not_resumable: sum(Count::RefusedNotResumable),
                policy: sum(Count::RefusedPolicy),
                version: sum(Count::RefusedVersion),
            },
            insertions: sum(Count::Insertion),
            rejected: RejectedInserts {
                already_expired: sum(Count::RejectedExpired),
                caching_off: sum(Count::RejectedOff),
                context: sum(Count::RejectedContext),
                from_the_future: sum(Count::RejectedFromTheFuture),
                full: sum(Count::RejectedFull),
                not_resumable: sum(Count::RejectedNotResumable),
                policy: sum(Count::RejectedPolicy),
                stalled: sum(Count::RejectedStalled),
                too_heavy: sum(Count::RejectedTooHeavy),
                too_large: sum(Count::RejectedTooLarge),
            },
            evictions: sum(Count::Evicted),
            expirations: sum(Count::Expiration),
            flushed: sum(Count::Flushed),
            invalidated: sum(Count::Invalidated),
            removals: sum(Count::Removed),
            replaced: sum(Count::Replaced),
            taken: sum(Count::Taken),
            handshakes: HandshakeStats::read(in_contexts),
            client_lookups: ClientLookups {
                hits: in_contexts(InContext::ClientHit),
                internal_misses: in_contexts(InContext::ClientInternalMiss),
                expired: in_contexts(InContext::ClientExpired),
            },
            ..Self::default()
        }
    }
}

impl RefusedLookups {
    /// The sum.
    pub const fn total(&self) -> u64 {
        self.context + self.not_resumable + self.policy + self.version
    }
}

impl RejectedInserts {
    /// The sum.
    pub const fn total(&self) -> u64 {
        self.already_expired
            + self.caching_off
            + self.context
            + self.from_the_future
            + self.full
            + self.not_resumable
            + self.policy
            + self.stalled
            + self.too_heavy
            + self.too_large
    }
}

/// OpenSSL's names for what a cache counts: `SSL_CTX_sess_number(3)`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct OpensslStats {
    /// `SSL_CTX_sess_number`: sessions in the cache.
    pub number: u64,
    /// `SSL_CTX_sess_connect`: handshakes that clients began.
    pub connect: u64,
    /// `SSL_CTX_sess_connect_good`: handshakes that clients finished.
    pub connect_good: u64,
    /// `SSL_CTX_sess_connect_renegotiate`: renegotiations that clients began.
    pub connect_renegotiate: u64,
    /// `SSL_CTX_sess_accept`: handshakes that servers began.
    pub accept: u64,
    /// `SSL_CTX_sess_accept_good`: handshakes that servers finished.
    pub accept_good: u64,
    /// `SSL_CTX_sess_accept_renegotiate`: renegotiations that servers began.
    pub accept_renegotiate: u64,
    /// `SSL_CTX_sess_hits`: servers' lookups that may resume, callback hits included, and clients' offers
    /// that were accepted. One for each lookup: OpenSSL counts two if the client had to say hello twice.
    pub hits: u64,
    /// `SSL_CTX_sess_cb_hits`: those of the get callback. OpenSSL also counts what it then refuses.
    pub cb_hits: u64,
    /// `SSL_CTX_sess_misses`: servers' lookups that found nothing in the cache itself, and clients' offers
    /// that were refused.
    pub misses: u64,
    /// `SSL_CTX_sess_timeouts`: servers' lookups that found something too old.
    pub timeouts: u64,
    /// `SSL_CTX_sess_cache_full`: evictions.
    pub cache_full: u64,
}
