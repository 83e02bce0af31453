//! The cache as its owner sees it: configuration, statistics, contexts.

use core::fmt;
use core::num::NonZeroU64;
use std::sync::Arc;

use resumption_policy::{CacheMode, Capacity, Limits, Timeouts};
use resumption_session::{Lifetime, SessionIdContext, Timestamp};

use crate::builder::CacheBuilder;
use crate::context::Context;
use crate::contexts::ContextError;
use crate::shared::Shared;
use crate::stats::Stats;

/// A TLS session cache. Clones are the same cache.
///
/// Sessions live in isolation contexts: everything that stores or looks up is on [`Context`], which
/// [`SessionCache::context`] gives out. Here is what concerns all of them.
///
/// The cache ends with the last of its clones and contexts; what it then still holds is reported to
/// the remove callback as shut down.
///
/// # Concurrency
/// Every method may be called from every thread at once, callbacks included. Lookups take no lock
/// and wait for nobody. Setters take effect for operations that begin after them.
#[derive(Clone)]
pub struct SessionCache {
    pub(crate) shared: Arc<Shared>,
}

impl SessionCache {
    /// A cache to configure.
    pub fn builder() -> CacheBuilder {
        CacheBuilder::new()
    }

    /// The context of these bytes; the same bytes give the same context. It lasts as long as the
    /// cache. OpenSSL: `SSL_CTX_set_session_id_context`.
    ///
    /// # Errors
    /// [`ContextError`] when there are too many.
    /// # Cost
    /// Takes a lock: ask once, when a server is configured, and keep the answer.
    pub fn context(&self, bytes: SessionIdContext) -> Result<Context, ContextError> {
        Ok(Context::new(Arc::clone(&self.shared), self.shared.contexts.by_bytes(bytes)?))
    }

    /// The mode. OpenSSL: `SSL_CTX_get_session_cache_mode`.
    pub fn mode(&self) -> CacheMode {
        self.shared.live.mode()
    }

    /// Sets the mode and gives the former one back. What is cached stays.
    /// OpenSSL: `SSL_CTX_set_session_cache_mode`.
    pub fn set_mode(&self, mode: CacheMode) -> CacheMode {
        CacheMode::from_bits_truncate(self.set_mode_word(mode.bits()))
    }

    /// The timeout as it was set, zero included. OpenSSL: `SSL_CTX_get_timeout`.
    pub fn timeout(&self) -> Lifetime {
        self.shared.live.timeouts().session()
    }

    /// Sets the timeout of sessions made from now on and gives the former one back. Zero means the
    /// default, 7200 s. What is cached keeps its own. OpenSSL: `SSL_CTX_set_timeout`.
    pub fn set_timeout(&self, timeout: Lifetime) -> Lifetime {
        self.shared.live.set_session_timeout(timeout)
    }

    /// The timeout and the caps. [`Timeouts::for_new_session`] is what to give to a new session.
    pub fn timeouts(&self) -> Timeouts {
        self.shared.live.timeouts()
    }

    /// What one session may take.
    pub fn limits(&self) -> Limits {
        self.shared.live.limits()
    }

    /// The capacity. OpenSSL: `SSL_CTX_sess_get_cache_size`.
    pub fn capacity(&self) -> Capacity {
        self.shared.live.with_capacity(|capacity| *capacity)
    }

    /// Sets the capacity and gives the former one back. OpenSSL: `SSL_CTX_sess_set_cache_size`.
    ///
    /// What is too much is evicted by later inserts and by [`SessionCache::maintain`], a little at a
    /// time. The index keeps the size that it was built with: lookups slow down when the cache holds
    /// more than about four times what was expected then.
    pub fn set_capacity(&self, capacity: Capacity) -> Capacity {
        self.change_capacity(|_| capacity)
    }

    /// Sets what `change` makes of the capacity, and gives the former one back.
    pub(crate) fn change_capacity(&self, change: impl FnOnce(Capacity) -> Capacity) -> Capacity {
        // The map changes under the same lock, so that the last of two callers wins in both.
        self.shared.live.with_capacity(|current| {
            let capacity = change(*current);
            self.shared.map.set_capacity(capacity.entries());
            self.shared.map.set_weight_limit(capacity.bytes().map(NonZeroU64::get));
            core::mem::replace(current, capacity)
        })
    }

    /// The time by the cache's clock. Create sessions with it: one that another clock dates after it
    /// is refused.
    #[inline]
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// How many sessions are held; the expired and invalidated ones that nobody has met included.
    pub fn len(&self) -> usize {
        self.shared.map.len()
    }

    /// Whether no session is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the cache has counted, and what it holds.
    ///
    /// # Cost
    /// Takes a lock that only first uses of a thread take too, and reads a few lines for each thread and
    /// for each context that a thread has counted for.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats::read(&self.shared.counters);
        stats.callback_panics = self.shared.callbacks.panics();
        stats.entries = self.shared.map.len() as u64;
        stats.bytes = self.shared.map.weight();
        stats.garbage = self.shared.map.garbage() as u64;
        stats
    }

    /// Checks the structure of the map below, when no other thread uses the cache. For tests.
    ///
    /// # Errors
    /// The first fault.
    #[doc(hidden)]
    pub fn validate(&self) -> Result<(), impl core::error::Error + Send + Sync + use<>> {
        self.shared.map.validate()
    }
}

impl fmt::Debug for SessionCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCache")
            .field("mode", &self.mode())
            .field("timeout", &self.timeout())
            .field("capacity", &self.capacity())
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
