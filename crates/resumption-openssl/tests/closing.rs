//! What becomes of sessions when connections end: well, badly, or with their `SSL_CTX`.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::io::Write;

use openssl::ssl::{SslStream, SslVersion};
use resumption_openssl::UncleanClose;
use support::{
    Client, End, Pair, VERSIONS, attached, attached_with, cache_and_clock, first_session, meet,
};

const TLS12: SslVersion = SslVersion::TLS1_2;
const POLICIES: [UncleanClose; 3] =
    [UncleanClose::Keep, UncleanClose::Remove, UncleanClose::RemoveOwn];

fn established(server: &openssl::ssl::SslContext, client: &Client) -> Pair {
    let mut pair = Pair::new(server, client, None);
    pair.shake_hands().unwrap();
    pair
}

/// A record that no key explains, to the other end.
fn send_garbage(from: &mut SslStream<End>) {
    let garbage = [23, 3, 3, 0, 32];
    from.get_mut().write_all(&garbage).unwrap();
    from.get_mut().write_all(&[0xaa; 32]).unwrap();
}

#[test]
fn an_unclean_close_removes_what_the_connection_made_unless_told_otherwise() {
    for version in VERSIONS {
        for policy in POLICIES {
            let (cache, _) = cache_and_clock();
            let (server, attached) =
                attached_with(version, &cache, |_| (), |adapter| adapter.unclean_close(policy));
            drop(established(&server, &Client::new()));
            let removes = u64::from(policy != UncleanClose::Keep);
            // Of two tickets, the connection's session is the one that was sent last.
            let made = cache.stats().insertions;
            assert_eq!(cache.len() as u64, made - removes, "{version:?} {policy:?}");
            let stats = attached.stats();
            assert_eq!(stats.removed_by_unclean_close, removes);
            assert_eq!(stats.kept_after_unclean_close, 1 - removes);
            assert_eq!(stats.removed_by_alert, 0);
        }
    }
}

#[test]
fn a_clean_close_leaves_the_session() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, attached) = attached(version, &cache);
        established(&server, &Client::new()).close();
        assert_eq!(cache.stats().removals, 0, "{version:?}");
        assert_eq!(attached.stats().removed_by_unclean_close, 0);
        assert!(!cache.is_empty());
    }
}

/// One client that breaks off does not end the session for the others; and never spoils the object that
/// they resume.
#[test]
fn an_unclean_close_of_a_resumed_connection_touches_what_is_shared_only_if_told_so() {
    for policy in POLICIES {
        let (cache, _) = cache_and_clock();
        let (server, attached) =
            attached_with(TLS12, &cache, |_| (), |adapter| adapter.unclean_close(policy));
        let client = Client::new();
        let session = first_session(&server, &client);
        for _ in 0..2 {
            let mut pair = Pair::new(&server, &client, Some(&session));
            pair.shake_hands().unwrap();
            assert!(pair.is_resumed() || policy == UncleanClose::Remove);
            drop(pair);
        }
        let stays = policy != UncleanClose::Remove;
        assert_eq!(meet(&server, &client, Some(&session)), stays, "{policy:?}");
        assert_eq!(attached.stats().removed_by_unclean_close > 0, !stays, "{policy:?}");
    }
}

#[test]
fn a_fatal_alert_that_is_sent_removes_the_session_whatever_the_policy() {
    for version in VERSIONS {
        for policy in POLICIES {
            let (cache, _) = cache_and_clock();
            let (server, attached) =
                attached_with(version, &cache, |_| (), |adapter| adapter.unclean_close(policy));
            let mut pair = established(&server, &Client::new());
            send_garbage(&mut pair.client);
            assert!(pair.server.ssl_read(&mut [0]).is_err());
            let stats = attached.stats();
            let removed = stats.removed_by_alert + stats.removed_by_unclean_close;
            assert_eq!((cache.stats().removals, removed), (1, 1), "{version:?} {policy:?}");
        }
    }
}

#[test]
fn a_fatal_alert_that_comes_removes_the_session_whatever_the_policy() {
    for version in VERSIONS {
        for policy in POLICIES {
            let (cache, _) = cache_and_clock();
            let (server, attached) =
                attached_with(version, &cache, |_| (), |adapter| adapter.unclean_close(policy));
            let mut pair = established(&server, &Client::new());
            send_garbage(&mut pair.server);
            assert!(pair.client.ssl_read(&mut [0]).is_err(), "and says so");
            assert!(pair.server.ssl_read(&mut [0]).is_err());
            assert_eq!(cache.stats().removals, 1, "{version:?} {policy:?}");
            assert_eq!(attached.stats().removed_by_alert, 1);
            drop(pair);
            assert_eq!(cache.stats().removals, 1, "once");
        }
    }
}

/// RFC 5246, section 7.2.2.
#[test]
fn a_resumption_that_fails_removes_the_session_that_it_was_to_resume() {
    let (cache, _) = cache_and_clock();
    let (server, attached) = attached(TLS12, &cache);
    let client = Client::new();
    let session = first_session(&server, &client);
    let mut pair = Pair::new(&server, &client, Some(&session));
    assert!(pair.client.connect().is_err());
    assert!(pair.server.accept().is_err());
    send_garbage(&mut pair.client);
    assert!(pair.server.accept().is_err());
    assert_eq!((cache.len(), attached.stats().removed_by_alert), (0, 1));
    assert!(!meet(&server, &client, Some(&session)));
}

#[test]
fn the_end_of_an_ssl_ctx_leaves_the_cache_as_it_is() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let (first, first_attached) = attached(version, &cache);
        let client = Client::new();
        let session = first_session(&first, &client);
        let held = cache.len();
        drop((first, first_attached));
        assert_eq!((cache.len(), cache.stats().removals), (held, 0));
        let (second, _) = attached(version, &cache);
        assert!(meet(&second, &client, Some(&session)), "{version:?}: under another SSL_CTX");
    }
}

#[test]
fn a_connection_that_is_given_up_in_its_handshake_removes_nothing() {
    let (cache, _) = cache_and_clock();
    let (server, _) = attached(TLS12, &cache);
    let client = Client::new();
    let session = first_session(&server, &client);
    let mut pair = Pair::new(&server, &client, Some(&session));
    assert!(pair.client.connect().is_err());
    assert!(pair.server.accept().is_err());
    drop(pair);
    assert!(meet(&server, &client, Some(&session)));
}
