//! What is offered to which server.

mod common;

use std::num::{NonZeroU8, NonZeroU16, NonZeroUsize};

use common::{
    HOUR, assert_adds_up, build, configuration, number, plain, received, reusable, server, take,
    ticket,
};
use resumption_cache::{CacheMode, Capacity, InsertRefusal, Refusal, Timeouts};
use resumption_client::{NotKept, Outcome, ServerKey, Transport};
use resumption_session::ProtocolVersion::{Dtls13, Tls12, Tls13};
use resumption_session::{Lifetime, SessionIdContext};

const SECOND: Lifetime = Lifetime::from_secs(1);

#[test]
fn the_newest_ticket_goes_first_and_each_goes_once() {
    let (cache, sessions, _clock) = plain();
    let server = server("a");
    for number in 1..=3 {
        sessions.insert(&server, &ticket(number, HOUR)).expect("room");
    }
    let taken: Vec<_> = (0..4).map(|_| take(&sessions, &server)).collect();
    assert_eq!(taken, [Some(3), Some(2), Some(1), None]);
    assert_adds_up(&cache);
}

#[test]
fn eight_tickets_of_a_server_are_kept_unless_said_otherwise() {
    let (cache, sessions, _clock) = plain();
    let three = cache.clone().with_tickets_per_server(NonZeroU8::new(3).expect("not zero"));
    let many = cache.clone().with_tickets_per_server(NonZeroU8::MAX);
    let fewer = configuration(&three, b"three");
    let most = configuration(&many, b"many");
    let server = server("a");
    for (sessions, kept) in [(sessions, 8), (fewer, 3), (most, 32)] {
        for number in 1..=100 {
            sessions.insert(&server, &ticket(number, HOUR)).expect("room");
        }
        let taken: Vec<_> = std::iter::from_fn(|| take(&sessions, &server)).collect();
        assert_eq!(taken, (101 - kept..=100).rev().collect::<Vec<_>>());
    }
}

#[test]
fn a_session_is_offered_to_its_own_server_only() {
    let (cache, sessions, _clock) = plain();
    let other_configuration = configuration(&cache, b"other");
    let server = ServerKey::new("a.example", 443, Transport::Tcp);
    let others = [
        ServerKey::new("b.example", 443, Transport::Tcp),
        ServerKey::new("a.example", 444, Transport::Tcp),
        ServerKey::new("a.example", 443, Transport::Quic),
    ];
    sessions.insert(&server, &ticket(1, HOUR)).expect("room");
    sessions.insert(&server, &received(Tls12, 2, HOUR)).expect("room");
    for other in &others {
        assert_eq!(take(&sessions, other), None, "{other:?}");
        assert_eq!(reusable(&sessions, other), None, "{other:?}");
    }
    assert_eq!(take(&other_configuration, &server), None);
    assert_eq!(reusable(&other_configuration, &server), None);
    // And it is still there for whom it is.
    assert_eq!(take(&sessions, &server), Some(1));
    assert_eq!(reusable(&sessions, &server), Some(2));
}

#[test]
fn a_session_of_before_tls_1_3_stays_and_is_replaced_by_the_next() {
    let (_cache, sessions, _clock) = plain();
    let server = server("a");
    sessions.insert(&server, &received(Tls12, 1, HOUR)).expect("room");
    assert_eq!(reusable(&sessions, &server), Some(1));
    assert_eq!(reusable(&sessions, &server), Some(1));
    sessions.insert(&server, &received(Tls12, 2, HOUR)).expect("room");
    assert_eq!(reusable(&sessions, &server), Some(2));
    assert!(sessions.remove_reusable(&server));
    assert_eq!(reusable(&sessions, &server), None);
    assert!(!sessions.remove_reusable(&server));
}

#[test]
fn a_ticket_is_offered_before_the_session_of_an_older_version() {
    let (cache, sessions, _clock) = plain();
    let server = server("a");
    sessions.insert(&server, &received(Tls12, 1, HOUR)).expect("room");
    sessions.insert(&server, &ticket(2, HOUR)).expect("room");
    let offered: Vec<_> =
        (0..3).map(|_| sessions.attempt(&server).session().map(|found| number(&found))).collect();
    assert_eq!(offered, [Some(2), Some(1), Some(1)]);
    assert_eq!(cache.stats().lookups, 3, "one for each attempt");
}

/// Case 148: OpenSSL's clients offer what has expired. And to the instant.
#[test]
fn nothing_expired_is_offered_in_any_version() {
    let (cache, sessions, clock) = plain();
    let server = server("a");
    for version in [Tls12, Tls13, Dtls13] {
        sessions.insert(&server, &received(version, 1, HOUR)).expect("room");
        sessions.insert(&server, &received(version, 2, HOUR)).expect("room");
        clock.advance(HOUR);
        assert_eq!(sessions.attempt(&server).session().map(|found| number(&found)), Some(2));
        clock.advance(Lifetime::from_nanos(1));
        assert!(sessions.attempt(&server).session().is_none(), "{version}");
    }
    assert_eq!(cache.stats().expired, 3);
    assert_adds_up(&cache);
}

#[test]
fn an_expired_ticket_does_not_hide_an_older_one_that_is_good() {
    let (_cache, sessions, clock) = plain();
    let server = server("a");
    sessions.insert(&server, &ticket(1, HOUR)).expect("room");
    for number in 2..=5 {
        sessions.insert(&server, &ticket(number, SECOND)).expect("room");
    }
    clock.advance(Lifetime::from_secs(2));
    assert_eq!(take(&sessions, &server), Some(1));
    assert_eq!(take(&sessions, &server), None);
}

/// Case 140.
#[test]
fn a_ticket_of_no_lifetime_is_dropped() {
    let (cache, sessions, _clock) = plain();
    let server = server("a");
    for version in [Tls13, Dtls13] {
        let dropped = sessions.insert(&server, &received(version, 1, Lifetime::ZERO));
        assert_eq!(dropped, Err(NotKept::NoLifetime));
    }
    assert_eq!(take(&sessions, &server), None);
    assert_eq!((cache.stats().without_lifetime, cache.stats().stored), (2, 0));
    assert!(cache.cache().is_empty());
}

/// RFC 5077, section 3.3: before TLS 1.3, a hint of zero says nothing.
#[test]
fn a_session_of_before_tls_1_3_without_hint_lives_as_long_as_the_timeout() {
    let (cache, sessions, clock) = plain();
    let server = server("a");
    sessions.insert(&server, &received(Tls12, 1, Lifetime::ZERO)).expect("room");
    clock.advance(cache.cache().timeouts().for_new_session());
    assert_eq!(reusable(&sessions, &server), Some(1));
    clock.advance(SECOND);
    assert_eq!(reusable(&sessions, &server), None);
}

/// RFC 8446, section 4.6.1. The tickets come on the seventh day of a server's acquaintance, so that what
/// is known of the server must not be older than a week either.
#[test]
fn nothing_lives_longer_than_a_week() {
    let day = Lifetime::from_secs(86_400);
    let (_cache, sessions, clock) = plain();
    let server = server("a");
    sessions.insert(&server, &ticket(1, HOUR)).expect("room");
    for _ in 0..6 {
        clock.advance(day);
    }
    for version in [Tls12, Tls13] {
        for number in 1..=2 {
            sessions.insert(&server, &received(version, number, Lifetime::NEVER)).expect("room");
        }
    }
    for _ in 0..7 {
        clock.advance(day);
    }
    assert_eq!(take(&sessions, &server), Some(2), "at the last instant");
    assert_eq!(reusable(&sessions, &server), Some(2));
    clock.advance(Lifetime::from_nanos(1));
    assert_eq!(take(&sessions, &server), None);
    assert_eq!(reusable(&sessions, &server), None);
}

/// Case 146, and what follows from it.
#[test]
fn what_the_server_refuses_is_a_miss_and_is_not_offered_again() {
    let (cache, sessions, _clock) = plain();
    let server = server("a");
    sessions.insert(&server, &received(Tls12, 1, HOUR)).expect("room");
    let attempt = sessions.attempt(&server);
    assert!(attempt.session().is_some());
    attempt.finished(Outcome::Full);
    attempt.finished(Outcome::Full);
    assert_eq!((cache.stats().refused, cache.stats().reused), (1, 0));
    assert_eq!(reusable(&sessions, &server), None);

    // The one that comes instead stays, whichever is said first.
    for received_first in [true, false] {
        sessions.insert(&server, &received(Tls12, 2, HOUR)).expect("room");
        let attempt = sessions.attempt(&server);
        assert!(attempt.session().is_some());
        if received_first {
            attempt.received(received(Tls12, 3, HOUR)).expect("room");
            attempt.finished(Outcome::Full);
        } else {
            attempt.finished(Outcome::Full);
            attempt.received(received(Tls12, 3, HOUR)).expect("room");
        }
        assert_eq!(reusable(&sessions, &server), Some(3));
    }

    let attempt = sessions.attempt(&server);
    assert!(attempt.session().is_some());
    attempt.finished(Outcome::Resumed);
    assert_eq!((cache.stats().refused, cache.stats().reused), (3, 1));
    let counted = cache.cache().stats().handshakes;
    assert_eq!((counted.offers_refused, counted.offers_accepted), (3, 1));
    assert_eq!((counted.connect, counted.connect_good), (4, 4), "each once, however often said");
    assert_eq!(reusable(&sessions, &server), Some(3), "it was resumed and stays");
}

#[test]
fn a_handshake_without_an_offer_is_no_miss() {
    let (cache, sessions, _clock) = plain();
    let attempt = sessions.attempt(&server("a"));
    assert!(attempt.session().is_none());
    attempt.finished(Outcome::Full);
    assert_eq!((cache.stats().refused, cache.stats().absent), (0, 1));
}

/// On a resumed connection no certificate is verified: a chain of them must end.
#[test]
fn a_lineage_ends_although_each_session_is_young() {
    let (_cache, sessions, clock) = plain();
    let server = server("a");
    let first = sessions.attempt(&server);
    first.finished(Outcome::Full);
    first.received(ticket(0, Lifetime::NEVER)).expect("room");
    let mut resumptions = 0;
    loop {
        clock.advance(Lifetime::from_secs(86_400));
        let attempt = sessions.attempt(&server);
        if attempt.session().is_none() {
            break;
        }
        attempt.finished(Outcome::Resumed);
        attempt.received(ticket(0, Lifetime::NEVER)).expect("room");
        resumptions += 1;
        assert!(resumptions < 20, "for ever");
    }
    assert_eq!(resumptions, 7, "one a day for a week");

    // After a refusal the certificate was verified again.
    let attempt = sessions.attempt(&server);
    attempt.received(ticket(1, Lifetime::NEVER)).expect("room");
    clock.advance(Lifetime::from_secs(5 * 86_400));
    let attempt = sessions.attempt(&server);
    assert!(attempt.session().is_some());
    attempt.finished(Outcome::Full);
    attempt.received(ticket(2, Lifetime::NEVER)).expect("room");
    clock.advance(Lifetime::from_secs(5 * 86_400));
    assert_eq!(take(&sessions, &server), Some(2));
}

#[test]
fn after_an_invalidation_nothing_is_offered_and_late_sessions_are_refused() {
    let (_cache, sessions, _clock) = plain();
    let server = server("a");
    sessions.insert(&server, &ticket(1, HOUR)).expect("room");
    sessions.insert(&server, &received(Tls12, 2, HOUR)).expect("room");
    let early = sessions.attempt(&server);
    sessions.invalidate();
    assert_eq!(take(&sessions, &server), None);
    assert_eq!(reusable(&sessions, &server), None);
    let refused = Err(NotKept::Cache(InsertRefusal::Refused(Refusal::Policy)));
    assert_eq!(early.received(ticket(3, HOUR)), refused);
    assert_eq!(early.received(received(Tls12, 4, HOUR)), refused);
    assert_eq!(take(&sessions, &server), None);
    sessions.attempt(&server).received(ticket(5, HOUR)).expect("of a new connection");
    assert_eq!(take(&sessions, &server), Some(5));
}

#[test]
fn a_cache_that_keeps_no_client_sessions_keeps_none() {
    for mode in [CacheMode::OFF, CacheMode::SERVER] {
        let (cache, _clock) = build(|builder| builder.mode(mode));
        let sessions = configuration(&cache, b"plain");
        let refused = Err(NotKept::Cache(InsertRefusal::Refused(Refusal::CachingOff)));
        assert_eq!(sessions.insert(&server("a"), &ticket(1, HOUR)), refused);
        assert_eq!(sessions.insert(&server("a"), &received(Tls12, 1, HOUR)), refused);
        assert!(cache.cache().is_empty(), "not even an index");
    }
}

/// An insert that fails must not cost the ticket whose place it wanted.
#[test]
fn a_ticket_that_does_not_fit_displaces_none() {
    let (cache, _clock) =
        build(|builder| builder.limits(resumption_cache::Limits::new().with_max_payload(600)));
    let sessions = configuration(&cache, b"plain");
    let server = server("a");
    for number in 1..=8 {
        sessions.insert(&server, &ticket(number, HOUR)).expect("room");
    }
    let large = resumption_session::SecretBytes::new(vec![0; 601]);
    let large = resumption_client::ReceivedSession::new(
        Tls13,
        HOUR,
        resumption_client::Content::Bytes(large),
    );
    assert!(sessions.insert(&server, &large).is_err());
    let taken: Vec<_> = std::iter::from_fn(|| take(&sessions, &server)).collect();
    assert_eq!(taken, (1..=8).rev().collect::<Vec<_>>());
    assert_eq!(cache.stats().rejected, 1);
}

#[test]
fn the_capacity_holds_for_a_client_with_many_servers() {
    let few = Capacity::of_entries(NonZeroUsize::new(50).expect("not zero"));
    let (cache, _clock) = build(|builder| builder.capacity(few));
    let sessions = configuration(&cache, b"plain");
    for number in 0..1_000 {
        let server = server(&format!("{number}.example"));
        for _ in 0..2 {
            sessions.insert(&server, &ticket(number, HOUR)).expect("others make room");
        }
        assert!(cache.cache().len() <= 50);
        assert_eq!(take(&sessions, &server), Some(number), "the newest is never the victim");
    }
    assert_adds_up(&cache);
}

#[test]
fn the_key_exchange_that_a_server_likes_is_remembered() {
    let (cache, sessions, clock) = plain();
    let other = configuration(&cache, b"other");
    let server = server("a");
    let x25519 = NonZeroU16::new(29).expect("not zero");
    assert_eq!(sessions.named_group(&server), None);
    sessions.set_named_group(&server, x25519);
    clock.advance(HOUR);
    sessions.insert(&server, &ticket(1, HOUR)).expect("room");
    assert_eq!(sessions.named_group(&server), Some(x25519));
    assert_eq!(take(&sessions, &server), Some(1));
    assert_eq!(sessions.named_group(&server), Some(x25519));
    assert_eq!(other.named_group(&server), None);
}

#[test]
fn what_is_secret_or_private_is_not_printed() {
    let (cache, sessions, _clock) = plain();
    let server = server("secret.example");
    let attempt = sessions.attempt(&server);
    let shown = format!("{cache:?} {sessions:?} {server:?} {attempt:?} {:?}", ticket(77, HOUR));
    assert!(!shown.contains("secret.example") && !shown.contains("77"), "{shown}");
}

#[test]
fn a_session_tells_when_its_server_was_last_verified() {
    let (_cache, sessions, clock) = plain();
    let server = server("a");
    let first = sessions.context().now();
    let told = ticket(1, HOUR).with_authenticated_at(first);
    clock.advance(SECOND);
    sessions.insert(&server, &told).expect("room");
    let found = sessions.take_ticket(&server).expect("kept");
    assert_eq!(found.view().authenticated_at(), first);
    assert_eq!(found.view().created(), sessions.context().now());
    assert_eq!(found.view().lifetime(), HOUR);
    assert_eq!(Timeouts::WEEK, Lifetime::from_secs(604_800));
    assert_eq!(sessions.fingerprint(), &SessionIdContext::new(b"plain").expect("short"));
}
