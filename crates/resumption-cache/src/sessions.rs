//! Going through all sessions of a cache.

use core::fmt;

use resumption_map::Snapshot;
use resumption_session::{SessionId, Timestamp};

use crate::cache::SessionCache;
use crate::record::Record;
use crate::reference::SessionRef;
use crate::shared::Shared;
use crate::sync::Reclaimer;

impl SessionCache {
    /// All sessions that could be resumed at this moment, of all contexts: neither expired nor
    /// invalidated. In no order.
    ///
    /// A session that is here from the beginning to the end appears once. One that comes or goes meanwhile
    /// may or may not; whether it is still here says [`SessionRef::is_resumable`]. Nothing is counted as
    /// a lookup, and no session is kept from being evicted by this.
    ///
    /// # Concurrency
    /// Nothing is locked, and nothing is pinned while the caller has a session in hand: they are
    /// collected 256 buckets at a time. A session that leaves the cache meanwhile keeps its place in
    /// memory as long as the caller holds it.
    /// # Cost
    /// As [`SessionCache::flush_expired`], and a reference counted for each session.
    /// # Security
    /// What is read here is not taken: a single-use session that is written down can be taken from the
    /// cache as well. Write down what nobody can take any more.
    pub fn sessions(&self) -> Sessions<'_> {
        let shared = &*self.shared;
        Sessions { shared, entries: shared.map.snapshot(), now: shared.now() }
    }
}

/// Iterates over the sessions of a cache; see [`SessionCache::sessions`].
pub struct Sessions<'c> {
    shared: &'c Shared,
    entries: Snapshot<'c, Record, Reclaimer>,
    now: Timestamp,
}

impl<'c> Iterator for Sessions<'c> {
    type Item = SessionRef<'c>;

    fn next(&mut self) -> Option<SessionRef<'c>> {
        let shared = self.shared;
        loop {
            let handle = self.entries.next()?;
            let current = shared
                .contexts
                .by_scope(handle.scope())
                .filter(|state| state.scope() == handle.scope());
            let (Some(state), Ok(id)) = (current, SessionId::new(handle.id())) else { continue };
            if handle.is_live() && handle.expires() >= self.now.as_nanos() {
                return Some(SessionRef::entry(id, state, handle));
            }
        }
    }
}

impl fmt::Debug for Sessions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}
