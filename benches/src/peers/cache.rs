//! This cache, through its public interface, as an adapter uses it.

use std::num::NonZeroUsize;

use resumption_cache::{Capacity, Context, Lookup, Role, SessionCache};
use resumption_session::{Lifetime, SecretRef, SessionId, SessionIdContext, SessionView};

use super::{Bound, Peer, touch};
use crate::ids::Id;

pub(crate) struct Cache(Context);

/// What a lookup found, if it found a session.
fn hit(lookup: Lookup<u64>) -> Option<u64> {
    match lookup {
        Lookup::Hit(touched) => Some(touched),
        _ => None,
    }
}

impl Peer for Cache {
    const NAME: &'static str = "resumption";
    const NOTE: &'static str = "in place; bound, expiry by its own clock, statistics, wiping";
    const BOUND: Bound = Bound::Entries;

    fn with_capacity(capacity: usize) -> Self {
        let entries = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
        let cache = SessionCache::builder().capacity(Capacity::of_entries(entries)).build();
        let bytes = SessionIdContext::new(b"bench").expect("at most 32 bytes");
        let context = cache.expect("the default shape is possible").context(bytes);
        Self(context.expect("the first of many contexts"))
    }

    fn get(&self, id: &Id) -> Option<u64> {
        let id = SessionId::from(*id);
        hit(self.0.get_with(&id, |session| touch(session.payload().expose())))
    }

    fn insert(&self, id: &Id, payload: &[u8]) -> bool {
        let (id, payload) = (SessionId::from(*id), SecretRef::new(payload));
        let (context, lifetime) = (&self.0, Lifetime::from_secs(7200));
        let session = SessionView::new(&id, context.bytes(), context.now(), lifetime, payload);
        let began_in = context.generation();
        context.insert_negotiated_under(began_in, Role::Server, session).is_ok()
    }

    fn take(&self, id: &Id) -> Option<u64> {
        let id = SessionId::from(*id);
        hit(self.0.take_with(&id, |session| touch(session.payload().expose())))
    }
}
