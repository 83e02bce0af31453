//! `quick_cache`: S3-FIFO behind a lock a shard.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::{Able, Life, Peer, Stored};
use crate::ids::Id;

pub(crate) struct QuickCache(Cache<Id, Arc<Stored>>);

impl Peer for QuickCache {
    const NAME: &'static str = "quick_cache";
    const NOTE: &'static str = "counted handle, made under a shard's lock";
    const ABLE: Able = Able::CACHE;

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        Self(Cache::new(capacity))
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
        self.0.remove(id)?.1.look()
    }

    fn flush(&self) {
        self.0.retain(|_, session| session.outlives_the_flush());
    }
}
