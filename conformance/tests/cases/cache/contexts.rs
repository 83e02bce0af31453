//! 110 to 113: the bytes of a context, and the verifying server without any.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use resumption_cache::{
    Callbacks, Context, InsertRefusal, Inserted, Lookup, Refusal, Retention, Role,
};
use resumption_session::{SessionId, SessionIdContext, SessionView};

use super::support::{Bench, context, id, session};

#[test]
fn case_110_a_context_has_at_most_32_bytes() {
    assert_eq!(SessionIdContext::new(&[7; 32]).unwrap().as_bytes(), [7; 32]);
    let refused = SessionIdContext::new(&[7; 33]).unwrap_err();
    assert!(refused.to_string().contains("33"), "{refused}");
    assert_eq!(SessionIdContext::new(b"").unwrap(), SessionIdContext::EMPTY);
}

/// The context of no bytes, for a server that verifies its clients.
fn verifying(bench: &Bench) -> Context {
    context(&bench.cache, b"").verifying_clients()
}

#[test]
fn case_111_without_a_context_an_offered_session_of_none_is_fatal() {
    let bench = Bench::new();
    let none = context(&bench.cache, b"");
    none.insert(session(&none, 1)).unwrap();
    let Lookup::Refused(refusal) = verifying(&bench).get_with(&id(1), |_| ()) else {
        panic!("not refused")
    };
    assert_eq!((refusal, refusal.is_fatal()), (Refusal::ContextUninitialized, true));
    // And no other refusal is.
    assert!(!Refusal::Context.is_fatal() && !Refusal::Version.is_fatal());
}

#[test]
fn case_112_without_a_context_a_session_of_another_is_a_full_handshake() {
    let bench = Bench::new();
    let elsewhere = context(&bench.cache, b"elsewhere");
    elsewhere.insert(session(&elsewhere, 1)).unwrap();
    // Here it is not there; a store may say that it is.
    assert_eq!(verifying(&bench).get_with(&id(1), |_| ()), Lookup::Miss);
    bench.cache.set_callbacks(
        Callbacks::none()
            .on_get(move |_: &SessionIdContext, _: &SessionId| Some(session(&elsewhere_of(), 1))),
    );
    let lookup = verifying(&bench).get_with(&id(1), |_| ());
    assert_eq!(lookup, Lookup::Refused(Refusal::Context));
}

/// The same bytes in a cache of its own.
fn elsewhere_of() -> Context {
    context(&Bench::new().cache, b"elsewhere")
}

#[test]
fn case_113_without_a_context_nothing_is_kept_but_for_clients() {
    let bench = Bench::new();
    let announced: Arc<AtomicUsize> = Arc::default();
    let counter = Arc::clone(&announced);
    bench.cache.set_mode(resumption_cache::CacheMode::BOTH);
    bench.cache.set_callbacks(Callbacks::none().on_new(move |_: SessionView<'_>| {
        counter.fetch_add(1, Ordering::Relaxed);
        Retention::Keep
    }));
    let context = verifying(&bench);
    let refused = context.insert_negotiated(Role::Server, session(&context, 1)).unwrap_err();
    assert_eq!(refused.why(), InsertRefusal::Refused(Refusal::ContextUninitialized));
    assert_eq!((bench.cache.len(), announced.load(Ordering::Relaxed)), (0, 0));
    let kept = context.insert_negotiated(Role::Client, session(&context, 1)).unwrap();
    assert_eq!((kept, announced.load(Ordering::Relaxed)), (Inserted::New, 1));
}
