//! 92, 93, 128, 130, 135, 139: tickets, early data, hints.

use resumption_cache::Lookup;
use resumption_openssl::Tickets;
use resumption_session::{Lifetime, SessionId};

use super::server::Host;
use crate::wire::{BOTH, Hello, Version, World, shake};

fn stateless(world: &World) -> Host {
    Host::new(&world.context(b"site"), |_| (), |adapter| adapter.tickets(Tickets::Stateless))
}

/// A client that keeps what it is given, in both versions.
fn keeping(version: Version) -> Hello {
    let mut hello = Hello::new(version);
    hello.takes_tickets = true;
    hello
}

#[test]
fn case_092_of_tls_1_2_sessions_that_travel_as_tickets_nobody_is_told() {
    let world = World::new();
    let host = stateless(&world);
    let ticket = shake(&host, &keeping(Version::Tls12)).ticket();
    assert!(ticket.identity().len() > SessionId::MAX_LEN);
    assert_eq!((world.cache.len(), world.events()), (0, vec![]));
    assert!(shake(&host, &keeping(Version::Tls12).offering(&ticket)).has_resumed());
    assert_eq!((world.cache.len(), world.events()), (0, vec![]));
}

#[test]
fn case_093_stateless_tickets_are_not_cached_and_nobody_is_told() {
    let world = World::new();
    let host = stateless(&world);
    let shaken = shake(&host, &keeping(Version::Tls13));
    assert_eq!(shaken.tickets.len(), 2);
    assert_eq!((world.cache.len(), world.events()), (0, vec![]));
    assert_eq!(host.attached.stats().stateless, 2);
}

/// Early data is accepted, so that single use matters most.
fn with_early_data(world: &World, only_p384: bool) -> Host {
    let configure = |builder: &mut openssl::ssl::SslContextBuilder| {
        builder.set_max_early_data(16_384).unwrap();
        if only_p384 {
            builder.set_groups_list("P-384").unwrap();
        }
    };
    // Where early data is accepted, this makes no difference.
    Host::new(&world.context(b"site"), configure, |adapter| {
        adapter.tickets(Tickets::StatefulReusable)
    })
}

#[test]
fn case_128_with_early_data_a_session_resumes_once() {
    let world = World::new();
    let host = with_early_data(&world, false);
    let ticket = shake(&host, &Hello::new(Version::Tls13)).ticket();
    let held = world.cache.len();
    assert!(shake(&host, &Hello::new(Version::Tls13).offering(&ticket)).has_resumed());
    let id = SessionId::new(&ticket.identity()).unwrap();
    assert_eq!(world.context(b"site").get_with(&id, |_| ()), Lookup::Miss);
    // One left, and one ticket came.
    assert_eq!(world.cache.len(), held);
    let misses = world.counted().misses;
    assert!(!shake(&host, &Hello::new(Version::Tls13).offering(&ticket)).has_resumed());
    assert_eq!(world.counted().misses, misses + 1);
}

#[test]
fn case_130_a_hello_retry_request_does_not_burn_a_single_use_session() {
    let world = World::new();
    let host = with_early_data(&world, true);
    let ticket = shake(&host, &Hello::new(Version::Tls13)).ticket();
    assert!(shake(&host, &Hello::new(Version::Tls13).offering(&ticket)).has_resumed());
    assert!(!shake(&host, &Hello::new(Version::Tls13).offering(&ticket)).has_resumed());
    let stats = world.cache.stats();
    assert_eq!((stats.hits, stats.misses), (1, 1));
}

#[test]
fn case_135_stateless_tickets_are_reusable() {
    for version in BOTH {
        let world = World::new();
        let host = stateless(&world);
        let ticket = shake(&host, &keeping(version)).ticket();
        for _ in 0..3 {
            assert!(shake(&host, &keeping(version).offering(&ticket)).has_resumed(), "{version:?}");
        }
        assert_eq!(world.cache.stats().offered(), 0);
    }
}

#[test]
fn case_139_the_lifetime_hint_is_the_timeout_and_a_week_at_most() {
    const WEEK: u64 = 604_800;
    for (timeout, hint) in [(7200, 7200), (300, 300), (4 * WEEK, WEEK)] {
        let world = World::new();
        world.cache.set_timeout(Lifetime::from_secs(timeout));
        let host = Host::new(&world.context(b"site"), |_| (), |adapter| adapter);
        let first = shake(&host, &Hello::new(Version::Tls13)).ticket();
        assert_eq!(first.hint(), hint);
        let resumed = shake(&host, &Hello::new(Version::Tls13).offering(&first));
        assert!(resumed.has_resumed());
        assert_eq!(resumed.ticket().hint(), hint);
    }
    // The cache's timeout of that moment, not of the server's beginning.
    let world = World::new();
    let host = Host::new(&world.context(b"site"), |_| (), |adapter| adapter);
    world.cache.set_timeout(Lifetime::from_secs(60));
    assert_eq!(shake(&host, &Hello::new(Version::Tls13)).ticket().hint(), 60);
    // TLS 1.2, where only a stateless ticket has a hint.
    let world = World::new();
    world.cache.set_timeout(Lifetime::from_secs(300));
    let host = stateless(&world);
    assert_eq!(shake(&host, &keeping(Version::Tls12)).ticket().hint(), 300);
}
