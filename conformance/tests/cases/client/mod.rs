//! The client's side, without TLS: the session of a connection, and what a client offers.

mod offering;
mod slot;

use resumption_cache::{CacheMode, Context, ManualClock, SessionCache};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, Timestamp,
};

const HOUR: Lifetime = Lifetime::from_secs(3600);

/// A cache of clients' sessions, in this mode, and its clock.
fn cache(mode: CacheMode) -> (SessionCache, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_unix_secs(1_700_000_000));
    (SessionCache::builder().mode(mode).clock(clock.clone()).build().unwrap(), clock)
}

fn context(cache: &SessionCache) -> Context {
    cache.context(SessionIdContext::new(b"client").unwrap()).unwrap()
}

fn session(context: &Context, number: u8, version: ProtocolVersion) -> Session {
    let payload = SecretBytes::new(vec![number; 48]);
    let id = SessionId::from([number; 32]);
    Session::new(id, *context.bytes(), context.now(), HOUR, payload).with_version(version)
}
