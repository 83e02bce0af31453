//! papaya: a lock-free hash map, reclaimed by seize.

use papaya::HashMap;

use super::{Able, Hasher, Life, Peer, Stored};
use crate::ids::Id;

pub(crate) struct PapayaMap(HashMap<Id, Stored, Hasher>);

impl Peer for PapayaMap {
    const NAME: &'static str = "papaya";
    const NOTE: &'static str = "lock-free, in place; no bound";
    const ABLE: Able = Able::MAP;

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        Self(HashMap::with_capacity_and_hasher(capacity, Hasher::new()))
    }

    fn local(&self) {}

    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.pin().get(id)?.look()
    }

    fn insert(&self, (): &mut (), id: &Id, payload: &[u8], life: Life) -> bool {
        self.0.pin().insert(*id, Stored::new(payload, life));
        true
    }

    fn take(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.0.pin().remove(id)?.look()
    }

    fn flush(&self) {
        self.0.pin().retain(|_, session| session.outlives_the_flush());
    }
}
