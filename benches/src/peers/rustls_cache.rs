//! rustls' own `ServerSessionMemoryCache`: what a rustls server has if it does nothing.

use std::sync::Arc;

use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};

use super::{Bound, Peer, touch};
use crate::ids::Id;

pub(crate) struct RustlsCache(Arc<ServerSessionMemoryCache>);

impl Peer for RustlsCache {
    const NAME: &'static str = "rustls' own";
    const NOTE: &'static str =
        "copies the session out, under one lock; take searches all; no expiry";
    const BOUND: Bound = Bound::Entries;

    fn with_capacity(capacity: usize) -> Self {
        Self(ServerSessionMemoryCache::new(capacity))
    }

    fn get(&self, id: &Id) -> Option<u64> {
        self.0.get(id).map(|session| touch(&session))
    }

    fn insert(&self, id: &Id, payload: &[u8]) -> bool {
        self.0.put(id.to_vec(), payload.to_vec())
    }

    fn take(&self, id: &Id) -> Option<u64> {
        self.0.take(id).map(|session| touch(&session))
    }
}
