//! What the tests of the client's cache share.
#![allow(dead_code, reason = "each test file uses some of it")]

use resumption_cache::{CacheBuilder, CacheMode, ManualClock, SessionCache};
use resumption_client::{
    ClientCache, ClientSessions, Content, ReceivedSession, ServerKey, Transport,
};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionIdContext, Timestamp,
};

/// When every test begins.
pub(crate) const START: Timestamp = Timestamp::from_unix_secs(1_700_000_000);

pub(crate) const HOUR: Lifetime = Lifetime::from_secs(3600);

/// A client's cache on a clock that stands still.
pub(crate) fn build(
    configure: impl FnOnce(CacheBuilder) -> CacheBuilder,
) -> (ClientCache, ManualClock) {
    let clock = ManualClock::new(START);
    let builder = SessionCache::builder().mode(CacheMode::CLIENT).clock(clock.clone());
    (ClientCache::new(configure(builder).build().expect("a possible shape")), clock)
}

pub(crate) fn plain() -> (ClientCache, ClientSessions, ManualClock) {
    let (cache, clock) = build(|builder| builder);
    let sessions = configuration(&cache, b"plain");
    (cache, sessions, clock)
}

pub(crate) fn configuration(cache: &ClientCache, fingerprint: &[u8]) -> ClientSessions {
    cache.configuration(SessionIdContext::new(fingerprint).expect("short")).expect("few")
}

pub(crate) fn server(name: &str) -> ServerKey {
    ServerKey::new(name, 443, Transport::Tcp)
}

/// A ticket of this life, whose content is its number.
pub(crate) fn ticket(number: u64, lifetime: Lifetime) -> ReceivedSession {
    received(ProtocolVersion::Tls13, number, lifetime)
}

pub(crate) fn received(
    version: ProtocolVersion,
    number: u64,
    lifetime: Lifetime,
) -> ReceivedSession {
    let content = Content::Bytes(SecretBytes::new(number.to_le_bytes().to_vec()));
    ReceivedSession::new(version, lifetime, content)
}

pub(crate) fn number(session: &Session) -> u64 {
    u64::from_le_bytes(*session.payload().expose().first_chunk().expect("eight bytes"))
}

/// The number of the ticket that is handed out.
pub(crate) fn take(sessions: &ClientSessions, server: &ServerKey) -> Option<u64> {
    sessions.take_ticket(server).as_ref().map(number)
}

/// The number of the session of before TLS 1.3.
pub(crate) fn reusable(sessions: &ClientSessions, server: &ServerKey) -> Option<u64> {
    sessions.reusable(server).as_ref().map(number)
}

/// The sums of both statistics hold.
pub(crate) fn assert_adds_up(cache: &ClientCache) {
    let stats = cache.stats();
    assert_eq!(stats.lookups, stats.found + stats.expired + stats.absent, "{stats:?}");
    if let Err(fault) = cache.cache().validate() {
        panic!("the structure is broken: {fault}");
    }
    let stats = cache.cache().stats();
    assert_eq!(
        stats.offered(),
        stats.hits + stats.misses + stats.expired + stats.refused.total(),
        "{stats:?}"
    );
    assert_eq!(stats.insertions, stats.entries + stats.departures(), "{stats:?}");
}
