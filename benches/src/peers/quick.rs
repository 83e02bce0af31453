//! `quick_cache`: S3-FIFO behind a lock a shard.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::{Bound, Peer, touch};
use crate::ids::Id;

pub(crate) struct QuickCache(Cache<Id, Arc<[u8]>>);

impl Peer for QuickCache {
    const NAME: &'static str = "quick_cache";
    const NOTE: &'static str = "counted handle; no expiry";
    const BOUND: Bound = Bound::Entries;

    fn with_capacity(capacity: usize) -> Self {
        Self(Cache::new(capacity))
    }

    fn get(&self, id: &Id) -> Option<u64> {
        self.0.get(id).map(|session| touch(&session))
    }

    fn insert(&self, id: &Id, payload: &[u8]) -> bool {
        self.0.insert(*id, payload.into());
        true
    }

    fn take(&self, id: &Id) -> Option<u64> {
        self.0.remove(id).map(|(_, session)| touch(&session))
    }
}
