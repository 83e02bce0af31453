//! What resumes and what does not, with real rustls handshakes over both versions.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::num::NonZeroU32;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use resumption_cache::{CacheMode, SessionCache};
use resumption_session::Lifetime;
use rustls::HandshakeKind::{Full, FullWithHelloRetryRequest, Resumed};
use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, ServerConnection, SupportedProtocolVersion};
use support::{
    Client, cache_and_clock, cache_without_room, context, converse, hear_server, server_config,
    server_config_with, store,
};

const DAY: Duration = Duration::from_secs(86_400);

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// A server whose storage is the store itself, shared by all its connections.
fn shared(version: &'static SupportedProtocolVersion, cache: &SessionCache) -> Arc<ServerConfig> {
    let mut config = server_config(version);
    config.session_storage = Arc::new(store(cache));
    Arc::new(config)
}

#[test]
fn sessions_resume_over_both_versions() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let server = shared(version, &cache);
        let client = Client::new(version);
        assert_eq!(client.shake_hands(&server), Full);
        for _ in 0..5 {
            assert_eq!(client.shake_hands(&server), Resumed, "{version:?}");
        }
        assert_eq!(cache.stats().hits, 5);
    }
}

#[test]
fn sessions_resume_with_a_configuration_for_each_connection() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let store = store(&cache);
        let base = Arc::new(server_config(version));
        let client = Client::new(version);
        assert_eq!(client.shake_hands(&store.config_for_connection(&base)), Full);
        for _ in 0..5 {
            let own = store.config_for_connection(&base);
            assert_eq!(client.shake_hands(&own), Resumed, "{version:?}");
        }
        assert_eq!(store.stats(), resumption_rustls::StoreStats::default());
    }
}

/// rustls itself resumes sessions of any age; the lifetime is the cache's to keep.
#[test]
fn sessions_do_not_outlive_their_timeout() {
    for version in VERSIONS {
        let (cache, clock) = cache_and_clock();
        let server = shared(version, &cache);
        let client = Client::new(version);
        assert_eq!(client.shake_hands(&server), Full);
        // One ticket, so that what is offered after it comes from the second handshake.
        client.memory.keep_first();
        clock.advance(Lifetime::from_duration(30 * DAY));
        assert_eq!(client.shake_hands(&server), Full, "{version:?}: after 30 days");
        clock.advance(Lifetime::from_secs(7_199));
        assert_eq!(client.shake_hands(&server), Resumed, "{version:?}: a second before");
    }
}

#[test]
fn contexts_of_one_cache_do_not_share_sessions() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let servers = [&b"public"[..], b"staff"].map(|name| {
            let mut config = server_config(version);
            config.session_storage =
                Arc::new(resumption_rustls::RustlsStore::new(context(&cache, name)));
            Arc::new(config)
        });
        let client = Client::new(version);
        assert_eq!(client.shake_hands(&servers[0]), Full);
        // One ticket, so that what is offered after it comes from the second handshake.
        client.memory.keep_first();
        assert_eq!(client.shake_hands(&servers[1]), Full, "{version:?}: another context's session");
        assert_eq!(client.shake_hands(&servers[1]), Resumed);
    }
}

#[test]
fn invalidated_sessions_do_not_resume() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let server = shared(version, &cache);
        let client = Client::new(version);
        assert_eq!(client.shake_hands(&server), Full);
        // One ticket, so that what is offered after it comes from the second handshake.
        client.memory.keep_first();
        context(&cache, b"test").invalidate();
        assert_eq!(client.shake_hands(&server), Full, "{version:?}");
        assert_eq!(client.shake_hands(&server), Resumed, "{version:?}: issued afterwards");
    }
}

/// Such a handshake was negotiated under the policy that the invalidation ended.
#[test]
fn a_handshake_under_way_during_an_invalidation_leaves_no_session() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let store = store(&cache);
        let base = Arc::new(server_config(version));
        let client = Client::new(version);
        let accepted = store.config_for_connection(&base);
        store.context().invalidate();
        assert_eq!(client.shake_hands(&accepted), Full);
        assert!(cache.is_empty(), "{version:?}");
        assert_eq!(client.shake_hands(&store.config_for_connection(&base)), Full, "{version:?}");
        assert_eq!(client.shake_hands(&store.config_for_connection(&base)), Resumed, "{version:?}");
    }
}

/// The bytes of one resuming `ClientHello`, given to 64 servers at the same time.
#[test]
fn a_tls_1_3_session_offered_64_times_at_once_resumes_once() {
    const CROWD: usize = 64;
    let (cache, _) = cache_and_clock();
    let store = store(&cache);
    let base = Arc::new(server_config(&TLS13));
    let client = Client::new(&TLS13);
    assert_eq!(client.shake_hands(&store.config_for_connection(&base)), Full);
    client.memory.keep_first();

    let mut offering = client.connection();
    let mut hello = Vec::new();
    offering.write_tls(&mut hello).unwrap();
    let barrier = Barrier::new(CROWD);
    let servers: Vec<ServerConnection> = thread::scope(|scope| {
        let threads: Vec<_> = (0..CROWD)
            .map(|_| {
                scope.spawn(|| {
                    let config = store.config_for_connection(&base);
                    let mut server = ServerConnection::new(config).unwrap();
                    barrier.wait();
                    hear_server(&mut server, &hello).unwrap();
                    server
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (mut resumed, full): (Vec<_>, Vec<_>) =
        servers.into_iter().partition(|server| server.handshake_kind() == Some(Resumed));
    assert_eq!((resumed.len(), full.len()), (1, CROWD - 1));
    // And that one is a handshake that the client can finish.
    converse(&mut offering, &mut resumed[0]);
    assert_eq!(offering.handshake_kind(), Some(Resumed));
    assert_eq!(cache.stats().hits, 1);
}

#[test]
fn a_refused_put_means_no_ticket() {
    let off = SessionCache::builder().mode(CacheMode::OFF).build().unwrap();
    for cache in [cache_without_room(), off] {
        for version in VERSIONS {
            let server = shared(version, &cache);
            let client = Client::new(version);
            assert_eq!(client.shake_hands(&server), Full);
            // A TLS 1.2 client was given an id before the put, and finds it forgotten.
            if version.version == TLS13.version {
                assert_eq!(client.memory.sessions(), 0, "a ticket for what is not stored");
            }
            assert_eq!(client.shake_hands(&server), Full, "{version:?}");
            assert_eq!(cache.stats().entries, 0);
        }
    }
}

#[test]
fn a_cache_that_is_off_gives_tls_1_2_clients_no_id() {
    let cache = SessionCache::builder().mode(CacheMode::OFF).build().unwrap();
    let client = Client::new(&TLS12);
    assert_eq!(client.shake_hands(&shared(&TLS12, &cache)), Full);
    assert_eq!(client.memory.sessions(), 0);
}

/// A client that comes back every day, with timeouts that let it: after the lineage cap of seven days
/// it must authenticate again, although no single ticket was older than a day.
#[test]
fn resuming_for_ever_ends_at_the_lineage_cap() {
    let (cache, clock) = cache_and_clock();
    cache.set_timeout(Lifetime::from_duration(2 * DAY));
    let store = store(&cache);
    let base = Arc::new(server_config(&TLS13));
    let client = Client::new(&TLS13);
    let mut kinds = Vec::new();
    for _ in 0..16 {
        kinds.push(client.shake_hands(&store.config_for_connection(&base)));
        // The newest ticket is offered: the ones before it are of the same lineage, or older.
        while client.memory.sessions() > 1 {
            client.memory.drop_first();
        }
        clock.advance(Lifetime::from_duration(DAY));
    }
    let week = [Full, Resumed, Resumed, Resumed, Resumed, Resumed, Resumed, Resumed];
    assert_eq!(kinds, [week, week].concat());
}

/// A client that guesses the server's key exchange wrong offers its session twice, in both of its
/// `ClientHello`s. rustls looks it up once.
#[test]
fn a_hello_retry_request_costs_no_lookup() {
    let (cache, _) = cache_and_clock();
    let store = store(&cache).with_lookups_per_connection(NonZeroU32::MIN);
    let mut provider = CryptoProvider::clone(&support::provider());
    provider.kx_groups = vec![rustls::crypto::ring::kx_group::SECP384R1];
    let base = Arc::new(server_config_with(Arc::new(provider), &TLS13));
    let client = Client::new(&TLS13);
    let kind = client.shake_hands(&store.config_for_connection(&base));
    assert_eq!(kind, FullWithHelloRetryRequest);
    client.memory.forget_group();
    assert_eq!(client.shake_hands(&store.config_for_connection(&base)), Resumed);
    assert_eq!((cache.stats().offered(), store.stats().over_budget), (1, 0));
}
