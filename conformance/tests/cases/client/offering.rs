//! 76, 140, 146, 148: what a client keeps, and what it offers.

use resumption_cache::{CacheMode, Callbacks, Handshake, Lookup, Role};
use resumption_client::{
    ClientCache, ClientSessions, Content, NotKept, Outcome, ReceivedSession, ServerKey, Transport,
};
use resumption_session::{Lifetime, ProtocolVersion, SecretBytes, SessionId, SessionIdContext};

use super::{HOUR, cache, context, session};

fn server() -> ServerKey {
    ServerKey::new("example.org", 443, Transport::Tcp)
}

/// Sessions of a client on a cache in this mode.
fn sessions(mode: CacheMode) -> (ClientCache, ClientSessions, resumption_cache::ManualClock) {
    let (cache, clock) = cache(mode);
    let client = ClientCache::new(cache);
    let sessions = client.configuration(SessionIdContext::new(b"trusts one").unwrap()).unwrap();
    (client, sessions, clock)
}

fn received(version: ProtocolVersion, lifetime: Lifetime) -> ReceivedSession {
    ReceivedSession::new(version, lifetime, Content::Bytes(SecretBytes::new(vec![7; 48])))
}

#[test]
fn case_076_no_internal_lookup_has_no_effect_on_a_client() {
    let mode = CacheMode::CLIENT | CacheMode::NO_INTERNAL_LOOKUP;
    let (cache, _) = cache(mode);
    cache.set_callbacks(
        Callbacks::none().on_get(|_: &SessionIdContext, _: &SessionId| {
            panic!("the get callback is the servers'")
        }),
    );
    let context = context(&cache);
    let made = session(&context, 1, ProtocolVersion::Tls12);
    let id = *made.id();
    context.insert_negotiated(Role::Client, made).unwrap();
    assert_eq!(context.clone().for_clients().get_with(&id, |_| ()), Lookup::Hit(()));
    assert_eq!(cache.stats().callback_panics, 0);
    // So do the sessions of a client's cache.
    let (_, sessions, _) = sessions(mode);
    for version in [ProtocolVersion::Tls12, ProtocolVersion::Tls13] {
        sessions.insert(&server(), &received(version, HOUR)).unwrap();
        assert!(sessions.attempt(&server()).session().is_some(), "{version}");
    }
}

#[test]
fn case_140_a_ticket_of_no_lifetime_is_not_kept() {
    let (client, sessions, _) = sessions(CacheMode::CLIENT);
    let none = received(ProtocolVersion::Tls13, Lifetime::ZERO);
    assert_eq!(sessions.insert(&server(), &none), Err(NotKept::NoLifetime));
    assert!(sessions.take_ticket(&server()).is_none());
    assert_eq!(client.stats().without_lifetime, 1);
    sessions.insert(&server(), &received(ProtocolVersion::Tls13, HOUR)).unwrap();
    assert!(sessions.take_ticket(&server()).is_some());
}

#[test]
fn case_146_a_refused_offer_is_the_clients_miss() {
    let (client, sessions, _) = sessions(CacheMode::CLIENT);
    sessions.insert(&server(), &received(ProtocolVersion::Tls12, HOUR)).unwrap();
    let attempt = sessions.attempt(&server());
    assert!(attempt.session().is_some());
    attempt.finished(Outcome::Full);
    assert_eq!((client.stats().refused, client.stats().reused), (1, 0));
    assert!(sessions.attempt(&server()).session().is_none(), "not offered again");
    // The same in OpenSSL's counters, for adapters that count there.
    let (cache, _) = cache(CacheMode::CLIENT);
    let context = context(&cache).for_clients();
    context.count(Handshake::OfferRefused);
    let counted = cache.stats().openssl();
    assert_eq!((counted.misses, counted.hits), (1, 0));
    context.count(Handshake::OfferAccepted);
    assert_eq!(cache.stats().openssl().hits, 1);
}

#[test]
fn case_148_an_expired_session_is_not_offered() {
    for version in [ProtocolVersion::Tls12, ProtocolVersion::Tls13] {
        let (client, sessions, clock) = sessions(CacheMode::CLIENT);
        sessions.insert(&server(), &received(version, HOUR)).unwrap();
        clock.advance(HOUR);
        clock.advance(Lifetime::from_nanos(1));
        assert!(sessions.attempt(&server()).session().is_none(), "{version}");
        assert_eq!(client.stats().found, 0);
    }
}
