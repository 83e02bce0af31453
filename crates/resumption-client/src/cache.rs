//! The sessions of a client, of all its configurations.

use core::fmt;
use core::num::NonZeroU8;
use std::sync::Arc;

use resumption_cache::{ContextError, SessionCache};
use resumption_session::SessionIdContext;

use crate::sessions::ClientSessions;
use crate::stats::{ClientStats, Counters};

/// The sessions of a client. Clones are the same cache.
///
/// Make it of a [`SessionCache`] of its own, in the mode [`CacheMode::CLIENT`]; without that mode's bit
/// nothing is kept. Its capacity counts entries: a server takes one, besides one for each of its tickets
/// and one for its session of before TLS 1.3.
///
/// [`CacheMode::CLIENT`]: resumption_cache::CacheMode::CLIENT
///
/// That cache's new and remove callbacks hear of sessions as ever; its get callback, which is the servers',
/// is not asked. A remove callback hears besides of the entry that says where a server's tickets lie: an
/// object without encoding.
///
/// # Concurrency
/// Every method may be called from every thread at once. Nothing takes a lock but
/// [`ClientCache::configuration`].
#[derive(Clone)]
pub struct ClientCache {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) cache: SessionCache,
    pub(crate) tickets_per_server: u8,
    pub(crate) counters: Counters,
}

impl ClientCache {
    /// How many TLS 1.3 tickets are kept of one server unless stated otherwise: as many connections may
    /// begin at once and resume. Most servers give two at a time.
    pub const DEFAULT_TICKETS_PER_SERVER: NonZeroU8 = NonZeroU8::new(8).unwrap();

    /// The most tickets that can be kept of one server.
    pub const MAX_TICKETS_PER_SERVER: NonZeroU8 = NonZeroU8::new(32).unwrap();

    /// Keeps a client's sessions in `cache`.
    pub fn new(cache: SessionCache) -> Self {
        Self::made(cache, Self::DEFAULT_TICKETS_PER_SERVER)
    }

    /// The same with this many tickets a server, which counts from scratch; more than
    /// [`ClientCache::MAX_TICKETS_PER_SERVER`] count as that.
    #[must_use]
    pub fn with_tickets_per_server(self, tickets: NonZeroU8) -> Self {
        Self::made(self.shared.cache.clone(), tickets.min(Self::MAX_TICKETS_PER_SERVER))
    }

    fn made(cache: SessionCache, tickets: NonZeroU8) -> Self {
        let shared =
            Shared { cache, tickets_per_server: tickets.get(), counters: Counters::default() };
        Self { shared: Arc::new(shared) }
    }

    /// The sessions of one TLS configuration, told from all others by its fingerprint.
    ///
    /// Two configurations may have one fingerprint only if they verify servers in the same way, present
    /// the same certificates and agree on protocols: a session that is resumed skips all of that.
    ///
    /// # Errors
    /// [`ContextError`] when there are too many: the caller's fault.
    /// # Cost
    /// Takes a lock: ask once for each configuration, and keep the answer.
    pub fn configuration(
        &self,
        fingerprint: SessionIdContext,
    ) -> Result<ClientSessions, ContextError> {
        let context = self.shared.cache.context(fingerprint)?.for_clients();
        Ok(ClientSessions::new(Arc::clone(&self.shared), context))
    }

    /// The cache below: its configuration, and what it counts.
    pub fn cache(&self) -> &SessionCache {
        &self.shared.cache
    }

    /// How many tickets are kept of one server.
    pub fn tickets_per_server(&self) -> u8 {
        self.shared.tickets_per_server
    }

    /// What this client's cache has counted.
    pub fn stats(&self) -> ClientStats {
        self.shared.counters.read()
    }
}

impl fmt::Debug for ClientCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCache")
            .field("cache", &self.shared.cache)
            .field("tickets_per_server", &self.shared.tickets_per_server)
            .finish_non_exhaustive()
    }
}
