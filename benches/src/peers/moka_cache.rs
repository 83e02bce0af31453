//! moka: a concurrent cache that admits by frequency (`TinyLFU`) and works through its log later.

use std::sync::Arc;

use moka::sync::Cache;

use super::{Able, Hasher, Life, Peer, Stored};
use crate::ids::Id;

pub(crate) struct MokaCache(Cache<Id, Arc<Stored>, Hasher>);

impl Peer for MokaCache {
    const NAME: &'static str = "moka";
    const NOTE: &'static str = "counted handle; when full it may drop the new session instead; \
                                has no flush: it clears inside its callers' operations";
    const ABLE: Able = Able { flush: false, overhead: 500, ..Able::CACHE };

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        let builder = Cache::builder().max_capacity(capacity as u64).initial_capacity(capacity);
        Self(builder.build_with_hasher(Hasher::new()))
    }

    fn local(&self) {}

    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.get(id)?.look()
    }

    fn insert(&self, (): &mut (), id: &Id, payload: &[u8], life: Life) -> bool {
        self.0.insert(*id, Arc::new(Stored::new(payload, life)));
        true
    }

    fn take(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.remove(id)?.look()
    }
}
