//! An LRU list behind one mutex: what one writes in an afternoon.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::{Bound, Peer, touch};
use crate::ids::Id;

type Sessions = LruCache<Id, Box<[u8]>>;

pub(crate) struct LockedLru(Mutex<Sessions>);

impl LockedLru {
    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peer for LockedLru {
    const NAME: &'static str = "Mutex<LruCache>";
    const NOTE: &'static str = "in place under the one lock; exact LRU, no expiry";
    const BOUND: Bound = Bound::Entries;

    fn with_capacity(capacity: usize) -> Self {
        let capacity = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
        Self(Mutex::new(LruCache::new(capacity)))
    }

    fn get(&self, id: &Id) -> Option<u64> {
        self.lock().get(id).map(|session| touch(session))
    }

    fn insert(&self, id: &Id, payload: &[u8]) -> bool {
        let payload = payload.into();
        // What is pushed out is freed here, after the lock.
        let pushed_out = self.lock().push(*id, payload);
        drop(pushed_out);
        true
    }

    fn take(&self, id: &Id) -> Option<u64> {
        let taken = self.lock().pop(id);
        taken.map(|session| touch(&session))
    }
}
