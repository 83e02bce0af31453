//! What is particular to TLS 1.3: tickets, single use, `HelloRetryRequest`, early data.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use openssl::ssl::{SslContext, SslContextBuilder, SslOptions, SslSession, SslVersion};
use resumption_cache::{SessionCache, Timeouts};
use resumption_openssl::{OpensslCache, Tickets};
use resumption_session::Lifetime;
use support::{
    Client, Pair, attached, attached_with, cache_and_clock, context, first_session, meet,
};

const TLS13: SslVersion = SslVersion::TLS1_3;

/// A server that answers a client's first guess with a `HelloRetryRequest`, and that client.
fn retried(cache: &SessionCache, early_data: u32) -> (SslContext, Client) {
    let (server, _) = attached_with(
        TLS13,
        cache,
        |server| {
            server.set_groups_list("P-384").unwrap();
            server.set_max_early_data(early_data).unwrap();
        },
        |adapter| adapter,
    );
    let client = Client::with(|client| client.set_groups_list("P-256:P-384").unwrap());
    (server, client)
}

/// libssl asks for the session on each of the two hellos.
#[test]
fn a_retried_hello_resumes_and_is_counted_once() {
    let (cache, _) = cache_and_clock();
    let (server, client) = retried(&cache, 0);
    let session = first_session(&server, &client);
    assert!(meet(&server, &client, Some(&session)));
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.taken, stats.offered()), (1, 1, 1));
    assert!(!meet(&server, &client, Some(&session)), "it was used");
    assert_eq!(cache.stats().offered(), 2);
}

/// The client's proof would fail next; but the session is not even offered to libssl.
#[test]
fn a_session_found_for_one_server_is_not_there_when_the_second_hello_asks_for_another() {
    let (cache, _) = cache_and_clock();
    let groups = |server: &mut SslContextBuilder| server.set_groups_list("P-384").unwrap();
    let (server, attached) = attached_with(TLS13, &cache, groups, |adapter| adapter);
    let client = Client::of("shop.example.org");
    let session = first_session(&server, &client);
    let mut pair = Pair::new(&server, &client, Some(&session));
    assert!(pair.client.connect().is_err());
    assert!(pair.server.accept().is_err());
    assert!(pair.client.connect().is_err(), "the second hello is sent");
    assert_eq!(attached.stats().other_name, 0);
    assert_eq!(pair.client.get_ref().tamper(b"shop.example.org", b"bank.example.org"), 1);
    let _ = pair.server.accept();
    assert_eq!((attached.stats().other_name, cache.stats().hits), (1, 1));
    assert!(!pair.server.ssl().session_reused());
}

#[test]
fn reusable_tickets_resume_until_they_expire() {
    let (cache, clock) = cache_and_clock();
    let (server, _) =
        attached_with(TLS13, &cache, |_| (), |adapter| adapter.tickets(Tickets::StatefulReusable));
    let client = Client::new();
    let session = first_session(&server, &client);
    for _ in 0..3 {
        assert!(meet(&server, &client, Some(&session)));
    }
    clock.advance(Lifetime::from_secs(7201));
    assert!(!meet(&server, &client, Some(&session)));
}

#[test]
fn stateless_tickets_resume_and_are_not_stored() {
    let (cache, _) = cache_and_clock();
    let (server, attached) =
        attached_with(TLS13, &cache, |_| (), |adapter| adapter.tickets(Tickets::Stateless));
    let client = Client::new();
    let session = first_session(&server, &client);
    assert!(meet(&server, &client, Some(&session)));
    assert!(cache.is_empty());
    assert_eq!((cache.stats().offered(), attached.stats().stateless), (0, 3));
}

/// What resumes by libssl's own means has no guard against replays.
#[test]
fn early_data_with_stateless_tickets_resumes_nothing() {
    let (cache, _) = cache_and_clock();
    let (server, _) = attached_with(
        TLS13,
        &cache,
        |server| server.set_max_early_data(1024).unwrap(),
        |adapter| adapter.tickets(Tickets::Stateless),
    );
    let client = Client::new();
    let session = first_session(&server, &client);
    assert_eq!(offer_early(&server, &client, &session), Early { arrived: false, resumed: false });
}

/// What became of early data.
#[derive(Debug, PartialEq, Eq)]
struct Early {
    arrived: bool,
    resumed: bool,
}

/// Shakes hands with early data.
fn offer_early(server: &SslContext, client: &Client, session: &SslSession) -> Early {
    let mut pair = Pair::new(server, client, Some(session));
    assert_eq!(pair.client.write_early_data(b"early").unwrap(), 5);
    let mut heard = Vec::<u8>::new();
    let mut buffer = [0; 16];
    for _round in 0..10 {
        match pair.server.read_early_data(&mut buffer) {
            Ok(0) => break,
            Ok(len) => heard.extend(&buffer[..len]),
            Err(_) => drop(pair.client.connect()),
        }
    }
    pair.shake_hands().unwrap();
    assert!(heard.is_empty() || heard == b"early");
    let early = Early { arrived: !heard.is_empty(), resumed: pair.is_resumed() };
    pair.close();
    early
}

fn with_early_data(server: &mut SslContextBuilder) {
    server.set_max_early_data(1024).unwrap();
}

#[test]
fn early_data_arrives_once() {
    for tickets in [Tickets::Stateful, Tickets::StatefulReusable] {
        let (cache, _) = cache_and_clock();
        let (server, attached) =
            attached_with(TLS13, &cache, with_early_data, |adapter| adapter.tickets(tickets));
        let client = Client::new();
        let session = first_session(&server, &client);
        assert_eq!(session.max_early_data(), 1024);
        let first = offer_early(&server, &client, &session);
        assert_eq!(first, Early { arrived: true, resumed: true }, "{tickets:?}");
        let replay = offer_early(&server, &client, &session);
        assert_eq!(replay, Early { arrived: false, resumed: false }, "{tickets:?}");
        let handshakes = attached.stats().handshakes;
        assert_eq!((handshakes.accept, handshakes.accept_good), (3, 3), "pauses do not count");
        assert_eq!(handshakes.accept_renegotiate, 0);
    }
}

/// Early data does not survive a `HelloRetryRequest`; the session does, which libssl's own guard against
/// replays would have burnt.
#[test]
fn early_data_before_a_retried_hello_is_refused_and_the_session_resumes_once() {
    let (cache, _) = cache_and_clock();
    let (server, client) = retried(&cache, 1024);
    let session = first_session(&server, &client);
    let first = offer_early(&server, &client, &session);
    assert_eq!(first, Early { arrived: false, resumed: true });
    let replay = offer_early(&server, &client, &session);
    assert_eq!(replay, Early { arrived: false, resumed: false });
    assert_eq!(cache.stats().hits, 1);
}

/// A chain of resumptions ends where the cache says, and clients are told so.
#[test]
fn lineages_end() {
    let (_, clock) = cache_and_clock();
    let timeouts = Timeouts::new().with_lineage_cap(Lifetime::from_secs(10_000));
    let cache = SessionCache::builder().clock(clock.clone()).timeouts(timeouts).build().unwrap();
    let (server, _) = attached(TLS13, &cache);
    let client = Client::new();
    let session = first_session(&server, &client);
    clock.advance(Lifetime::from_secs(7000));
    assert!(meet(&server, &client, Some(&session)));
    let session = client.take_session();
    clock.advance(Lifetime::from_secs(3000));
    assert!(meet(&server, &client, Some(&session)), "at the lineage's last instant");
    let session = client.take_session();
    clock.advance(Lifetime::from_secs(1));
    assert!(!meet(&server, &client, Some(&session)), "after it");
    // A full handshake is a new beginning.
    let session = client.take_session();
    clock.advance(Lifetime::from_secs(7000));
    assert!(meet(&server, &client, Some(&session)));
}

/// What the server said of how long a client's session is good for, in seconds: field 9 of its DER.
fn hint(session: &SslSession) -> i64 {
    let der = session.to_der().unwrap();
    let mut rest = value(&der).0;
    while let Some(&tag) = rest.first() {
        let (field, after) = value(rest);
        if tag == 0xa9 {
            return value(field).0.iter().fold(0, |hint, &byte| hint << 8 | i64::from(byte));
        }
        rest = after;
    }
    panic!("a session without a hint");
}

/// The value at the beginning of some DER, and what follows it.
fn value(der: &[u8]) -> (&[u8], &[u8]) {
    let (start, len) = match der[1] {
        0x81 => (3, usize::from(der[2])),
        0x82 => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
        short => (2, usize::from(short)),
    };
    der[start..].split_at(len)
}

#[test]
fn tickets_say_the_timeout_of_the_moment() {
    let (cache, _) = cache_and_clock();
    let (server, _) = attached(TLS13, &cache);
    let client = Client::new();
    let session = first_session(&server, &client);
    assert_eq!(hint(&session), 7200);
    cache.set_timeout(Lifetime::from_secs(300));
    assert!(meet(&server, &client, Some(&session)));
    assert_eq!(hint(&client.take_session()), 300, "of a resumed connection");
    assert_eq!(hint(&first_session(&server, &client)), 300, "of a new one");
    cache.set_timeout(Lifetime::from_secs(10_000_000));
    assert_eq!(hint(&first_session(&server, &client)), 604_800, "a week at most");
}

/// Such a handshake was negotiated under the policy that the invalidation ended.
#[test]
fn a_handshake_under_way_during_an_invalidation_leaves_no_session() {
    for version in support::VERSIONS {
        let (cache, _) = cache_and_clock();
        let (server, attached) = attached(version, &cache);
        let client = Client::new();
        let mut pair = Pair::new(&server, &client, None);
        assert!(pair.client.connect().is_err(), "the hello is sent");
        assert!(pair.server.accept().is_err(), "and answered");
        attached.context().invalidate();
        pair.shake_hands().unwrap();
        assert_eq!(cache.len(), 0, "{version:?}");
        pair.close();
        first_session(&server, &client);
        assert!(!cache.is_empty(), "{version:?}: one that begins afterwards does");
    }
}

/// Nothing guards these against replays.
#[test]
fn whoever_switches_to_stateless_tickets_after_all_gets_no_early_data() {
    let (cache, _) = cache_and_clock();
    let mut server = support::server(TLS13);
    with_early_data(&mut server);
    let adapter = OpensslCache::builder(context(&cache, b"test"));
    let attached = adapter.attach(&mut server).unwrap();
    server.clear_options(SslOptions::NO_TICKET);
    let server = server.build();
    let client = Client::new();
    let session = first_session(&server, &client);
    assert_eq!(attached.stats().stateless, 2);
    for _ in 0..2 {
        let early = offer_early(&server, &client, &session);
        assert_eq!(early, Early { arrived: false, resumed: true });
    }
}

/// libssl 3.0 ends the handshake when a stateless ticket is to live for no time at all.
#[test]
fn a_stateless_ticket_whose_lineage_is_over_ends_no_handshake() {
    let over = Timeouts::new().with_lineage_cap(Lifetime::ZERO);
    let cache = SessionCache::builder().timeouts(over).build().unwrap();
    let stateless = |adapter: OpensslCache| adapter.tickets(Tickets::Stateless);
    let (server, _) = attached_with(SslVersion::TLS1_3, &cache, |_| (), stateless);
    assert!(!meet(&server, &Client::new(), None));
}
