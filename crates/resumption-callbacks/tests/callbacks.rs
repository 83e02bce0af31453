//! Properties of the callbacks:
//! * an absent callback answers as its documentation says, and a present one is run;
//! * a panic stops at the registry, is counted, and reads as the safe answer;
//! * a swap is seen whole by every operation that begins after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use resumption_callbacks::{
    Callbacks, ExternalTake, GetSession, Registry, Removal, RemovalReason, Retention,
};
use resumption_session::{
    Lifetime, SecretBytes, Session, SessionId, SessionIdContext, SessionView, Timestamp,
};

const CONTEXT: SessionIdContext = SessionIdContext::EMPTY;

fn id() -> SessionId {
    SessionId::from([3; 32])
}

fn session() -> Session {
    let now = Timestamp::from_unix_secs(5);
    Session::new(id(), CONTEXT, now, Lifetime::from_secs(9), SecretBytes::new(vec![1, 2]))
}

#[test]
fn without_callbacks_the_cache_decides_by_itself() {
    let registry = Registry::default();
    assert!(!registry.has_new() && !registry.has_get() && !registry.has_remove());
    assert_eq!(registry.new_session(session().view()), Retention::Keep);
    assert!(registry.get(&CONTEXT, &id()).is_none());
    assert!(matches!(registry.take(&CONTEXT, &id()), ExternalTake::NotSupported));
    registry.removed(Removal::of_absent(&CONTEXT, &id(), RemovalReason::Removed));
    assert_eq!(registry.panics(), 0);
}

#[test]
fn closures_are_callbacks_and_cannot_take() {
    let removed = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&removed);
    let registry = Registry::new(
        Callbacks::none()
            .on_new(
                |new: SessionView<'_>| {
                    if new.payload().len() == 2 { Retention::Discard } else { Retention::Keep }
                },
            )
            .on_get(|_: &SessionIdContext, _: &SessionId| Some(session()))
            .on_remove(move |removal: Removal<'_>| {
                assert_eq!(removal.reason, RemovalReason::Taken);
                assert_eq!(removal.session.map(|s| s.payload().len()), Some(2));
                seen.fetch_add(1, Ordering::Relaxed);
            }),
    );
    assert_eq!(registry.new_session(session().view()), Retention::Discard);
    assert_eq!(registry.get(&CONTEXT, &id()).map(|s| s.payload().len()), Some(2));
    assert!(matches!(registry.take(&CONTEXT, &id()), ExternalTake::NotSupported));
    registry.removed(Removal::of(session().view(), RemovalReason::Taken));
    assert_eq!((removed.load(Ordering::Relaxed), registry.panics()), (1, 0));
}

struct Panics;

impl GetSession for Panics {
    fn get(&self, _: &SessionIdContext, _: &SessionId) -> Option<Session> {
        panic!("deliberate: get")
    }

    fn take(&self, _: &SessionIdContext, _: &SessionId) -> ExternalTake {
        panic!("deliberate: take")
    }
}

#[test]
fn a_panic_is_contained_counted_and_never_resumes_anything() {
    let registry = Registry::new(
        Callbacks::none()
            .on_new(|_: SessionView<'_>| panic!("deliberate: new"))
            .on_get(Panics)
            .on_remove(|_: Removal<'_>| panic!("deliberate: remove")),
    );
    assert_eq!(registry.new_session(session().view()), Retention::Discard);
    assert!(registry.get(&CONTEXT, &id()).is_none());
    assert!(matches!(registry.take(&CONTEXT, &id()), ExternalTake::Absent));
    registry.removed(Removal::of(session().view(), RemovalReason::Evicted));
    assert_eq!(registry.panics(), 4);
}

#[test]
fn a_swap_gives_the_former_set_back_and_takes_effect_at_once() {
    let registry =
        Registry::new(Callbacks::none().on_get(|_: &SessionIdContext, _: &SessionId| None));
    let former = registry.set(Callbacks::none().on_remove(|_: Removal<'_>| {}));
    assert!(former.get_callback().is_some() && former.remove_callback().is_none());
    assert!(!registry.has_get() && registry.has_remove());
    assert_eq!(
        format!("{:?}", registry.current()),
        "Callbacks { new: false, get: false, remove: true, admit: false, generate_id: false }"
    );
}

#[test]
fn a_callback_may_swap_the_callbacks_it_is_one_of() {
    let registry = Arc::new(Registry::default());
    let inner = Arc::downgrade(&registry);
    registry.set(Callbacks::none().on_new(move |_: SessionView<'_>| {
        if let Some(registry) = inner.upgrade() {
            registry.set(Callbacks::none());
        }
        Retention::Keep
    }));
    assert_eq!(registry.new_session(session().view()), Retention::Keep);
    assert!(!registry.has_new());
}

#[test]
fn concurrent_swaps_leave_flags_that_fit_the_set() {
    let registry = Registry::default();
    thread::scope(|scope| {
        for number in 0..4 {
            let registry = &registry;
            scope.spawn(move || {
                for round in 0..200 {
                    if (round + number) % 2 == 0 {
                        registry.set(Callbacks::none());
                    } else {
                        registry.set(Callbacks::none().on_remove(|_: Removal<'_>| {}));
                    }
                }
            });
        }
    });
    assert_eq!(registry.has_remove(), registry.current().remove_callback().is_some());
}

#[test]
fn only_what_must_not_resume_is_deleted_from_a_store() {
    use RemovalReason as R;
    for reason in [R::Invalidated, R::Removed, R::Taken] {
        assert!(reason.deletes_externally(), "{reason}");
    }
    for reason in [R::Evicted, R::Expired, R::Flushed, R::Replaced, R::ShutDown] {
        assert!(!reason.deletes_externally(), "{reason}");
    }
}
