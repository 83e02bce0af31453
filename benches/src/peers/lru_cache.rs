//! An LRU list behind one mutex: what one writes in an afternoon.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::{Able, Hasher, Life, Peer, Stored};
use crate::ids::Id;

type Sessions = LruCache<Id, Stored, Hasher>;

pub(crate) struct LockedLru(Mutex<Sessions>);

impl LockedLru {
    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peer for LockedLru {
    const NAME: &'static str = "Mutex<LruCache>";
    const NOTE: &'static str = "in place under the one lock; exact LRU";
    const ABLE: Able = Able::CACHE;

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        let capacity = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
        Self(Mutex::new(LruCache::with_hasher(capacity, Hasher::new())))
    }

    fn local(&self) {}

    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        self.lock().get(id)?.look()
    }

    fn insert(&self, (): &mut (), id: &Id, payload: &[u8], life: Life) -> bool {
        let session = Stored::new(payload, life);
        // What is pushed out is freed here, after the lock.
        let pushed_out = self.lock().push(*id, session);
        drop(pushed_out);
        true
    }

    fn take(&self, (): &mut (), id: &Id) -> Option<u64> {
        let taken = self.lock().pop(id);
        taken?.look()
    }

    fn flush(&self) {
        let mut sessions = self.lock();
        let expired = sessions.iter().filter(|(_, session)| !session.outlives_the_flush());
        let expired: Vec<Id> = expired.map(|(id, _)| *id).collect();
        for id in expired {
            sessions.pop(&id);
        }
    }
}
