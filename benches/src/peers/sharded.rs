//! 64 hash maps behind a read-write lock each: the best there is at take + put, without a bound.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::{Able, Hasher, Life, Peer, Stored};
use crate::ids::Id;

const SHARDS: usize = 64;

/// On cache lines of its own: neighbouring locks would slow each other down.
#[derive(Default)]
#[repr(align(128))]
struct Shard(RwLock<HashMap<Id, Stored, Hasher>>);

pub(crate) struct Sharded(Box<[Shard]>);

impl Sharded {
    /// The last byte of an id is as random as any other.
    fn shard(&self, id: &Id) -> &RwLock<HashMap<Id, Stored, Hasher>> {
        &self.0[usize::from(id[31]) % SHARDS].0
    }
}

impl Peer for Sharded {
    const NAME: &'static str = "64 × RwLock<HashMap>";
    const NOTE: &'static str = "in place under a shard's lock; no bound";
    const ABLE: Able = Able::MAP;

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        let of_a_shard = capacity.div_ceil(SHARDS);
        let map = || HashMap::with_capacity_and_hasher(of_a_shard, Hasher::new());
        Self((0..SHARDS).map(|_| Shard(RwLock::new(map()))).collect())
    }

    fn local(&self) {}

    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.shard(id).read().unwrap_or_else(PoisonError::into_inner).get(id)?.look()
    }

    fn insert(&self, (): &mut (), id: &Id, payload: &[u8], life: Life) -> bool {
        let session = Stored::new(payload, life);
        self.shard(id).write().unwrap_or_else(PoisonError::into_inner).insert(*id, session);
        true
    }

    fn take(&self, (): &mut (), id: &Id) -> Option<u64> {
        let taken = self.shard(id).write().unwrap_or_else(PoisonError::into_inner).remove(id);
        // Freed here, after the lock.
        taken?.look()
    }

    fn flush(&self) {
        for shard in &self.0 {
            let mut sessions = shard.0.write().unwrap_or_else(PoisonError::into_inner);
            sessions.retain(|_, session| session.outlives_the_flush());
        }
    }
}
