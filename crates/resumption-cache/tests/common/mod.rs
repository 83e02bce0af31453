//! What the tests of the cache share.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use resumption_cache::{
    CacheBuilder, Callbacks, Capacity, Context, ManualClock, Removal, RemovalReason, SessionCache,
};
use resumption_session::{
    Lifetime, SecretBytes, SecretRef, Session, SessionId, SessionIdContext, Timestamp,
};

/// When every test begins.
pub(crate) const START: Timestamp = Timestamp::from_unix_secs(1_700_000_000);

pub(crate) const HOUR: Lifetime = Lifetime::from_secs(3600);

pub(crate) fn entries(number: usize) -> Capacity {
    Capacity::of_entries(NonZeroUsize::new(number).expect("not zero"))
}

pub(crate) fn id(number: u64) -> SessionId {
    let mut bytes = [0xa5; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    SessionId::from(bytes)
}

/// Builds a cache on a clock that stands still.
pub(crate) fn build(
    configure: impl FnOnce(CacheBuilder) -> CacheBuilder,
) -> (SessionCache, ManualClock) {
    let clock = ManualClock::new(START);
    let builder = configure(SessionCache::builder().clock(clock.clone()));
    (builder.build().expect("a possible shape"), clock)
}

/// A cache with a context.
pub(crate) fn plain(capacity: usize) -> (SessionCache, Context, ManualClock) {
    let (cache, clock) = build(|builder| builder.capacity(entries(capacity)));
    let context = context(&cache, b"plain");
    (cache, context, clock)
}

pub(crate) fn context(cache: &SessionCache, bytes: &[u8]) -> Context {
    cache.context(SessionIdContext::new(bytes).expect("short")).expect("few")
}

/// A session of an hour, whose payload is its number.
pub(crate) fn session(context: &Context, number: u64) -> Session {
    lived(context, number, HOUR)
}

pub(crate) fn lived(context: &Context, number: u64, lifetime: Lifetime) -> Session {
    let payload = SecretBytes::new(number.to_le_bytes().to_vec());
    Session::new(id(number), *context.bytes(), context.now(), lifetime, payload)
}

/// The number at the beginning of a payload.
pub(crate) fn number(payload: SecretRef<'_>) -> u64 {
    u64::from_le_bytes(*payload.expose().first_chunk().expect("eight bytes"))
}

/// Everything that a remove callback was told.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Gone>>>);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gone {
    pub(crate) context: SessionIdContext,
    pub(crate) id: SessionId,
    pub(crate) number: Option<u64>,
    pub(crate) reason: RemovalReason,
}

impl Log {
    pub(crate) fn callbacks(&self) -> Callbacks {
        Callbacks::none().on_remove(self.listener())
    }

    pub(crate) fn listener(&self) -> impl Fn(Removal<'_>) + Send + Sync + 'static {
        let log = Arc::clone(&self.0);
        move |removal: Removal<'_>| {
            log.lock().expect("not poisoned").push(Gone {
                context: *removal.context,
                id: *removal.id,
                number: removal.session.map(|session| number(session.payload())),
                reason: removal.reason,
            });
        }
    }

    pub(crate) fn drain(&self) -> Vec<Gone> {
        std::mem::take(&mut self.0.lock().expect("not poisoned"))
    }

    /// What has left since the last call, as number and reason.
    pub(crate) fn reasons(&self) -> Vec<(Option<u64>, RemovalReason)> {
        self.drain().into_iter().map(|gone| (gone.number, gone.reason)).collect()
    }
}

/// Both sums of the statistics hold, and the structure below is whole; to be asked at rest.
pub(crate) fn assert_adds_up(cache: &SessionCache) {
    if let Err(fault) = cache.validate() {
        panic!("the structure is broken: {fault}");
    }
    let stats = cache.stats();
    assert_eq!(
        stats.offered(),
        stats.hits + stats.misses + stats.expired + stats.refused.total(),
        "{stats:?}"
    );
    assert_eq!(stats.insertions, stats.entries + stats.departures(), "{stats:?}");
}
