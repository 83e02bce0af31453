//! Whose session resumes where: contexts, virtual hosts, client certificates.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::sync::{Arc, OnceLock};

use openssl::ssl::{ClientHelloResponse, Ssl, SslContext, SslVerifyMode, SslVersion};
use resumption_cache::{Context, SessionCache};
use resumption_openssl::{
    AttachError, Attached, OpensslCache, ServerNames, client_hello_server_name,
};
use support::{
    Client, Pair, VERSIONS, attached, attached_with, cache_and_clock, context, first_session,
    identity, meet, server,
};

fn with_certificate(host: &str) -> Client {
    let mut client = Client::with(|client| {
        let (certificate, key) = identity();
        client.set_certificate(&certificate).unwrap();
        client.set_private_key(&key).unwrap();
    });
    client.server_name = Some(host.to_owned());
    client
}

const REQUIRED: SslVerifyMode = SslVerifyMode::PEER.union(SslVerifyMode::FAIL_IF_NO_PEER_CERT);

#[test]
fn a_server_that_verifies_clients_needs_a_context() {
    let (cache, _) = cache_and_clock();
    let mut server = server(SslVersion::TLS1_3);
    server.set_verify(SslVerifyMode::PEER);
    let nameless = OpensslCache::builder(context(&cache, b""));
    let refused = nameless.attach(&mut server);
    assert!(matches!(refused, Err(AttachError::VerifiesWithoutContext)), "{refused:?}");
    // Nothing was attached, so something else can be.
    OpensslCache::builder(context(&cache, b"staff")).attach(&mut server).unwrap();
}

#[test]
fn a_context_whose_callbacks_are_taken_is_refused() {
    let (cache, _) = cache_and_clock();
    let adapter = OpensslCache::builder(context(&cache, b"test"));
    let mut taken = server(SslVersion::TLS1_3);
    taken.set_new_session_callback(|_, _| ());
    let refused = adapter.attach(&mut taken);
    assert!(matches!(refused, Err(AttachError::CallbackTaken("new"))), "{refused:?}");
    let mut twice = server(SslVersion::TLS1_3);
    adapter.attach(&mut twice).unwrap();
    assert!(adapter.attach(&mut twice).is_err());
}

#[test]
fn a_session_of_one_server_name_does_not_resume_for_another() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, attached) = attached(version, &cache);
        let session = first_session(&server, &Client::of("shop.example.org"));
        let mut nameless = Client::new();
        nameless.server_name = None;
        for other in [Client::of("bank.example.org"), nameless] {
            assert!(!meet(&server, &other, Some(&session)), "{version:?}");
        }
        assert!(attached.stats().other_name >= 1);
        let session = first_session(&server, &Client::of("shop.example.org"));
        assert!(meet(&server, &Client::of("SHOP.example.org"), Some(&session)), "{version:?}");
    }
}

#[test]
fn names_that_are_one_server_may_share() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, _) = attached_with(
            version,
            &cache,
            |_| (),
            |adapter| adapter.server_names(ServerNames::Together),
        );
        let session = first_session(&server, &Client::of("a.example.org"));
        assert!(meet(&server, &Client::of("b.example.org"), Some(&session)), "{version:?}");
    }
}

/// One server for two hosts, the second of which wants client certificates.
fn two_hosts(version: SslVersion, cache: &SessionCache, staff: Context) -> (SslContext, Attached) {
    two_hosts_in(version, cache, staff, "P-256:P-384")
}

/// The same, in these groups.
fn two_hosts_in(
    version: SslVersion,
    cache: &SessionCache,
    staff: Context,
    groups: &str,
) -> (SslContext, Attached) {
    let slot = Arc::new(OnceLock::<Attached>::new());
    let in_callback = Arc::clone(&slot);
    let (server, attached) = attached_with(
        version,
        cache,
        move |server| {
            server.set_groups_list(groups).unwrap();
            server.set_client_hello_callback(move |ssl, _| {
                if client_hello_server_name(ssl) == Some(b"staff.example.org") {
                    // Anybody's, for the sake of the test.
                    ssl.set_verify_callback(REQUIRED, |_, _| true);
                    let attached = in_callback.get().expect("set before the first connection");
                    attached.use_context(ssl, &staff).unwrap();
                }
                Ok(ClientHelloResponse::SUCCESS)
            });
        },
        // Names alone would keep them apart too.
        |adapter| adapter.server_names(ServerNames::Together),
    );
    slot.set(attached.clone()).unwrap();
    (server, attached)
}

#[test]
fn a_session_without_a_certificate_does_not_resume_where_one_is_required() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let staff = context(&cache, b"staff");
        let (server, _) = two_hosts(version, &cache, staff.clone());
        let session = first_session(&server, &Client::of("www.example.org"));
        let outsider = Client::of("staff.example.org");
        let mut pair = Pair::new(&server, &outsider, Some(&session));
        let _ = pair.shake_hands();
        assert!(!pair.server.ssl().session_reused(), "{version:?}");
        assert!(pair.server.ssl().peer_certificate().is_none());
        assert!(pair.server.ssl_read(&mut [0]).is_err(), "nothing is served");
        drop(pair);

        let insider = with_certificate("staff.example.org");
        let session = first_session(&server, &insider);
        assert!(meet(&server, &insider, Some(&session)), "{version:?}: what staff made");
        let handshakes = staff.stats().handshakes;
        assert_eq!((handshakes.accept, handshakes.accept_good), (3, 2), "the outsider's failed");
        let session = insider.take_sessions().pop().unwrap_or(session);
        assert!(!meet(&server, &Client::of("www.example.org"), Some(&session)));
        let session = first_session(&server, &insider);
        staff.invalidate();
        assert!(!meet(&server, &insider, Some(&session)), "{version:?}: invalidated");
    }
}

/// libssl asks for the context again with the second hello, and for the session that was taken with the
/// first.
#[test]
fn a_retried_hello_resumes_on_a_host_with_its_own_context() {
    let (cache, _) = cache_and_clock();
    let staff = context(&cache, b"staff");
    let (server, _) = two_hosts_in(SslVersion::TLS1_3, &cache, staff.clone(), "P-384");
    let client = with_certificate("staff.example.org");
    let session = first_session(&server, &client);
    assert!(meet(&server, &client, Some(&session)));
    assert_eq!((cache.stats().hits, cache.stats().offered()), (1, 1));
    let handshakes = staff.stats().handshakes;
    assert_eq!((handshakes.accept, handshakes.accept_good), (2, 2));
    // An invalidation between the two hellos counts.
    let mut pair = Pair::new(&server, &client, None);
    assert!(pair.client.connect().is_err());
    assert!(pair.server.accept().is_err());
    staff.invalidate();
    let held = cache.stats().insertions;
    pair.shake_hands().unwrap();
    assert_eq!(cache.stats().insertions, held);
    pair.close();
}

#[test]
fn a_resumed_session_still_knows_the_certificate() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, _) = two_hosts(version, &cache, context(&cache, b"staff"));
        let client = with_certificate("staff.example.org");
        let bare = cache.stats().bytes;
        let session = first_session(&server, &client);
        assert!(cache.stats().bytes > bare + 4000, "certificates weigh");
        let mut pair = Pair::new(&server, &client, Some(&session));
        pair.shake_hands().unwrap();
        assert!(pair.is_resumed());
        assert!(pair.server.ssl().peer_certificate().is_some(), "{version:?}");
        pair.close();
    }
}

#[test]
fn a_verifying_connection_is_given_no_context_without_bytes() {
    let (cache, _) = cache_and_clock();
    let (server, attached) = attached(SslVersion::TLS1_3, &cache);
    let mut ssl = Ssl::new(&server).unwrap();
    ssl.set_verify(SslVerifyMode::PEER);
    let refused = attached.use_context(&mut ssl, &context(&cache, b""));
    assert!(matches!(refused, Err(AttachError::VerifiesWithoutContext)));
    attached.use_context(&mut ssl, &context(&cache, b"staff")).unwrap();
}

#[test]
fn a_context_that_was_invalidated_before_the_handshake_keeps_its_session() {
    let (cache, _) = cache_and_clock();
    let staff = context(&cache, b"staff");
    let (server, attached) = attached(SslVersion::TLS1_2, &cache);
    let mut ssl = Ssl::new(&server).unwrap();
    attached.use_context(&mut ssl, &staff).unwrap();
    staff.invalidate();
    let mut pair = Pair::of(ssl, &Client::new(), None);
    pair.shake_hands().unwrap();
    pair.close();
    assert_eq!(cache.len(), 1);
}

/// As in libssl, which looks at what a connection verifies when it has found a session.
#[test]
fn a_connection_that_verifies_after_all_resumes_nothing_without_a_context() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let mut server = server(version);
        OpensslCache::builder(context(&cache, b"")).attach(&mut server).unwrap();
        let server = server.build();
        let client = Client::new();
        let session = first_session(&server, &client);
        let mut ssl = Ssl::new(&server).unwrap();
        ssl.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
        let mut pair = Pair::of(ssl, &client, Some(&session));
        assert!(pair.shake_hands().is_err(), "{version:?}: fatal");
    }
}

/// The servername callback comes too late for another context: what such a connection makes belongs
/// nowhere, so it is not kept.
#[test]
fn a_connection_that_is_switched_to_another_attached_context_leaves_nothing() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let mut other = server(version);
        let at_other = OpensslCache::builder(context(&cache, b"other")).attach(&mut other).unwrap();
        let other = other.build();
        let (first, attached) = attached_with(
            version,
            &cache,
            move |server| {
                server.set_servername_callback(move |ssl, _| {
                    if ssl.servername(openssl::ssl::NameType::HOST_NAME) == Some("other.org") {
                        ssl.set_ssl_context(&other).unwrap();
                    }
                    Ok(())
                });
            },
            |adapter| adapter,
        );
        assert!(!meet(&first, &Client::of("other.org"), None));
        assert_eq!(cache.len(), 0, "{version:?}");
        assert!(attached.stats().switched > 0);
        let (here, there) = (attached.stats().handshakes, at_other.stats().handshakes);
        assert_eq!((here.accept, here.accept_good), (0, 0), "as libssl counts");
        assert_eq!((there.accept, there.accept_good), (1, 1));
        let of_contexts = [&attached, &at_other].map(|host| host.context().stats().handshakes);
        assert_eq!(of_contexts.map(|counts| counts.accept), [0, 1]);
        assert_eq!(of_contexts.map(|counts| counts.accept_good), [0, 1]);
        let client = Client::of("www.org");
        let session = first_session(&first, &client);
        assert!(meet(&first, &client, Some(&session)));
    }
}
