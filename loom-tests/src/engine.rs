//! What the models of the engine share. They run the shipped engine on the map's strict reclaimer.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use resumption_cache::{
    CacheBuilder, CacheMode, Capacity, Context, Lookup, ManualClock, Removal, SessionCache,
};
use resumption_session::{Lifetime, SecretBytes, Session, SessionId, SessionIdContext, Timestamp};

/// When every model begins.
pub const START: Timestamp = Timestamp::from_unix_secs(1_700_000_000);

/// How long every session lives.
pub const HOUR: Lifetime = Lifetime::from_secs(3600);

/// No housekeeping by the way: a model has states enough.
pub fn quiet() -> CacheMode {
    CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR
}

/// A small cache on a clock that stands still, and a context.
///
/// # Panics
/// When there is no such cache.
pub fn cache(
    configure: impl FnOnce(CacheBuilder) -> CacheBuilder,
) -> (SessionCache, Context, ManualClock) {
    let clock = ManualClock::new(START);
    let capacity = Capacity::of_entries(NonZeroUsize::new(4).unwrap_or(NonZeroUsize::MIN));
    let builder = SessionCache::builder().clock(clock.clone()).capacity(capacity).mode(quiet());
    let cache = configure(builder).build().expect("a possible shape");
    let context = cache.context(SessionIdContext::EMPTY).expect("the first");
    (cache, context, clock)
}

/// An id.
pub fn id(number: u8) -> SessionId {
    SessionId::from([number; 32])
}

/// A session of an hour that begins at [`START`], with one byte to tell it from others.
pub fn session(number: u8, payload: u8) -> Session {
    let payload = SecretBytes::new(vec![payload]);
    Session::new(id(number), SessionIdContext::EMPTY, START, HOUR, payload)
}

/// The payload of the session that a lookup finds.
pub fn payload(context: &Context, number: u8) -> Lookup<u8> {
    context.get_with(&id(number), |session| session.payload().expose()[0])
}

/// Asserts that every lookup and every session is accounted for.
///
/// # Panics
/// When the counters do not add up.
pub fn assert_adds_up(cache: &SessionCache, lookups: u64) {
    let stats = cache.stats();
    assert_eq!(stats.offered(), lookups, "lookups: {stats:?}");
    assert_eq!(stats.insertions, stats.entries + stats.departures(), "sessions: {stats:?}");
    assert_eq!(stats.callback_panics, 0);
}

/// Counts the departures that a remove callback is told of.
#[derive(Clone, Debug, Default)]
pub struct Told(Arc<AtomicU64>);

impl Told {
    /// A remove callback that counts the sessions that left, and not removals of what was not there.
    pub fn listener(&self) -> impl Fn(Removal<'_>) + Send + Sync + 'static {
        let told = Arc::clone(&self.0);
        move |removal: Removal<'_>| {
            told.fetch_add(removal.session.is_some().into(), Relaxed);
        }
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
