//! rustls' own `ServerSessionMemoryCache`: what a rustls server has if it does nothing.

use std::sync::Arc;

use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};

use super::{Able, Life, Peer, touch};
use crate::ids::Id;

pub(crate) struct RustlsCache(Arc<ServerSessionMemoryCache>);

impl Peer for RustlsCache {
    const NAME: &'static str = "rustls' own";
    const NOTE: &'static str =
        "one lock; copies the session out; take searches all sessions; no expiry, not even a check";
    const ABLE: Able = Able { flush: false, take_among_many: false, overhead: 260, ..Able::CACHE };

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        Self(ServerSessionMemoryCache::new(capacity))
    }

    fn local(&self) {}

    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.get(id).map(|session| touch(&session))
    }

    fn insert(&self, (): &mut (), id: &Id, payload: &[u8], _life: Life) -> bool {
        self.0.put(id.to_vec(), payload.to_vec())
    }

    fn take(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.take(id).map(|session| touch(&session))
    }
}
