//! What resumes and what does not, with real handshakes over both versions.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use openssl::ssl::SslVersion;
use resumption_cache::CacheMode;
use resumption_openssl::OpensslCache;
use resumption_session::{Lifetime, SessionId};
use support::{
    Client, Pair, VERSIONS, attached, cache_and_clock, context, first_session, meet, server,
};

#[test]
fn sessions_resume_over_both_versions() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, attached) = attached(version, &cache);
        let client = Client::new();
        let mut session = first_session(&server, &client);
        for _ in 0..5 {
            assert!(meet(&server, &client, Some(&session)), "{version:?}");
            session = client.take_sessions().pop().unwrap_or(session);
        }
        // A client that knows TLS 1.3 sends a made-up id when it has no session, and a server of
        // TLS 1.2 looks it up.
        let made_up = u64::from(version == SslVersion::TLS1_2);
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses, stats.offered()), (5, made_up, 5 + made_up));
        let handshakes = attached.stats().handshakes;
        assert_eq!((handshakes.accept, handshakes.accept_good), (6, 6));
        let of_context = attached.context().stats().handshakes;
        assert_eq!((of_context.accept, of_context.accept_good), (6, 6));
    }
}

#[test]
fn a_session_of_tls12_resumes_again_and_one_of_tls13_does_not() {
    let (cache, _) = cache_and_clock();
    let (server, _) = attached(SslVersion::TLS1_2, &cache);
    let client = Client::new();
    let session = first_session(&server, &client);
    assert_eq!(cache.len(), 1);
    assert!(meet(&server, &client, Some(&session)));
    assert!(meet(&server, &client, Some(&session)));

    let (cache, _) = cache_and_clock();
    let (server, _) = attached(SslVersion::TLS1_3, &cache);
    let session = first_session(&server, &client);
    assert_eq!(cache.len(), 2, "two tickets are two sessions");
    assert!(meet(&server, &client, Some(&session)));
    assert_eq!(cache.len(), 2, "one was taken, and its successor came");
    assert!(!meet(&server, &client, Some(&session)), "the ticket was used");
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.taken), (1, 1, 1));
}

/// The cache's clock decides, and libssl's does not.
#[test]
fn sessions_do_not_outlive_their_timeout() {
    for version in VERSIONS {
        let (cache, clock) = cache_and_clock();
        let (server, _) = attached(version, &cache);
        let client = Client::new();
        let session = first_session(&server, &client);
        clock.advance(Lifetime::from_secs(7200));
        assert!(meet(&server, &client, Some(&session)), "{version:?}: at the last instant");
        let session = first_session(&server, &client);
        clock.advance(Lifetime::from_nanos(7_200_000_000_001));
        assert!(!meet(&server, &client, Some(&session)), "{version:?}: after it");
        assert_eq!(cache.stats().expired, 1);
    }
}

#[test]
fn removed_sessions_and_those_of_an_invalidated_context_do_not_resume() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, attached) = attached(version, &cache);
        let client = Client::new();
        let session = first_session(&server, &client);
        let id = SessionId::new(session.id()).unwrap();
        // The client's own id of a TLS 1.3 session is a hash; the ticket is what the server knows.
        if version == SslVersion::TLS1_2 {
            assert!(attached.context().remove(&id));
        } else {
            attached.context().invalidate();
        }
        assert!(!meet(&server, &client, Some(&session)), "{version:?}");
    }
}

#[test]
fn a_session_is_removed_by_its_object() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, attached) = attached(version, &cache);
        let client = Client::new();
        let mut pair = Pair::new(&server, &client, None);
        pair.shake_hands().unwrap();
        assert!(attached.remove(pair.server.ssl().session().unwrap()), "{version:?}");
        assert!(!attached.remove(pair.server.ssl().session().unwrap()));
        pair.close();
        let last = client.take_sessions().pop().unwrap();
        assert!(!meet(&server, &client, Some(&last)), "{version:?}");
    }
}

#[test]
fn a_mode_without_servers_keeps_nothing() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, _) = attached(version, &cache);
        let client = Client::new();
        for mode in [CacheMode::OFF, CacheMode::CLIENT] {
            cache.set_mode(mode);
            assert!(!meet(&server, &client, None), "{version:?}");
            assert_eq!(cache.len(), 0);
            // An id is made before libssl asks; a ticket is not.
            let given = client.take_sessions();
            assert_eq!(given.is_empty(), version == SslVersion::TLS1_3);
            if let Some(session) = given.first() {
                assert!(!meet(&server, &client, Some(session)), "{version:?} {mode:?}");
                client.take_sessions();
            }
        }
        cache.set_mode(CacheMode::SERVER);
        let session = first_session(&server, &client);
        assert!(meet(&server, &client, Some(&session)), "a mode acts on the next handshake");
    }
}

#[test]
fn contexts_of_one_cache_do_not_share_sessions() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let servers = [&b"public"[..], b"staff"].map(|name| {
            let mut server = server(version);
            OpensslCache::builder(context(&cache, name)).attach(&mut server).unwrap();
            server.build()
        });
        let client = Client::new();
        let session = first_session(&servers[0], &client);
        assert!(!meet(&servers[1], &client, Some(&session)), "{version:?}");
        assert!(meet(&servers[0], &client, Some(&session)), "{version:?}: it is still there");
    }
}
