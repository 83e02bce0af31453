//! OpenSSL's twelve counters: what adapters count, what lookups count, for each context and in all.

mod common;

use std::thread;

use common::{HOUR, assert_adds_up, build, context, id, plain, session};
use resumption_cache::{CacheMode, Callbacks, ContextStats, Handshake, Lookup, Role};
use resumption_session::{SecretBytes, Session, SessionId, SessionIdContext};

const ALL: [Handshake; 8] = [
    Handshake::Accept,
    Handshake::AcceptGood,
    Handshake::AcceptRenegotiate,
    Handshake::Connect,
    Handshake::ConnectGood,
    Handshake::ConnectRenegotiate,
    Handshake::OfferAccepted,
    Handshake::OfferRefused,
];

#[test]
fn each_counter_counts_what_it_is_named_for() {
    let (cache, context, _) = plain(10);
    for (times, what) in (1..).zip(ALL) {
        (0..times).for_each(|_| context.count(what));
    }
    let view = cache.stats().openssl();
    assert_eq!((view.accept, view.accept_good, view.accept_renegotiate), (1, 2, 3));
    assert_eq!((view.connect, view.connect_good, view.connect_renegotiate), (4, 5, 6));
    assert_eq!((view.hits, view.misses), (7, 8), "a client's");
    assert_eq!((view.number, view.cb_hits, view.timeouts, view.cache_full), (0, 0, 0, 0));
    assert_eq!(cache.stats().offered(), 0, "nothing was looked up");
    assert_eq!(context.stats().handshakes, cache.stats().handshakes);
}

#[test]
fn contexts_do_not_count_for_each_other_and_add_up() {
    let (cache, _) = build(|builder| builder);
    let contexts: Vec<_> = (0..20_u8).map(|number| context(&cache, &[number])).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    for (times, context) in contexts.iter().enumerate() {
                        (0..times).for_each(|_| context.count(Handshake::AcceptGood));
                    }
                }
            });
        }
    });
    for (times, context) in contexts.iter().enumerate() {
        assert_eq!(context.stats().handshakes.accept_good, 400 * times as u64);
    }
    assert_eq!(cache.stats().handshakes.accept_good, 400 * (0..20).sum::<u64>());
    // Threads that come later count on in the blocks that those have left.
    thread::scope(|scope| {
        scope.spawn(|| contexts[0].count(Handshake::AcceptGood)).join().expect("no panic");
    });
    assert_eq!(contexts[0].stats().handshakes.accept_good, 1);
}

#[test]
fn caches_do_not_count_for_each_other() {
    let caches: Vec<_> = (0..5).map(|_| plain(10)).collect();
    for round in 1..4 {
        for (times, (_, context, _)) in caches.iter().enumerate() {
            (0..times).for_each(|_| context.count(Handshake::Connect));
            assert_eq!(context.stats().handshakes.connect, round * times as u64);
        }
    }
}

#[test]
fn an_acceptance_moves_with_the_servers_name_and_nothing_else_does() {
    let (cache, _) = build(|builder| builder);
    let (first, named) = (context(&cache, b"first"), context(&cache, b"named"));
    first.count(Handshake::Accept);
    first.count(Handshake::Accept);
    // On another thread than that which counted it.
    thread::scope(|scope| {
        scope.spawn(|| first.move_accept_to(&named));
    });
    named.count(Handshake::AcceptGood);
    assert_eq!(first.stats().handshakes.accept, 1);
    assert_eq!((named.stats().handshakes.accept, named.stats().handshakes.accept_good), (1, 1));
    assert_eq!(cache.stats().openssl().accept, 2);
    // Also to another cache.
    let (other, elsewhere, _) = plain(10);
    named.move_accept_to(&elsewhere);
    assert_eq!((cache.stats().openssl().accept, other.stats().openssl().accept), (1, 1));
}

#[test]
fn a_context_that_counts_its_lookups_knows_its_own_outcomes() {
    let (cache, clock) = build(|builder| builder);
    let quiet = context(&cache, b"");
    let here = context(&cache, b"here").counting_lookups();
    for context in [&quiet, &here] {
        context.insert(session(context, 1)).expect("room");
        context.insert(session(context, 2)).expect("room");
        assert!(context.get_with(&id(1), |_| ()).is_hit());
        assert!(context.get(&id(1)).is_hit());
        assert!(context.take(&id(1)).is_hit());
        assert!(!context.take_with(&id(1), |_| ()).is_hit());
        assert!(!context.get_with(&id(1), |_| ()).is_hit());
    }
    clock.advance(HOUR);
    clock.advance(HOUR);
    assert_eq!(here.get_with(&id(2), |_| ()), Lookup::Expired);
    let stats = here.stats();
    assert_eq!((stats.hits, stats.misses, stats.internal_misses, stats.expired), (3, 2, 2, 1));
    assert_eq!((stats.callback_hits, stats.refused), (0, 0));
    assert_eq!(quiet.stats(), ContextStats::default());
    assert_eq!(cache.stats().offered(), 11, "counted in all as well, once");
    assert_adds_up(&cache);
}

#[test]
fn what_the_get_callback_finds_is_a_miss_and_a_hit() {
    let find = |context: &SessionIdContext, id: &SessionId| {
        let payload = SecretBytes::new(vec![0; 8]);
        Some(Session::new(*id, *context, common::START, HOUR, payload))
    };
    let (cache, _) = build(|builder| builder.callbacks(Callbacks::none().on_get(find)));
    let context = context(&cache, b"here").counting_lookups();
    assert!(context.get(&id(1)).is_hit());
    assert!(context.get(&id(1)).is_hit(), "cached by now");
    for (hits, cb_hits, misses) in [
        (context.stats().hits, context.stats().callback_hits, context.stats().internal_misses),
        (
            cache.stats().openssl().hits,
            cache.stats().openssl().cb_hits,
            cache.stats().openssl().misses,
        ),
    ] {
        assert_eq!((hits, cb_hits, misses), (2, 1, 1));
    }
    assert_eq!(context.stats().misses, 0);
    // Nothing is looked up inside, so nothing is missed there.
    cache.set_mode(CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP);
    assert!(context.get(&id(2)).is_hit());
    assert_eq!(cache.stats().openssl().misses, 1);
    assert_eq!(context.stats().internal_misses, 1);
}

#[test]
fn a_clients_lookups_are_none_to_openssls_counters() {
    let (cache, clock) = build(|builder| builder.mode(CacheMode::BOTH));
    let client = context(&cache, b"servers").for_clients();
    client.insert_negotiated(Role::Client, session(&client, 1)).expect("room");
    client.insert_negotiated(Role::Client, session(&client, 2)).expect("room");
    assert!(client.get(&id(1)).is_hit());
    client.count(Handshake::OfferRefused);
    assert!(client.take(&id(1)).is_hit());
    client.count(Handshake::OfferAccepted);
    assert!(!client.get(&id(3)).is_hit());
    clock.advance(HOUR);
    clock.advance(HOUR);
    assert_eq!(client.get_with(&id(2), |_| ()), Lookup::Expired);
    let stats = cache.stats();
    assert_eq!(
        (stats.hits, stats.misses, stats.expired),
        (2, 1, 1),
        "they are lookups all the same"
    );
    let view = stats.openssl();
    assert_eq!((view.hits, view.misses, view.timeouts), (1, 1, 0));
    assert_adds_up(&cache);
}
