//! What OpenSSL clients offer and resume, with real handshakes against OpenSSL servers.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::io::Write;

use openssl::ssl::{
    Ssl, SslContext, SslContextBuilder, SslMethod, SslOptions, SslSession, SslSessionCacheMode,
    SslStream, SslVerifyMode, SslVersion,
};
use resumption_cache::{CacheMode, ManualClock, SessionCache, Timeouts};
use resumption_client::{
    ClientCache, ClientSessions, Content, ReceivedSession, ServerKey, Transport,
};
use resumption_openssl::client::{AttachedClient, OpensslClient, PrepareError};
use resumption_openssl::{AttachError, Tickets, UncleanClose};
use resumption_session::{Lifetime, SecretBytes, SessionIdContext, Timestamp};
use support::{End, Pair, VERSIONS, attached, attached_with, pair};

/// A client's cache on a clock that the test moves.
fn cache_and_clock() -> (ClientCache, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_unix_secs(1_800_000_000));
    let cache = SessionCache::builder().mode(CacheMode::CLIENT).clock(clock.clone());
    (ClientCache::new(cache.build().unwrap()), clock)
}

fn configuration(cache: &ClientCache, fingerprint: &[u8]) -> ClientSessions {
    cache.configuration(SessionIdContext::new(fingerprint).unwrap()).unwrap()
}

/// A client with its `SSL_CTX`.
struct Client {
    ctx: SslContext,
    attached: AttachedClient,
}

impl Client {
    fn new(cache: &ClientCache) -> Self {
        Self::with(&OpensslClient::builder(configuration(cache, b"test")))
    }

    fn with(adapter: &OpensslClient) -> Self {
        let mut ctx = client();
        let attached = adapter.attach(&mut ctx).unwrap();
        Self { ctx: ctx.build(), attached }
    }

    /// Both ends of a connection, and whether the client has something to offer.
    fn begin(&self, server: &SslContext, name: &str, port: u16) -> (Pair, bool) {
        let (left, right) = pair();
        let mut ssl = Ssl::new(&self.ctx).unwrap();
        let offers = self.attached.prepare(&mut ssl, name, port).unwrap();
        let client = SslStream::new(ssl, left).unwrap();
        let server = SslStream::new(Ssl::new(server).unwrap(), right).unwrap();
        (Pair { client, server }, offers)
    }

    /// An open connection.
    fn connect(&self, server: &SslContext, name: &str, port: u16) -> Pair {
        let (mut pair, _) = self.begin(server, name, port);
        pair.shake_hands().unwrap();
        pair
    }

    /// A whole connection: whether it offered something, and whether that was resumed.
    fn meet(&self, server: &SslContext, name: &str, port: u16) -> (bool, bool) {
        let (mut pair, offers) = self.begin(server, name, port);
        pair.shake_hands().unwrap();
        let is_resumed = pair.is_resumed();
        pair.close();
        (offers, is_resumed)
    }
}

fn client() -> SslContextBuilder {
    let mut ctx = SslContext::builder(SslMethod::tls_client()).unwrap();
    ctx.set_verify(SslVerifyMode::NONE);
    ctx
}

const FULL: (bool, bool) = (false, false);
const REFUSED: (bool, bool) = (true, false);
const RESUMED: (bool, bool) = (true, true);

/// A server with a cache of its own, that gives sessions by id and stateful tickets.
fn server(version: SslVersion) -> (SslContext, SessionCache) {
    let clock = ManualClock::new(Timestamp::from_unix_secs(1_800_000_000));
    let cache = SessionCache::builder().clock(clock).build().unwrap();
    (attached(version, &cache).0, cache)
}

/// A server without any cache, whose tickets hold the sessions.
fn stateless_server(
    version: SslVersion,
    configure: impl FnOnce(&mut SslContextBuilder),
) -> SslContext {
    let mut server = support::server(version);
    server.set_session_cache_mode(SslSessionCacheMode::OFF);
    configure(&mut server);
    server.build()
}

/// One whose tickets, which hold the sessions, say that they live so long.
fn server_that_says(version: SslVersion, timeouts: Timeouts) -> SslContext {
    let cache = SessionCache::builder().timeouts(timeouts).build().unwrap();
    attached_with(version, &cache, |_| (), |adapter| adapter.tickets(Tickets::Stateless)).0
}

fn key_of(name: &str) -> ServerKey {
    ServerKey::new(name, 443, Transport::Tcp)
}

/// Says goodbye at one end.
fn close(mut end: SslStream<End>) {
    let _ = end.shutdown();
}

#[test]
fn sessions_resume_by_id_and_by_ticket_over_both_versions() {
    for version in VERSIONS {
        let by_ticket = stateless_server(version, |_| ());
        for server in [server(version).0, by_ticket] {
            let (cache, _clock) = cache_and_clock();
            let client = Client::new(&cache);
            assert_eq!(client.meet(&server, "a.example", 443), FULL);
            for _ in 0..5 {
                assert_eq!(client.meet(&server, "a.example", 443), RESUMED, "{version:?}");
            }
            let stats = cache.stats();
            assert_eq!((stats.reused, stats.refused), (5, 0), "{version:?} {stats:?}");
        }
    }
}

#[test]
fn nobody_but_its_own_server_gets_a_session() {
    for version in VERSIONS {
        let (cache, _clock) = cache_and_clock();
        let (server, _) = server(version);
        let client = Client::new(&cache);
        assert_eq!(client.meet(&server, "a.example", 443), FULL);
        assert_eq!(client.meet(&server, "b.example", 443), FULL, "{version:?}");
        assert_eq!(client.meet(&server, "a.example", 8443), FULL, "{version:?}");
        let other = Client::with(&OpensslClient::builder(configuration(&cache, b"other")));
        assert_eq!(other.meet(&server, "a.example", 443), FULL, "{version:?}");
        let sessions = configuration(&cache, b"test");
        let quic = Client::with(&OpensslClient::builder(sessions).transport(Transport::Quic));
        assert_eq!(quic.meet(&server, "a.example", 443), FULL, "{version:?}");
        for (name, port) in [("a.example", 443), ("b.example", 443), ("a.example", 8443)] {
            assert_eq!(client.meet(&server, name, port), RESUMED, "{version:?} {name} {port}");
        }
        // Another SSL_CTX of the same configuration.
        assert_eq!(Client::new(&cache).meet(&server, "a.example", 443), RESUMED, "{version:?}");
    }
}

/// rustls and libssl alike: a ticket of TLS 1.3 is used up by being offered.
#[test]
fn each_ticket_is_offered_once_and_a_session_of_before_tls_1_3_again_and_again() {
    for (version, offers) in [(SslVersion::TLS1_2, 10), (SslVersion::TLS1_3, 2)] {
        let (cache, _clock) = cache_and_clock();
        let (server, _) = server(version);
        let client = Client::new(&cache);
        assert_eq!(client.meet(&server, "a.example", 443), FULL);
        // Ten connections that begin before any of them gets on.
        let begun: Vec<_> = (0..10).map(|_| client.begin(&server, "a.example", 443)).collect();
        assert_eq!(begun.iter().filter(|(_, offers)| *offers).count(), offers, "{version:?}");
        for (mut pair, offers) in begun {
            pair.shake_hands().unwrap();
            assert_eq!(pair.is_resumed(), offers, "{version:?}");
            pair.close();
        }
    }
}

/// Case 148: libssl itself would offer it, and the server would take it.
#[test]
fn what_has_expired_is_not_offered() {
    for version in VERSIONS {
        let (cache, clock) = cache_and_clock();
        let (server, _) = server(version);
        let client = Client::new(&cache);
        assert_eq!(client.meet(&server, "a.example", 443), FULL);
        clock.advance(Lifetime::from_secs(7_200));
        assert_eq!(client.meet(&server, "a.example", 443), RESUMED, "at the last instant");
        clock.advance(Lifetime::from_secs(7_201));
        assert_eq!(client.meet(&server, "a.example", 443), FULL, "{version:?}");
        assert!(cache.stats().expired > 0);
    }
}

/// The server's word counts, not the cache's timeout.
#[test]
fn a_session_lives_as_long_as_its_server_said() {
    for version in VERSIONS {
        let (cache, clock) = cache_and_clock();
        let minute = Timeouts::new().with_session(Lifetime::from_secs(60));
        let server = server_that_says(version, minute);
        let client = Client::new(&cache);
        assert_eq!(client.meet(&server, "a.example", 443), FULL);
        clock.advance(Lifetime::from_secs(60));
        assert!(client.begin(&server, "a.example", 443).1, "{version:?}");
        clock.advance(Lifetime::from_secs(1));
        assert!(!client.begin(&server, "a.example", 443).1, "{version:?}");
    }
}

/// Case 140. libssl's own clients keep such a ticket.
#[test]
fn a_ticket_of_no_lifetime_is_dropped() {
    let (cache, _clock) = cache_and_clock();
    let none = Timeouts::new().with_lineage_cap(Lifetime::ZERO);
    // (libssl 3.0 fails to make a stateless ticket of that kind.)
    let of_the_server = SessionCache::builder().timeouts(none).build().unwrap();
    let (server, _) = attached(SslVersion::TLS1_3, &of_the_server);
    let client = Client::new(&cache);
    assert_eq!(client.meet(&server, "a.example", 443), FULL);
    assert_eq!(client.meet(&server, "a.example", 443), FULL);
    let stats = cache.stats();
    assert_eq!((stats.without_lifetime, stats.stored), (4, 0), "two tickets each");
}

/// Case 146.
#[test]
fn what_the_server_refuses_is_counted_and_forgotten() {
    for version in VERSIONS {
        let (cache, _clock) = cache_and_clock();
        let (keeping, _) = server(version);
        // One that resumes nothing, and gives nothing.
        let forgetful = stateless_server(version, |server| {
            server.set_options(SslOptions::NO_TICKET);
            server.set_num_tickets(0).unwrap();
        });
        let client = Client::new(&cache);
        assert_eq!(client.meet(&keeping, "a.example", 443), FULL);
        let had = if version == SslVersion::TLS1_2 { 1 } else { 2 };
        for _ in 0..had {
            assert_eq!(client.meet(&forgetful, "a.example", 443), REFUSED, "{version:?}");
        }
        assert_eq!(client.meet(&forgetful, "a.example", 443), FULL, "{version:?}");
        assert_eq!((cache.stats().refused, cache.stats().reused), (had, 0), "{version:?}");
    }
}

/// What one connection does to its session must not spoil the cached one: libssl marks the session object
/// of a connection that is cut off as not resumable.
#[test]
fn an_unclean_close_removes_what_the_policy_says_and_spoils_nothing() {
    for (policy, made_stays, resumed_stays) in [
        (UncleanClose::Keep, true, true),
        (UncleanClose::Remove, false, false),
        (UncleanClose::RemoveOwn, false, true),
    ] {
        let (cache, _clock) = cache_and_clock();
        let (server, _) = server(SslVersion::TLS1_2);
        let sessions = configuration(&cache, b"test");
        let client = Client::with(&OpensslClient::builder(sessions).unclean_close(policy));
        let Pair { client: cut_off, server: other_end } = client.connect(&server, "made", 443);
        drop(cut_off);
        // Closed, so that the server keeps its own copy.
        close(other_end);
        let expected = if made_stays { RESUMED } else { FULL };
        assert_eq!(client.meet(&server, "made", 443), expected, "{policy:?}");

        assert_eq!(client.meet(&server, "shared", 443), FULL);
        let resumed = client.connect(&server, "shared", 443);
        assert!(resumed.is_resumed());
        let Pair { client: cut_off, server: other_end } = resumed;
        drop(cut_off);
        close(other_end);
        let expected = if resumed_stays { RESUMED } else { FULL };
        assert_eq!(client.meet(&server, "shared", 443), expected, "{policy:?}");
    }
}

#[test]
fn tickets_outlive_the_connection_that_they_came_on() {
    let (cache, _clock) = cache_and_clock();
    let server = stateless_server(SslVersion::TLS1_3, |_| ());
    let client = Client::new(&cache);
    drop(client.connect(&server, "a.example", 443));
    assert_eq!(client.meet(&server, "a.example", 443), RESUMED);
}

#[test]
fn a_connection_that_ends_in_its_handshake_removes_nothing() {
    let (cache, _clock) = cache_and_clock();
    let (server, _) = server(SslVersion::TLS1_2);
    let sessions = configuration(&cache, b"test");
    let removing = OpensslClient::builder(sessions).unclean_close(UncleanClose::Remove);
    let client = Client::with(&removing);
    assert_eq!(client.meet(&server, "a.example", 443), FULL);
    let (mut pair, offers) = client.begin(&server, "a.example", 443);
    assert!(offers);
    assert!(pair.client.connect().is_err(), "the server has not answered yet");
    drop(pair);
    drop(client.begin(&server, "a.example", 443));
    assert_eq!(client.meet(&server, "a.example", 443), RESUMED);
}

#[test]
fn after_a_fatal_alert_the_session_is_not_offered_again() {
    let (cache, _clock) = cache_and_clock();
    let (first, _) = server(SslVersion::TLS1_2);
    // The same versions and no suite in common any more.
    let changed = stateless_server(SslVersion::TLS1_2, |server| {
        server.set_cipher_list("ECDHE-ECDSA-AES256-GCM-SHA384").unwrap();
    });
    let mut ctx = client();
    ctx.set_cipher_list("ECDHE-ECDSA-AES128-GCM-SHA256").unwrap();
    let attached = OpensslClient::builder(configuration(&cache, b"test")).attach(&mut ctx).unwrap();
    let client = Client { ctx: ctx.build(), attached };
    assert_eq!(client.meet(&first, "a.example", 443), FULL);
    let (mut pair, offers) = client.begin(&changed, "a.example", 443);
    assert!(offers);
    pair.shake_hands().expect_err("no suite in common");
    pair.client.connect().expect_err("and the client hears why");
    drop(pair);
    let counted = cache.cache().stats().handshakes;
    assert_eq!((counted.connect, counted.connect_good), (2, 1));
    assert_eq!(client.meet(&first, "a.example", 443), FULL);
}

/// Whatever the policy for unclean closes says.
#[test]
fn a_fatal_alert_on_an_open_connection_removes_the_session_too() {
    let (cache, _clock) = cache_and_clock();
    let (server, _) = server(SslVersion::TLS1_2);
    let sessions = configuration(&cache, b"test");
    let keeping = OpensslClient::builder(sessions).unclean_close(UncleanClose::Keep);
    let client = Client::with(&keeping);
    assert_eq!(client.meet(&server, "a.example", 443), FULL);
    let mut pair = client.connect(&server, "a.example", 443);
    assert!(pair.is_resumed());
    // A record that nobody encrypted.
    pair.server
        .get_mut()
        .write_all(b"\x17\x03\x03\x00\x20 nothing that could be decrypted")
        .unwrap();
    pair.client.ssl_read(&mut [0]).expect_err("the record is bad");
    drop(pair);
    assert_eq!(client.meet(&server, "a.example", 443), FULL);
}

/// A session belongs to the configuration, and not to the `SSL_CTX` that it came through. libssl breaks
/// off where the server resumes one with another session id context.
#[test]
fn contexts_of_one_configuration_share_sessions_whatever_was_set_before() {
    for version in VERSIONS {
        let (cache, _clock) = cache_and_clock();
        let (server, _) = server(version);
        let clients = [&b"one"[..], b"two"].map(|id_context| {
            let mut ctx = client();
            ctx.set_session_id_context(id_context).unwrap();
            let sessions = configuration(&cache, b"test");
            let attached = OpensslClient::builder(sessions).attach(&mut ctx).unwrap();
            Client { ctx: ctx.build(), attached }
        });
        assert_eq!(clients[0].meet(&server, "a.example", 443), FULL);
        assert_eq!(clients[1].meet(&server, "a.example", 443), RESUMED, "{version:?}");
    }
}

#[test]
fn after_a_refusal_a_new_lineage_begins() {
    const DAY: Lifetime = Lifetime::from_secs(86_400);
    let week = Timeouts::new().with_session(Timeouts::WEEK);
    for version in VERSIONS {
        let (cache, clock) = cache_and_clock();
        // Each with a ticket key of its own.
        let [first, second] = [(); 2].map(|()| server_that_says(version, week));
        let client = Client::new(&cache);
        assert_eq!(client.meet(&first, "a.example", 443), FULL);
        for _ in 0..5 {
            clock.advance(DAY);
        }
        assert_eq!(client.meet(&second, "a.example", 443), REFUSED, "{version:?}");
        for _ in 0..5 {
            clock.advance(DAY);
        }
        assert_eq!(client.meet(&second, "a.example", 443), RESUMED, "{version:?}");
    }
}

#[test]
fn a_chain_of_resumptions_ends_after_a_week() {
    let (cache, clock) = cache_and_clock();
    let server = stateless_server(SslVersion::TLS1_3, |_| ());
    let client = Client::new(&cache);
    assert_eq!(client.meet(&server, "a.example", 443), FULL);
    let mut hours = 0;
    while client.meet(&server, "a.example", 443) == RESUMED {
        clock.advance(Lifetime::from_secs(3_600));
        hours += 1;
        assert!(hours < 200, "for ever");
    }
    assert_eq!(hours, 169, "at the last instant");
}

#[test]
fn after_an_invalidation_nothing_is_offered_and_what_comes_late_is_not_kept() {
    for version in VERSIONS {
        let (cache, _clock) = cache_and_clock();
        let (server, _) = server(version);
        let client = Client::new(&cache);
        assert_eq!(client.meet(&server, "a.example", 443), FULL);
        let (mut early, _) = client.begin(&server, "b.example", 443);
        client.attached.sessions().invalidate();
        early.shake_hands().unwrap();
        early.close();
        assert_eq!(client.meet(&server, "a.example", 443), FULL, "{version:?}");
        assert_eq!(client.meet(&server, "b.example", 443), FULL, "{version:?}: it came late");
        assert_eq!(client.meet(&server, "b.example", 443), RESUMED, "{version:?}");
    }
}

/// As a client does that keeps its sessions on disk.
#[test]
fn a_session_that_was_encoded_is_offered_by_the_next_process() {
    for version in VERSIONS {
        let (server, _) = server(version);
        let (before, _clock) = cache_and_clock();
        let client = Client::new(&before);
        assert_eq!(client.meet(&server, "a.example", 443), FULL);
        let attempt = client.attached.sessions().attempt(&key_of("a.example"));
        let session = attempt.session().unwrap();
        let der = session.view().encode().unwrap();
        let told = SslSession::from_der(der.expose()).unwrap().timeout();
        assert_eq!(u64::try_from(told).unwrap(), session.view().lifetime().as_secs());

        let (after, _clock) = cache_and_clock();
        let client = Client::new(&after);
        let version = session.view().version().unwrap();
        let stored = ReceivedSession::new(version, session.view().lifetime(), Content::Bytes(der));
        client.attached.sessions().insert(attempt.server(), &stored).unwrap();
        assert_eq!(client.meet(&server, "a.example", 443), RESUMED, "{version}");

        let broken = Content::Bytes(SecretBytes::new(vec![0x30, 0x00]));
        let broken = ReceivedSession::new(version, session.view().lifetime(), broken);
        client.attached.sessions().insert(&key_of("b.example"), &broken).unwrap();
        assert_eq!(client.meet(&server, "b.example", 443), FULL, "{version}");
    }
}

#[test]
fn a_connection_of_another_context_is_refused() {
    let (cache, _clock) = cache_and_clock();
    let client = Client::new(&cache);
    let others = [self::client().build(), Client::new(&cache).ctx];
    for ctx in others {
        let mut ssl = Ssl::new(&ctx).unwrap();
        let refused = client.attached.prepare(&mut ssl, "a.example", 443);
        assert!(matches!(refused, Err(PrepareError::OtherContext)), "{refused:?}");
    }
}

#[test]
fn nobody_elses_callbacks_are_overwritten() {
    let (cache, _clock) = cache_and_clock();
    let mut ctx = client();
    ctx.set_new_session_callback(|_, _| ());
    let refused = OpensslClient::builder(configuration(&cache, b"test")).attach(&mut ctx);
    assert!(matches!(refused, Err(AttachError::CallbackTaken("new"))), "{refused:?}");
}

/// A connection that was not prepared keeps to itself.
#[test]
fn a_connection_that_was_not_prepared_stores_nothing() {
    for version in VERSIONS {
        let (cache, _clock) = cache_and_clock();
        let (server, _) = server(version);
        let client = Client::new(&cache);
        let (left, right) = pair();
        let mut pair = Pair {
            client: SslStream::new(Ssl::new(&client.ctx).unwrap(), left).unwrap(),
            server: SslStream::new(Ssl::new(&server).unwrap(), right).unwrap(),
        };
        pair.shake_hands().unwrap();
        pair.close();
        assert!(cache.cache().is_empty());
    }
}
