//! One connection's view of the store: it may ask only so often, and what it stores inherits the
//! lineage of what it took.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use resumption_cache::Generation;
use resumption_session::Timestamp;
use rustls::server::StoresServerSessions;

use crate::store::RustlsStore;

/// The session storage of one connection.
///
/// rustls drives a connection from one thread at a time, through `&mut`; the atomics are there
/// because the trait wants `Sync`, and relaxed because the connection itself orders them.
pub(crate) struct ConnectionStore {
    store: RustlsStore,
    began_in: Generation,
    lookups_left: AtomicU32,
    /// The earliest origin of what was taken; the end of time when nothing was.
    lineage: AtomicU64,
}

impl ConnectionStore {
    pub(crate) fn new(store: RustlsStore, lookups: u32) -> Arc<Self> {
        Arc::new(Self {
            began_in: store.context().generation(),
            store,
            lookups_left: AtomicU32::new(lookups),
            lineage: AtomicU64::new(Timestamp::END_OF_TIME.as_nanos()),
        })
    }

    /// Uses up one lookup, if there is one left.
    fn may_look_up(&self) -> bool {
        let left = self.lookups_left.load(Ordering::Relaxed);
        let Some(fewer) = left.checked_sub(1) else {
            self.store.rejected().over_budget();
            return false;
        };
        self.lookups_left.store(fewer, Ordering::Relaxed);
        true
    }
}

impl fmt::Debug for ConnectionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionStore")
            .field("lookups_left", &self.lookups_left)
            .finish_non_exhaustive()
    }
}

impl StoresServerSessions for ConnectionStore {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        let lineage = Timestamp::from_nanos(self.lineage.load(Ordering::Relaxed));
        self.store.insert(&key, value, lineage, self.began_in)
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let id = self.store.reusable_id(key)?;
        if self.may_look_up() { self.store.look_up(&id) } else { None }
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        let id = self.store.single_use_id(key)?;
        if !self.may_look_up() {
            return None;
        }
        let taken = self.store.take_up(&id)?;
        // Should rustls find that it cannot resume this one after all, the tickets of the full
        // handshake that follows get a shorter life than they might have. The safe way to err.
        self.lineage.fetch_min(taken.authenticated_at.as_nanos(), Ordering::Relaxed);
        Some(taken.value)
    }

    fn can_cache(&self) -> bool {
        self.store.can_cache()
    }
}
