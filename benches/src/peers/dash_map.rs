//! `DashMap`: a hash map behind a read-write lock a shard.

use super::{Bound, Peer, touch};
use crate::ids::Id;

pub(crate) struct DashMap(dashmap::DashMap<Id, Box<[u8]>>);

impl Peer for DashMap {
    const NAME: &'static str = "DashMap";
    const NOTE: &'static str = "in place under a shard's lock; no bound, no expiry";
    const BOUND: Bound = Bound::None;

    fn with_capacity(capacity: usize) -> Self {
        Self(dashmap::DashMap::with_capacity(capacity))
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
