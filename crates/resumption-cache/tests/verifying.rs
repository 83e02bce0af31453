//! A server that verifies clients must have a context: without one it keeps nothing, and what it finds is
//! fatal.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{HOUR, Log, START, assert_adds_up, build, context, id, plain, session};
use resumption_cache::{
    Callbacks, Context, InsertRefusal, Lookup, Refusal, Retention, Role, SessionCache,
};
use resumption_session::{
    ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, SessionView,
};

const FATAL: Refusal = Refusal::ContextUninitialized;

/// A context without bytes, ordinary and of a verifying server.
fn nameless(cache: &SessionCache) -> (Context, Context) {
    let plain = context(cache, b"");
    let verifying = plain.clone().verifying_clients();
    (plain, verifying)
}

#[test]
fn a_verifying_server_without_a_context_keeps_nothing_and_tells_nobody() {
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let new = move |_: SessionView<'_>| {
        count.fetch_add(1, Ordering::Relaxed);
        Retention::Keep
    };
    let (cache, _) = build(|builder| builder.callbacks(Callbacks::none().on_new(new)));
    let (plain, verifying) = nameless(&cache);
    assert!(verifying.is_uninitialized() && !plain.is_uninitialized());
    let refused = InsertRefusal::Refused(FATAL);
    let error = verifying.insert_negotiated(Role::Server, session(&plain, 1));
    assert_eq!(error.expect_err("no context").why(), refused);
    let (new, began) = (session(&plain, 1), verifying.generation());
    assert_eq!(verifying.insert_negotiated_under(began, Role::Server, new.view()), Err(refused));
    assert_eq!((cache.len(), told.load(Ordering::Relaxed)), (0, 0));
    assert_eq!(cache.stats().rejected.context, 2);
    // By hand, as SSL_CTX_add_session does not ask; and a client may.
    assert!(verifying.insert(session(&plain, 2)).is_ok());
    cache.set_mode(resumption_cache::CacheMode::BOTH);
    assert!(verifying.insert_negotiated(Role::Client, session(&plain, 3)).is_ok());
    assert_adds_up(&cache);
}

#[test]
fn what_it_finds_is_fatal_and_stays() {
    let log = Log::default();
    let (cache, clock) = build(|builder| builder.callbacks(log.callbacks()));
    let (plain, verifying) = nameless(&cache);
    plain.insert(session(&plain, 1)).expect("room");
    for _ in 0..2 {
        assert_eq!(verifying.get_with(&id(1), |_| ()), Lookup::Refused(FATAL));
        assert!(verifying.get(&id(1)).is_fatal());
        assert!(verifying.take(&id(1)).is_fatal());
        assert_eq!(verifying.take_with(&id(1), |_| ()), Lookup::Refused(FATAL));
    }
    assert_eq!(verifying.get_with(&id(2), |_| ()), Lookup::Miss);
    // Its time does not matter: this comes before.
    clock.advance(HOUR);
    clock.advance(HOUR);
    assert!(verifying.get(&id(1)).is_fatal());
    assert_eq!(log.drain(), []);
    assert_eq!((cache.stats().refused.context, cache.stats().misses), (9, 1));
    assert!(verifying.remove(&id(1)), "that it can");
    // A cache without callbacks has a shorter way to take.
    cache.set_callbacks(Callbacks::none());
    plain.insert(session(&plain, 3)).expect("room");
    assert_eq!(verifying.take_with(&id(3), |_| ()), Lookup::Refused(FATAL));
    assert!(plain.get(&id(3)).is_hit());
    assert_adds_up(&cache);
}

#[test]
fn a_mismatch_comes_before_it() {
    let find = |_: &SessionIdContext, id: &SessionId| {
        let made = |context| Session::new(*id, context, START, HOUR, SecretBytes::new(vec![0; 8]));
        let other = SessionIdContext::new(b"other").expect("short");
        match id.as_bytes()[0] {
            1 => Some(made(other)),
            2 => Some(made(SessionIdContext::EMPTY).with_version(ProtocolVersion::Tls12)),
            3 => Some(made(SessionIdContext::EMPTY).not_resumable()),
            4 => Some(made(SessionIdContext::EMPTY)),
            _ => None,
        }
    };
    let (cache, _) = build(|builder| builder.callbacks(Callbacks::none().on_get(find)));
    let (plain, verifying) = nameless(&cache);
    let verifying = verifying.for_version(ProtocolVersion::Tls13);
    let expected =
        [(1, Refusal::Context), (2, Refusal::Version), (3, Refusal::NotResumable), (4, FATAL)];
    for (number, refusal) in expected {
        let lookup = verifying.get_with(&id(number), |_| ());
        assert_eq!(lookup, Lookup::Refused(refusal));
        assert_eq!(lookup.is_fatal(), refusal == FATAL);
    }
    assert_eq!(verifying.get_with(&id(5), |_| ()), Lookup::Miss);
    assert_eq!(cache.len(), 0, "nothing of it was cached");
    plain.insert(session(&plain, 6).with_version(ProtocolVersion::Tls12)).expect("room");
    assert_eq!(verifying.get_with(&id(6), |_| ()), Lookup::Refused(Refusal::Version));
    assert_adds_up(&cache);
}

#[test]
fn with_a_context_a_verifying_server_is_like_any_other() {
    let (cache, context, _) = plain(10);
    let verifying = context.clone().verifying_clients();
    assert!(!verifying.is_uninitialized());
    assert!(verifying.insert_negotiated(Role::Server, session(&context, 1)).is_ok());
    assert!(verifying.get(&id(1)).is_hit());
    assert!(verifying.take(&id(1)).is_hit());
    assert_adds_up(&cache);
}
