//! `DashMap`: a hash map behind a read-write lock a shard.

use super::{Able, Hasher, Life, Peer, Stored};
use crate::ids::Id;

pub(crate) struct DashMap(dashmap::DashMap<Id, Stored, Hasher>);

impl Peer for DashMap {
    const NAME: &'static str = "DashMap";
    const NOTE: &'static str = "in place under a shard's lock; no bound";
    const ABLE: Able = Able::MAP;

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        Self(dashmap::DashMap::with_capacity_and_hasher(capacity, Hasher::new()))
    }

    fn local(&self) {}

    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.get(id)?.look()
    }

    fn insert(&self, (): &mut (), id: &Id, payload: &[u8], life: Life) -> bool {
        self.0.insert(*id, Stored::new(payload, life));
        true
    }

    fn take(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.remove(id)?.1.look()
    }

    fn flush(&self) {
        self.0.retain(|_, session| session.outlives_the_flush());
    }
}
