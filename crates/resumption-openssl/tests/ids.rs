//! Who makes the ids of sessions.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::sync::atomic::{AtomicU8, Ordering};

use openssl::ssl::SslVersion;
use resumption_cache::{Callbacks, SessionCache};
use resumption_session::SessionIdContext;
use support::{Client, Pair, VERSIONS, attached, cache_and_clock, first_session, meet};

fn cache_with(
    generator: impl Fn(&SessionIdContext, &mut [u8; 32]) -> Option<usize> + Send + Sync + 'static,
) -> SessionCache {
    let callbacks = Callbacks::none().on_generate_id(generator);
    SessionCache::builder().callbacks(callbacks).build().unwrap()
}

/// A generator that counts on in the fourth byte.
fn counting() -> SessionCache {
    let next = AtomicU8::new(1);
    cache_with(move |_, buffer| {
        assert_eq!(*buffer, [0; 32]);
        buffer[..3].copy_from_slice(b"n1-");
        buffer[3] = next.fetch_add(1, Ordering::Relaxed);
        Some(4)
    })
}

#[test]
fn a_generator_of_the_cache_makes_the_ids() {
    let cache = counting();
    let (server, _) = attached(SslVersion::TLS1_2, &cache);
    let client = Client::new();
    let session = first_session(&server, &client);
    assert_eq!(session.id(), b"n1-\x01");
    assert!(meet(&server, &client, Some(&session)));
}

/// A ticket of four bytes would never be asked for: libssl knows those of 32 only.
#[test]
fn a_short_id_begins_a_ticket() {
    let cache = counting();
    let (server, _) = attached(SslVersion::TLS1_3, &cache);
    let client = Client::new();
    let session = first_session(&server, &client);
    let der = session.to_der().unwrap();
    assert!(der.windows(4).any(|bytes| bytes == b"n1-\x01"));
    assert!(meet(&server, &client, Some(&session)));
}

#[test]
fn an_id_that_is_in_the_cache_ends_the_handshake() {
    let cache = cache_with(|_, buffer| {
        buffer.fill(7);
        Some(32)
    });
    let (server, _) = attached(SslVersion::TLS1_2, &cache);
    let client = Client::new();
    let session = first_session(&server, &client);
    let failed = Pair::new(&server, &client, None).shake_hands().unwrap_err();
    assert!(failed.server.is_some());
    assert!(meet(&server, &client, Some(&session)), "the session that has the id stays");
}

#[test]
fn a_generator_that_fails_ends_the_handshake() {
    for version in VERSIONS {
        for broken in [|| None, || Some(0), || Some(33), || panic!("a generator, on purpose")] {
            let cache = cache_with(move |_, _| broken());
            let (server, _) = attached(version, &cache);
            let failed = Pair::new(&server, &Client::new(), None).shake_hands();
            assert!(failed.is_err(), "{version:?}");
            assert!(cache.is_empty());
        }
    }
}

#[test]
fn without_a_generator_ids_are_random() {
    let (cache, _) = cache_and_clock();
    let (server, _) = attached(SslVersion::TLS1_2, &cache);
    let ids = [(); 2].map(|()| first_session(&server, &Client::new()).id().to_vec());
    assert_eq!([ids[0].len(), ids[1].len()], [32, 32]);
    assert_ne!(ids[0], ids[1]);
}
