//! 105, 118, 122, 125: how connections end, and what of the session is left.

use openssl::ssl::ShutdownState;
use resumption_cache::RemovalReason;
use resumption_openssl::UncleanClose;

use super::server::Host;
use crate::wire::{Connection, Hello, Server, Version, World, first_flight, shake, start};

/// A server with this policy for unclean closes.
fn host(world: &World, policy: UncleanClose) -> Host {
    Host::new(&world.context(b"site"), |_| (), |adapter| adapter.unclean_close(policy))
}

/// Lets both ends go without a word.
fn break_off(connection: Connection) {
    drop(connection);
}

#[test]
fn case_105_an_unclean_close_removes_the_session_and_a_clean_one_does_not() {
    let world = World::new();
    let host = host(&world, UncleanClose::Remove);
    let mut clean = start(&host, &Hello::new(Version::Tls12));
    clean.close();
    drop(clean);
    assert_eq!((world.cache.len(), world.gone()), (1, vec![]));
    break_off(start(&host, &Hello::new(Version::Tls12)));
    assert_eq!((world.cache.len(), world.gone()), (1, vec![RemovalReason::Removed]));
}

#[test]
fn case_120_only_a_close_that_was_sent_keeps_the_session() {
    let (sent, received) = (ShutdownState::SENT, ShutdownState::RECEIVED);
    let states = [ShutdownState::empty(), received, sent, sent | received];
    for (state, kept) in states.into_iter().zip([false, false, true, true]) {
        let world = World::new();
        let host = host(&world, UncleanClose::Remove);
        let mut connection = start(&host, &Hello::new(Version::Tls12));
        connection.set_shutdown(state);
        drop(connection);
        assert_eq!(world.cache.len(), usize::from(kept), "{state:?}");
    }
}

#[test]
fn case_121_freed_during_the_handshake_it_stays() {
    let world = World::new();
    let host = host(&world, UncleanClose::Remove);
    let ticket = shake(&host, &Hello::new(Version::Tls12)).ticket();
    let mut peer = host.accept();
    // The client's first flight, and then nothing.
    let hello = first_flight(&Hello::new(Version::Tls12).offering(&ticket));
    let (answer, heard) = peer.hear(&hello);
    assert!(heard.is_ok() && !answer.is_empty());
    drop(peer);
    assert_eq!((world.cache.len(), world.counted().hits), (1, 1));
}

#[test]
fn case_118_a_suite_that_the_client_no_longer_offers_is_fatal() {
    let world = World::new();
    let host = host(&world, UncleanClose::RemoveOwn);
    let mut hello = Hello::new(Version::Tls12);
    hello.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    let ticket = shake(&host, &hello).ticket();
    world.events();
    hello.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
    let shaken = shake(&host, &hello.offering(&ticket));
    assert!(shaken.failed.is_some());
    assert_eq!((world.cache.len(), world.gone()), (0, vec![RemovalReason::Removed]));
}

#[test]
fn case_122_an_unclean_close_leaves_what_others_share() {
    for (policy, left) in
        [(UncleanClose::RemoveOwn, 1), (UncleanClose::Keep, 1), (UncleanClose::Remove, 0)]
    {
        let world = World::new();
        let host = host(&world, policy);
        let ticket = shake(&host, &Hello::new(Version::Tls12)).ticket();
        let resumed = start(&host, &Hello::new(Version::Tls12).offering(&ticket));
        assert!(resumed.shaken.has_resumed());
        break_off(resumed);
        assert_eq!(world.cache.len(), left, "{policy:?}");
        let again = shake(&host, &Hello::new(Version::Tls12).offering(&ticket));
        assert_eq!(again.has_resumed(), left == 1, "{policy:?}");
    }
}

#[test]
fn case_125_a_fatal_alert_removes_the_session_sent_or_received() {
    for babble in [Connection::client_babbles, Connection::server_babbles] {
        let world = World::new();
        let host = host(&world, UncleanClose::Keep);
        let mut connection = start(&host, &Hello::new(Version::Tls12));
        assert_eq!(world.cache.len(), 1);
        world.events();
        babble(&mut connection);
        assert_eq!((world.cache.len(), world.gone()), (0, vec![RemovalReason::Removed]));
    }
}
