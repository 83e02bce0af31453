//! What rustls clients offer and resume, with real handshakes over both versions.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::sync::{Arc, Barrier};
use std::thread;

use resumption_cache::{CacheMode, ManualClock, SessionCache, Transport};
use resumption_client::ClientCache;
use resumption_rustls::RustlsStore;
use resumption_rustls::client::{RustlsClientStore, client_fingerprint};
use resumption_session::{Lifetime, SessionIdContext, Timestamp};
use rustls::HandshakeKind::{Full, FullWithHelloRetryRequest, Resumed};
use rustls::client::{ClientSessionStore, Resumption, Tls12Resumption};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::server::NoServerSessionStorage;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, NamedGroup, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
};
use support::{Client, context, converse, provider, server_config, server_config_with};

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

const NAME: &str = "localhost";

/// A client's cache on a clock that the test moves.
fn cache_and_clock() -> (ClientCache, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_unix_secs(1_800_000_000));
    let cache = SessionCache::builder().mode(CacheMode::CLIENT).clock(clock.clone());
    (ClientCache::new(cache.build().unwrap()), clock)
}

fn store(cache: &ClientCache) -> RustlsClientStore {
    store_of(cache, b"test")
}

fn store_of(cache: &ClientCache, fingerprint: &[u8]) -> RustlsClientStore {
    let fingerprint = SessionIdContext::new(fingerprint).unwrap();
    RustlsClientStore::new(cache.configuration(fingerprint).unwrap(), Transport::Tcp, 443)
}

fn client_config(version: &'static SupportedProtocolVersion) -> ClientConfig {
    Client::unauthenticated(version).with_no_client_auth()
}

/// A server with a cache of its own, whose sessions live for ever.
fn server(version: &'static SupportedProtocolVersion) -> (Arc<ServerConfig>, SessionCache) {
    let clock = ManualClock::new(Timestamp::from_unix_secs(1_800_000_000));
    let cache = SessionCache::builder().clock(clock).build().unwrap();
    let mut config = server_config(version);
    config.session_storage = Arc::new(RustlsStore::new(context(&cache, b"server")));
    (Arc::new(config), cache)
}

fn name(name: &str) -> ServerName<'static> {
    ServerName::try_from(name.to_owned()).unwrap()
}

/// A whole handshake with this configuration, in which both sides agree on what it was.
fn shake_hands(config: &Arc<ClientConfig>, to: &str, server: &Arc<ServerConfig>) -> HandshakeKind {
    let mut client = ClientConnection::new(Arc::clone(config), name(to)).unwrap();
    let mut server = ServerConnection::new(Arc::clone(server)).unwrap();
    converse(&mut client, &mut server);
    let kind = server.handshake_kind().unwrap();
    assert_eq!(client.handshake_kind(), Some(kind));
    kind
}

/// A whole connection of this store, told how it ended.
fn connect(
    store: &RustlsClientStore,
    config: &Arc<ClientConfig>,
    to: &str,
    server: &Arc<ServerConfig>,
) -> HandshakeKind {
    let attempt = store.connect(config, &name(to));
    let kind = shake_hands(attempt.config(), to, server);
    attempt.finished(kind);
    kind
}

#[test]
fn sessions_resume_over_both_versions_and_with_both_ways_to_use_the_store() {
    for version in VERSIONS {
        let (cache, _clock) = cache_and_clock();
        let (server, _) = server(version);
        let config = Arc::new(client_config(version));
        assert_eq!(connect(&store(&cache), &config, NAME, &server), Full);
        for _ in 0..5 {
            assert_eq!(connect(&store(&cache), &config, NAME, &server), Resumed, "{version:?}");
        }
        let stats = cache.stats();
        assert_eq!((stats.reused, stats.refused), (5, 0), "{stats:?}");

        let mut config = client_config(version);
        config.resumption = Resumption::store(Arc::new(store_of(&cache, b"shared")));
        let config = Arc::new(config);
        assert_eq!(shake_hands(&config, NAME, &server), Full);
        for _ in 0..5 {
            assert_eq!(shake_hands(&config, NAME, &server), Resumed, "{version:?}");
        }
    }
}

#[test]
fn nobody_but_its_own_server_gets_a_session() {
    for version in VERSIONS {
        let (cache, _clock) = cache_and_clock();
        let (server, sessions_of_the_server) = server(version);
        let config = Arc::new(client_config(version));
        let store = store(&cache);
        assert_eq!(connect(&store, &config, "a.example", &server), Full);
        // One and the same server, that would resume whatever it is offered.
        let offered = || sessions_of_the_server.stats().offered();
        let before = offered();
        let fingerprint = *store.sessions().fingerprint();
        let quic = cache.configuration(fingerprint).unwrap();
        let quic = RustlsClientStore::new(quic, Transport::Quic, 443);
        assert_eq!(connect(&store, &config, "b.example", &server), Full);
        assert_eq!(connect(&store, &config, "192.0.2.1", &server), Full);
        assert_eq!(connect(&store.for_port(8443), &config, "a.example", &server), Full);
        assert_eq!(connect(&quic, &config, "a.example", &server), Full);
        assert_eq!(connect(&store_of(&cache, b"other"), &config, "a.example", &server), Full);
        assert_eq!(offered(), before, "{version:?}: nothing was even offered");
        assert_eq!(cache.stats().refused, 0);
        // And each has its own now.
        for to in ["a.example", "b.example", "192.0.2.1"] {
            assert_eq!(connect(&store, &config, to, &server), Resumed, "{version:?} {to}");
        }
        assert_eq!(connect(&store.for_port(8443), &config, "a.example", &server), Resumed);
    }
}

/// Case 148. The server would still take it.
#[test]
fn what_has_expired_is_not_offered() {
    for version in VERSIONS {
        let (cache, clock) = cache_and_clock();
        let (server, sessions_of_the_server) = server(version);
        let config = Arc::new(client_config(version));
        let store = store(&cache);
        assert_eq!(connect(&store, &config, NAME, &server), Full);
        clock.advance(Lifetime::from_secs(7_200));
        assert_eq!(connect(&store, &config, NAME, &server), Resumed, "at the last instant");
        clock.advance(Lifetime::from_secs(7_201));
        let before = sessions_of_the_server.stats().offered();
        assert_eq!(connect(&store, &config, NAME, &server), Full, "{version:?}");
        assert_eq!(sessions_of_the_server.stats().offered(), before, "{version:?}");
        assert!(cache.stats().expired > 0);
    }
}

/// A ticket that two threads offered would resume for one of them only: the server takes it once.
#[test]
fn each_ticket_is_offered_once_by_eight_threads() {
    let (cache, _clock) = cache_and_clock();
    let sessions_of_the_server = SessionCache::builder().build().unwrap();
    let mut server = server_config(&TLS13);
    server.session_storage = Arc::new(RustlsStore::new(context(&sessions_of_the_server, b"s")));
    server.send_tls13_tickets = 8;
    let server = Arc::new(server);
    let config = Arc::new(client_config(&TLS13));
    let store = store(&cache);
    assert_eq!(connect(&store, &config, NAME, &server), Full);
    for _round in 0..10 {
        let start = Barrier::new(8);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        connect(&store, &config, NAME, &server)
                    })
                })
                .collect();
            for thread in threads {
                assert_eq!(thread.join().unwrap(), Resumed);
            }
        });
    }
    assert_eq!(cache.stats().reused, 80);
    assert_eq!(sessions_of_the_server.stats().misses, 0, "none was offered twice");
}

/// Case 146.
#[test]
fn what_the_server_refuses_is_counted_and_forgotten() {
    for version in VERSIONS {
        let (cache, _clock) = cache_and_clock();
        let (keeping, _) = server(version);
        let mut forgetful = ServerConfig::clone(&keeping);
        forgetful.session_storage = Arc::new(NoServerSessionStorage {});
        let forgetful = Arc::new(forgetful);
        let config = Arc::new(client_config(version));
        let store = store(&cache);
        assert_eq!(connect(&store, &config, NAME, &keeping), Full);
        // One by one, until none of the former server's sessions is left.
        let mut refused = 0;
        loop {
            assert_eq!(connect(&store, &config, NAME, &forgetful), Full);
            if cache.stats().refused == refused {
                break;
            }
            refused += 1;
        }
        // rustls' servers send two tickets.
        let had = if version == &TLS12 { 1 } else { 2 };
        assert_eq!((refused, cache.stats().reused), (had, 0), "{version:?}");
    }
}

#[test]
fn a_chain_of_resumptions_ends_after_a_week() {
    for version in VERSIONS {
        let (cache, clock) = cache_and_clock();
        let (server, _) = server(version);
        let config = Arc::new(client_config(version));
        let store = store(&cache);
        assert_eq!(connect(&store, &config, NAME, &server), Full);
        let mut hours = 0;
        while connect(&store, &config, NAME, &server) == Resumed {
            clock.advance(Lifetime::from_secs(3_600));
            hours += 1;
            assert!(hours < 200, "{version:?}: for ever");
        }
        // In TLS 1.2 too: rustls stores what it has resumed once more, as if it were new.
        assert_eq!(hours, 169, "{version:?}: at the last instant");
    }
}

#[test]
fn after_an_invalidation_nothing_is_offered_and_what_comes_late_is_not_kept() {
    for version in VERSIONS {
        let (cache, _clock) = cache_and_clock();
        let (server, _) = server(version);
        let config = Arc::new(client_config(version));
        let store = store(&cache);
        assert_eq!(connect(&store, &config, NAME, &server), Full);
        let early = store.connect(&config, &name(NAME));
        store.sessions().invalidate();
        assert_eq!(shake_hands(early.config(), NAME, &server), Full, "{version:?}");
        assert_eq!(connect(&store, &config, NAME, &server), Full, "{version:?}: it came late");
        assert_eq!(connect(&store, &config, NAME, &server), Resumed, "{version:?}");
    }
}

/// A server that likes another group than the client's first one asks once, and is remembered.
#[test]
fn the_named_group_of_a_server_is_remembered_for_itself_alone() {
    let only_p256 = CryptoProvider {
        kx_groups: vec![rustls::crypto::ring::kx_group::SECP256R1],
        ..CryptoProvider::clone(&provider())
    };
    let mut server = server_config_with(Arc::new(only_p256), &TLS13);
    server.session_storage = Arc::new(NoServerSessionStorage {});
    let server = Arc::new(server);
    let (cache, _clock) = cache_and_clock();
    let config = Arc::new(client_config(&TLS13));
    let store = store(&cache);
    assert_eq!(connect(&store, &config, "a.example", &server), FullWithHelloRetryRequest);
    assert_eq!(store.kx_hint(&name("a.example")), Some(NamedGroup::secp256r1));
    assert_eq!(connect(&store, &config, "a.example", &server), Full);
    assert_eq!(connect(&store, &config, "b.example", &server), FullWithHelloRetryRequest);
}

#[test]
fn a_configuration_that_resumes_no_tls_1_2_goes_on_not_to() {
    let (cache, _clock) = cache_and_clock();
    let (server, _) = server(&TLS12);
    let config = Arc::new(client_config(&TLS12));
    let store = store(&cache).with_tls12_resumption(Tls12Resumption::Disabled);
    let mut shared = client_config(&TLS12);
    shared.resumption = Resumption::store(Arc::new(store.clone()));
    let shared = Arc::new(shared);
    for _ in 0..2 {
        assert_eq!(connect(&store, &config, NAME, &server), Full);
        assert_eq!(shake_hands(&shared, NAME, &server), Full);
    }
    assert!(cache.cache().is_empty());
}

#[test]
fn a_connections_configuration_is_for_its_own_server() {
    for version in VERSIONS {
        let (cache, _clock) = cache_and_clock();
        let (server, _) = server(version);
        let config = Arc::new(client_config(version));
        let store = store(&cache);
        assert_eq!(connect(&store, &config, "a.example", &server), Full);
        let attempt = store.connect(&config, &name("a.example"));
        assert_eq!(shake_hands(attempt.config(), "b.example", &server), Full);
        assert_eq!(connect(&store, &config, "b.example", &server), Full, "and kept nothing");
        assert_eq!(connect(&store, &config, "a.example", &server), Resumed, "nor took any");
    }
}

#[test]
fn the_fingerprint_follows_what_the_configuration_shows() {
    let plain = client_config(&TLS13);
    let mut http2 = client_config(&TLS13);
    http2.alpn_protocols = vec![b"h2".to_vec()];
    let of = |config: &ClientConfig| client_fingerprint(config).finish();
    assert_eq!(of(&plain), of(&client_config(&TLS13)));
    assert_ne!(of(&plain), of(&http2));
}
