//! `scc::HashMap`: a hash map behind a lock a bucket.

use scc::HashMap;

use super::{Able, Hasher, Life, Peer, Stored};
use crate::ids::Id;

pub(crate) struct SccMap(HashMap<Id, Stored, Hasher>);

impl Peer for SccMap {
    const NAME: &'static str = "scc::HashMap";
    const NOTE: &'static str = "in place under a bucket's lock; no bound";
    const ABLE: Able = Able::MAP;

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        Self(HashMap::with_capacity_and_hasher(capacity, Hasher::new()))
    }

    fn local(&self) {}

    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.read_sync(id, |_, session| session.look())?
    }

    fn insert(&self, (): &mut (), id: &Id, payload: &[u8], life: Life) -> bool {
        self.0.upsert_sync(*id, Stored::new(payload, life));
        true
    }

    fn take(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.remove_sync(id)?.1.look()
    }

    fn flush(&self) {
        self.0.retain_sync(|_, session| session.outlives_the_flush());
    }
}
