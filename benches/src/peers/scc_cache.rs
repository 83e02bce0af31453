//! `scc::HashCache`: buckets of 32 entries behind a lock each, LRU within a bucket.

use scc::HashCache;

use super::{Able, Hasher, Life, Peer, Stored};
use crate::ids::Id;

pub(crate) struct SccCache(HashCache<Id, Stored, Hasher>);

impl Peer for SccCache {
    const NAME: &'static str = "scc::HashCache";
    const NOTE: &'static str =
        "in place under a bucket's lock; rounds its capacity up to a power of two";
    const ABLE: Able = Able::CACHE;

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        // Both bounds, so that it does not grow while it is measured.
        Self(HashCache::with_capacity_and_hasher(capacity, capacity, Hasher::new()))
    }

    fn local(&self) {}

    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.read_sync(id, |_, session| session.look())?
    }

    fn insert(&self, (): &mut (), id: &Id, payload: &[u8], life: Life) -> bool {
        // Fails only for a key that is there; ids are fresh.
        self.0.put_sync(*id, Stored::new(payload, life)).is_ok()
    }

    fn take(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.remove_sync(id)?.1.look()
    }

    fn flush(&self) {
        self.0.retain_sync(|_, session| session.outlives_the_flush());
    }
}
