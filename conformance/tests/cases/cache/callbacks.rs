//! 88 to 108: callbacks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use resumption_cache::{
    CacheMode, Callbacks, ExternalTake, GetSession, Inserted, Lookup, Refusal, RemovalReason,
    Retention, Role,
};
use resumption_session::{Session, SessionId, SessionIdContext, SessionView, Timestamp, Usage};

use super::support::{Bench, Log, context, id, marked, number, session};

#[test]
fn case_088_callbacks_are_read_back_and_none_is_none() {
    let bench = Bench::with(|builder| builder.callbacks(Callbacks::none()));
    let none = bench.cache.callbacks();
    assert!(none.new_callback().is_none());
    assert!(none.get_callback().is_none() && none.remove_callback().is_none());
    let set = Callbacks::none()
        .on_new(|_: SessionView<'_>| Retention::Keep)
        .on_get(|_: &SessionIdContext, _: &SessionId| None)
        .on_remove(|_: resumption_cache::Removal<'_>| ());
    bench.cache.set_callbacks(set.clone());
    let read = bench.cache.callbacks();
    assert!(Arc::ptr_eq(read.new_callback().unwrap(), set.new_callback().unwrap()));
    assert!(Arc::ptr_eq(read.get_callback().unwrap(), set.get_callback().unwrap()));
    assert!(Arc::ptr_eq(read.remove_callback().unwrap(), set.remove_callback().unwrap()));
}

#[test]
fn case_094_the_new_callback_copies_what_it_keeps() {
    let bench = Bench::new();
    let kept: Arc<Mutex<Vec<Session>>> = Arc::default();
    let keeping = Arc::clone(&kept);
    bench.cache.set_callbacks(Callbacks::none().on_new(move |session: SessionView<'_>| {
        keeping.lock().unwrap().push(session.to_session());
        Retention::Keep
    }));
    bench.context.insert_negotiated(Role::Server, session(&bench.context, 1)).unwrap();
    bench.context.remove(&id(1));
    let kept = kept.lock().unwrap();
    assert_eq!((kept.len(), number(kept[0].payload().as_secret())), (1, 1));
}

/// A store that answers whatever it is told to, and counts how often it is asked.
#[derive(Default)]
struct Store {
    sessions: Mutex<HashMap<SessionId, Session>>,
    asked: AtomicUsize,
}

impl Store {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Owned by the callbacks and by the test.
struct Shared(Arc<Store>);

impl GetSession for Shared {
    fn get(&self, _: &SessionIdContext, id: &SessionId) -> Option<Session> {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
        self.0.sessions.lock().unwrap().get(id).map(|session| session.view().to_session())
    }
}

/// A cache whose get callback answers with `answer` when it is asked for session 1.
fn answering(answer: impl FnOnce(&Bench) -> Session) -> (Bench, Arc<Store>) {
    let bench = Bench::new();
    let store = Arc::new(Store::default());
    store.sessions.lock().unwrap().insert(id(1), answer(&bench));
    let listener = bench.log.listener();
    let callbacks = Callbacks::none().on_get(Shared(Arc::clone(&store))).on_remove(listener);
    bench.cache.set_callbacks(callbacks);
    (bench, store)
}

/// What a lookup of an answer that must not resume comes to: it does not enter either.
fn refused(answer: impl FnOnce(&Bench) -> Session) -> (Bench, Lookup<()>) {
    let (bench, store) = answering(answer);
    let lookup = bench.context.get_with(&id(1), |_| ());
    assert_eq!((store.asked(), bench.cache.len()), (1, 0));
    assert_eq!(bench.cache.stats().openssl().cb_hits, 0);
    (bench, lookup)
}

#[test]
fn case_097_what_the_get_callback_found_is_cached() {
    let (bench, store) = answering(|bench| session(&bench.context, 1));
    assert_eq!(bench.context.get_with(&id(1), |_| ()), Lookup::CallbackHit(()));
    assert_eq!(bench.context.get_with(&id(1), |_| ()), Lookup::Hit(()));
    assert_eq!((store.asked(), bench.cache.len()), (1, 1));
}

#[test]
fn case_098_a_callback_hit_counts_as_miss_and_hit() {
    let (bench, _store) = answering(|bench| session(&bench.context, 1));
    assert!(bench.finds(1));
    let counted = bench.cache.stats().openssl();
    assert_eq!((counted.misses, counted.cb_hits, counted.hits), (1, 1, 1));
}

#[test]
fn case_099_the_get_callback_has_nothing() {
    let (bench, store) = answering(|bench| session(&bench.context, 1));
    assert_eq!(bench.context.get_with(&id(2), |_| ()), Lookup::Miss);
    let counted = bench.cache.stats().openssl();
    assert_eq!((counted.misses, counted.cb_hits, counted.hits, store.asked()), (1, 0, 0, 1));
}

#[test]
fn case_100_a_session_that_is_not_resumable_is_refused() {
    let (bench, lookup) = refused(|bench| session(&bench.context, 1).not_resumable());
    assert_eq!(lookup, Lookup::Refused(Refusal::NotResumable));
    assert_eq!(bench.cache.stats().refused.not_resumable, 1);
}

#[test]
fn case_101_a_session_of_another_id_is_refused_and_does_not_enter() {
    let (_, lookup) = refused(|bench| session(&bench.context, 2));
    assert_eq!(lookup, Lookup::Refused(Refusal::WrongId));
}

#[test]
fn case_102_a_session_of_another_context_is_refused_and_does_not_enter() {
    let (bench, lookup) = refused(|bench| session(&context(&bench.cache, b"elsewhere"), 1));
    assert_eq!(lookup, Lookup::Refused(Refusal::Context));
    assert_eq!(bench.cache.stats().refused.context, 1);
}

#[test]
fn case_103_an_expired_session_is_counted_and_reported_once() {
    let long_ago = Timestamp::from_unix_secs(1_600_000_000);
    let (bench, lookup) = refused(|bench| session(&bench.context, 1).with_created(long_ago));
    assert_eq!(lookup, Lookup::Expired);
    assert_eq!(bench.cache.stats().openssl().timeouts, 1);
    assert_eq!(bench.log.all_for(RemovalReason::Expired), [1]);
}

#[test]
fn case_106_the_remove_callback_can_hear_of_what_was_never_announced() {
    let bench = Bench::new();
    let announced: Arc<AtomicUsize> = Arc::default();
    let (counter, log) = (Arc::clone(&announced), Log::default());
    let callbacks =
        Callbacks::none().on_remove(log.listener()).on_new(move |_: SessionView<'_>| {
            counter.fetch_add(1, Ordering::Relaxed);
            Retention::Keep
        });
    bench.cache.set_callbacks(callbacks);
    bench.context.remove(&id(1));
    bench.context.insert(session(&bench.context, 2)).unwrap();
    bench.context.remove(&id(2));
    assert_eq!(announced.load(Ordering::Relaxed), 0);
    let removed = RemovalReason::Removed;
    assert_eq!(log.reasons(), [(None, removed), (Some(2), removed)]);
}

/// A cache whose get callback waits until it is told, and two channels: it has begun; let it end.
fn blocked_get(while_it_waits: impl FnOnce(&Bench)) -> Bench {
    let bench = Bench::new();
    let (began, has_begun) = channel();
    let (end, may_end) = channel::<()>();
    let may_end = Mutex::new(may_end);
    bench.cache.set_callbacks(Callbacks::none().on_get(
        move |_: &SessionIdContext, wanted: &SessionId| {
            if *wanted == id(1) {
                began.send(()).unwrap();
                may_end.lock().unwrap().recv().unwrap();
            }
            None
        },
    ));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| bench.context.get_with(&id(1), |_| ()));
        has_begun.recv().unwrap();
        while_it_waits(&bench);
        end.send(()).unwrap();
        assert_eq!(waiting.join().unwrap(), Lookup::Miss);
    });
    bench
}

#[test]
fn case_107_a_callback_that_blocks_blocks_no_lookup() {
    blocked_get(|bench| {
        for number in 10..200 {
            bench.add(number);
            assert!(bench.finds(number));
            assert!(bench.context.remove(&id(number)));
        }
        bench.cache.flush_all();
        bench.cache.set_mode(CacheMode::BOTH);
    });
}

#[test]
fn case_108_a_slow_get_does_not_stop_another() {
    let bench = blocked_get(|bench| {
        assert_eq!(bench.context.get_with(&id(2), |_| ()), Lookup::Miss);
    });
    assert_eq!(bench.cache.stats().misses, 2);
}

/// Two caches of two servers, and the one store that can hand a session out once.
struct Fleet(Arc<Mutex<HashMap<SessionId, Session>>>);

impl GetSession for Fleet {
    fn get(&self, _: &SessionIdContext, id: &SessionId) -> Option<Session> {
        self.0.lock().unwrap().get(id).map(|session| session.view().to_session())
    }

    fn take(&self, _: &SessionIdContext, id: &SessionId) -> ExternalTake {
        self.0.lock().unwrap().remove(id).map_or(ExternalTake::Absent, ExternalTake::Taken)
    }
}

type Sessions = Arc<Mutex<HashMap<SessionId, Session>>>;

/// A server of the fleet, whose cache keeps nothing itself if `mode` says so.
fn server(store: &Sessions, mode: CacheMode) -> Bench {
    let kept = Arc::clone(store);
    let callbacks = Callbacks::none().on_get(Fleet(Arc::clone(store))).on_new(
        move |session: SessionView<'_>| {
            kept.lock().unwrap().insert(*session.id(), session.to_session());
            Retention::Keep
        },
    );
    Bench::with(|builder| builder.callbacks(callbacks).mode(mode))
}

#[test]
fn case_129_with_an_external_store_alone_a_single_use_session_resumes_once() {
    let store = Sessions::default();
    let bench = server(&store, CacheMode::SERVER | CacheMode::NO_INTERNAL);
    let single = session(&bench.context, 1).with_usage(Usage::SingleUse);
    let inserted = bench.context.insert_negotiated(Role::Server, single).unwrap();
    assert_eq!((inserted, bench.cache.len()), (Inserted::External, 0));
    assert!(matches!(bench.context.take(&id(1)), Lookup::CallbackHit(_)));
    assert!(matches!(bench.context.take(&id(1)), Lookup::Miss));
    assert!(store.lock().unwrap().is_empty());
}

#[test]
fn case_133_two_caches_and_one_store_hand_a_session_out_once() {
    for round in 0..50 {
        let store = Sessions::default();
        let servers = [(); 2].map(|()| server(&store, CacheMode::SERVER));
        let single = marked(&servers[0].context, round, round, super::support::HOUR);
        let single = single.with_usage(Usage::SingleUse);
        servers[0].context.insert_negotiated(Role::Server, single).unwrap();
        let taken = AtomicUsize::new(0);
        thread::scope(|scope| {
            for thread in 0..8 {
                let (bench, taken) = (&servers[thread % 2], &taken);
                scope.spawn(move || {
                    if bench.context.take(&id(round)).is_hit() {
                        taken.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(taken.load(Ordering::Relaxed), 1);
    }
}
