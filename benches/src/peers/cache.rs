//! This cache, through its public interface, as an adapter uses it.

use std::num::NonZeroUsize;

use resumption_cache::{
    CacheBuilder, CacheMode, Capacity, Context, Lookup, ManualClock, Role, SessionCache,
    SystemClock,
};
use resumption_session::{Lifetime, SecretRef, SessionId, SessionIdContext, SessionView};

use super::{Able, Life, Peer, touch};
use crate::ids::Id;

const HOUR: u64 = 3600;

pub(crate) struct Cache {
    context: Context,
    /// Only where a flush is going to be measured: until then nothing may expire by itself.
    clock: Option<ManualClock>,
}

/// What a lookup found, if it found a session.
fn hit(lookup: Lookup<u64>) -> Option<u64> {
    match lookup {
        Lookup::Hit(touched) => Some(touched),
        _ => None,
    }
}

impl Cache {
    fn on(builder: CacheBuilder, capacity: usize, clock: Option<ManualClock>) -> Self {
        let entries = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
        let cache = builder.capacity(Capacity::of_entries(entries)).build();
        let bytes = SessionIdContext::new(b"bench").expect("at most 32 bytes");
        let context = cache.expect("the default shape is possible").context(bytes);
        Self { context: context.expect("the first of many contexts"), clock }
    }
}

impl Peer for Cache {
    const NAME: &'static str = "resumption";
    const NOTE: &'static str = "in place; bound, expiry by its own clock, statistics, wiping";
    const ABLE: Able = Able::CACHE;

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        Self::on(SessionCache::builder(), capacity, None)
    }

    fn filled(capacity: usize, ids: &[Id], payload: &[u8], life: impl Fn(usize) -> Life) -> Self {
        let clock = (0..ids.len()).any(|index| life(index) == Life::Short).then(|| {
            use resumption_cache::Clock;
            ManualClock::new(SystemClock::new().now())
        });
        let peer = match clock {
            // Without clearing by the way, as OpenSSL's: the clock will jump by hours at the flush,
            // and lookups would begin to make up for hours of sweeps that were never missed.
            Some(clock) => {
                let mode = CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR;
                let builder = SessionCache::builder().mode(mode).clock(clock.clone());
                Self::on(builder, capacity, Some(clock))
            }
            None => Self::with_capacity(capacity),
        };
        for (index, id) in ids.iter().enumerate() {
            peer.insert(&mut (), id, payload, life(index));
        }
        peer
    }

    fn local(&self) {}

    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        let id = SessionId::from(*id);
        hit(self.context.get_with(&id, |session| touch(session.payload().expose())))
    }

    fn insert(&self, (): &mut (), id: &Id, payload: &[u8], life: Life) -> bool {
        let (id, payload) = (SessionId::from(*id), SecretRef::new(payload));
        let hours = match life {
            Life::Long => 3,
            Life::Short => 1,
        };
        let (context, lifetime) = (&self.context, Lifetime::from_secs(hours * HOUR));
        let session = SessionView::new(&id, context.bytes(), context.now(), lifetime, payload);
        let began_in = context.generation();
        context.insert_negotiated_under(began_in, Role::Server, session).is_ok()
    }

    fn take(&self, (): &mut (), id: &Id) -> Option<u64> {
        let id = SessionId::from(*id);
        hit(self.context.take_with(&id, |session| touch(session.payload().expose())))
    }

    fn flush(&self) {
        if let Some(clock) = &self.clock {
            clock.advance(Lifetime::from_secs(2 * HOUR));
        }
        self.context.cache().flush_expired();
    }
}
