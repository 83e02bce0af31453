//! Two threads shake hands with one server at once, and every handshake and lookup is counted.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::thread;

use openssl::ssl::{SslContext, SslVersion};
use resumption_cache::SessionCache;
use resumption_openssl::Attached;
use support::{Client, Pair, attached, meet};

const THREADS: u64 = 2;

/// How many handshakes each thread does: all of them, or few under a tool that is slow.
fn handshakes() -> u64 {
    std::env::var("RESUMPTION_HANDSHAKES").map_or(10_000, |number| number.parse().unwrap())
}

/// What the clients saw.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    full: u64,
    resumed: u64,
    offered: u64,
}

/// Many handshakes of one client, which offers what it has: every tenth time nothing, and every seventh a
/// session that was used or never was.
fn shake_hands(server: &SslContext, client: &Client) -> Seen {
    let mut seen = Seen::default();
    let mut session = None;
    for number in 0..handshakes() {
        if number % 10 == 0 {
            session = None;
        }
        seen.offered += u64::from(session.is_some());
        if meet(server, client, session.as_ref()) {
            seen.resumed += 1;
        } else {
            seen.full += 1;
        }
        let given = client.take_sessions().into_iter().next();
        if number % 7 != 0 {
            session = given.or(session);
        }
    }
    seen
}

fn hammer(version: SslVersion) {
    let cache = SessionCache::builder().build().unwrap();
    let (server, attached): (SslContext, Attached) = attached(version, &cache);
    let total = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let client = Client::with(|client| {
                        client.set_max_proto_version(Some(version)).unwrap();
                    });
                    shake_hands(&server, &client)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).fold(
            Seen::default(),
            |sum, seen| Seen {
                full: sum.full + seen.full,
                resumed: sum.resumed + seen.resumed,
                offered: sum.offered + seen.offered,
            },
        )
    });
    let done = THREADS * handshakes();
    assert_eq!(total.full + total.resumed, done);
    let accepted = attached.stats().handshakes;
    assert_eq!((accepted.accept, accepted.accept_good), (done, done));
    let stats = cache.stats();
    assert_eq!((stats.handshakes.accept, stats.handshakes.accept_good), (done, done));
    let of_context = attached.context().stats();
    assert_eq!(of_context.handshakes, stats.handshakes);
    assert_eq!((of_context.hits, of_context.misses), (stats.hits, stats.misses));
    assert_eq!(stats.offered(), total.offered, "{total:?} {stats:?}");
    assert_eq!(stats.offered(), stats.hits + stats.misses + stats.expired + stats.refused.total());
    assert_eq!(stats.hits, total.resumed);
    assert!(stats.hits > done / 2 && total.full > done / 20, "some of each: {total:?}");
    assert_eq!(stats.insertions, stats.entries + stats.departures());
    if version == SslVersion::TLS1_3 {
        assert_eq!(stats.taken, stats.hits);
        assert!(stats.misses > 0, "some tickets were offered twice");
    }
}

#[test]
fn two_threads_lose_no_count_over_tls12() {
    hammer(SslVersion::TLS1_2);
}

#[test]
fn two_threads_lose_no_count_over_tls13() {
    hammer(SslVersion::TLS1_3);
}

/// Both threads offer the same ticket at once, again and again.
#[test]
fn of_two_threads_with_one_ticket_one_resumes() {
    let cache = SessionCache::builder().build().unwrap();
    let (server, _) = attached(SslVersion::TLS1_3, &cache);
    let clients = [Client::new(), Client::new()];
    for _ in 0..handshakes().min(200) {
        assert!(!meet(&server, &clients[0], None));
        let session = clients[0].take_session();
        let resumed: u64 = thread::scope(|scope| {
            let threads = clients.each_ref().map(|client| {
                let (server, session) = (&server, &session);
                scope.spawn(move || {
                    let mut pair = Pair::new(server, client, Some(session));
                    pair.shake_hands().unwrap();
                    let is_resumed = pair.is_resumed();
                    pair.close();
                    client.take_sessions();
                    u64::from(is_resumed)
                })
            });
            threads.map(|thread| thread.join().unwrap()).iter().sum()
        });
        assert_eq!(resumed, 1);
    }
}
