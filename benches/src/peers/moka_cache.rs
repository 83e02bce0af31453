//! moka: a concurrent cache that admits by frequency (`TinyLFU`) and works through its log later.

use std::sync::Arc;

use moka::sync::Cache;

use super::{Bound, Peer, touch};
use crate::ids::Id;

pub(crate) struct MokaCache(Cache<Id, Arc<[u8]>>);

impl Peer for MokaCache {
    const NAME: &'static str = "moka";
    const NOTE: &'static str =
        "counted handle; when full it may drop the new session instead; no expiry set";
    const BOUND: Bound = Bound::Entries;

    fn with_capacity(capacity: usize) -> Self {
        Self(Cache::builder().max_capacity(capacity as u64).initial_capacity(capacity).build())
    }

    fn get(&self, id: &Id) -> Option<u64> {
        self.0.get(id).map(|session| touch(&session))
    }

    fn insert(&self, id: &Id, payload: &[u8]) -> bool {
        self.0.insert(*id, payload.into());
        true
    }

    fn take(&self, id: &Id) -> Option<u64> {
        self.0.remove(id).map(|session| touch(&session))
    }
}
