//! Callbacks: when they run, what they may do, what their answers must pass.

mod common;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use common::{HOUR, Log, START, build, context, entries, id, lived, number, plain, session};
use resumption_cache::{
    CacheMode, Callbacks, Context, ExternalTake, GetSession, InsertRefusal, Inserted, Lookup,
    Refusal, Removal, RemovalReason, RemoveSession, Retention, Role, SessionCache,
};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, SessionView,
    Timestamp, Usage,
};

type Hook = Box<dyn Fn() + Send + Sync>;

/// An external store in memory, with places where a test can meddle.
#[derive(Default)]
struct Store {
    sessions: Mutex<HashMap<SessionId, Session>>,
    can_take: bool,
    gets: AtomicUsize,
    /// Runs when a get has its answer and has not given it yet.
    on_the_way: OnceLock<Hook>,
    /// Runs when a removal was told of and nothing is deleted yet.
    before_deletion: OnceLock<Hook>,
}

#[derive(Clone)]
struct Shared(Arc<Store>);

impl Store {
    fn put(&self, session: &SessionView<'_>) {
        let mut sessions = self.sessions.lock().expect("not poisoned");
        sessions.insert(*session.id(), session.to_session());
    }

    fn len(&self) -> usize {
        self.sessions.lock().expect("not poisoned").len()
    }
}

impl GetSession for Shared {
    fn get(&self, _: &SessionIdContext, id: &SessionId) -> Option<Session> {
        self.0.gets.fetch_add(1, Ordering::Relaxed);
        let sessions = self.0.sessions.lock().expect("not poisoned");
        let found = sessions.get(id).map(|session| session.view().to_session());
        drop(sessions);
        if let Some(hook) = self.0.on_the_way.get() {
            hook();
        }
        found
    }

    fn take(&self, _: &SessionIdContext, id: &SessionId) -> ExternalTake {
        if !self.0.can_take {
            return ExternalTake::NotSupported;
        }
        let mut sessions = self.0.sessions.lock().expect("not poisoned");
        sessions.remove(id).map_or(ExternalTake::Absent, ExternalTake::Taken)
    }
}

impl RemoveSession for Shared {
    fn remove_session(&self, removal: Removal<'_>) {
        if let Some(hook) = self.0.before_deletion.get() {
            hook();
        }
        if removal.reason.deletes_externally() {
            self.0.sessions.lock().expect("not poisoned").remove(removal.id);
        }
    }
}

fn stored(store: Store) -> (Arc<Store>, SessionCache, Context, resumption_cache::ManualClock) {
    let store = Arc::new(store);
    let shared = Shared(Arc::clone(&store));
    let callbacks = Callbacks::none().on_get(shared.clone()).on_remove(shared);
    let (cache, clock) = build(|builder| builder.callbacks(callbacks));
    let context = context(&cache, b"plain");
    (store, cache, context, clock)
}

/// A cache that its own callbacks can reach.
#[derive(Clone, Default)]
struct Reach(Arc<OnceLock<Context>>);

impl Reach {
    fn with(&self, f: impl FnOnce(&Context)) {
        if let Some(context) = self.0.get() {
            f(context);
        }
    }
}

#[test]
fn the_new_callback_runs_when_the_session_is_in_the_cache() {
    let reach = Reach::default();
    let inner = reach.clone();
    let (cache, _) = build(|builder| {
        builder.callbacks(Callbacks::none().on_new(move |new: SessionView<'_>| {
            let new = number(new.payload());
            inner.with(|context| {
                let found = context.get_with(&id(new), |session| number(session.payload()));
                assert_eq!(found, Lookup::Hit(new));
            });
            Retention::Keep
        }))
    });
    let context = context(&cache, b"");
    reach.0.set(context.clone()).expect("once");
    let inserted = context.insert_negotiated(Role::Server, session(&context, 1));
    assert_eq!(inserted.expect("room"), Inserted::New);
    assert_eq!((cache.stats().hits, cache.stats().callback_panics), (1, 0));
}

#[test]
fn what_the_new_callback_declines_leaves_at_once() {
    let log = Log::default();
    let callbacks = log.callbacks().on_new(|_: SessionView<'_>| Retention::Discard);
    let (cache, _) = build(|builder| builder.callbacks(callbacks));
    let context = context(&cache, b"");
    let inserted = context.insert_negotiated(Role::Server, session(&context, 1));
    assert_eq!(inserted.expect("room"), Inserted::Discarded);
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Miss);
    assert_eq!(log.reasons(), [(Some(1), RemovalReason::Removed)]);
    // By hand it is nobody's business.
    assert_eq!(context.insert(session(&context, 2)).expect("room"), Inserted::New);
    common::assert_adds_up(&cache);
}

#[test]
fn a_removal_is_told_even_when_nothing_was_cached() {
    let log = Log::default();
    let (cache, _) = build(|builder| builder.callbacks(log.callbacks()));
    let context = context(&cache, b"");
    assert!(!context.remove(&id(1)));
    context.insert(session(&context, 1)).expect("room");
    assert!(context.remove(&id(1)));
    assert!(!context.remove(&id(1)));
    let removed = RemovalReason::Removed;
    assert_eq!(log.reasons(), [(None, removed), (Some(1), removed), (None, removed)]);
    assert_eq!(cache.stats().removals, 1);
}

#[test]
fn only_what_may_live_on_elsewhere_is_resumable_in_the_remove_callback() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let callbacks = Callbacks::none().on_remove(move |removal: Removal<'_>| {
        let resumable = removal.session.expect("cached").is_resumable();
        log.lock().expect("not poisoned").push((removal.reason, resumable));
    });
    let (cache, _) = build(|builder| builder.capacity(entries(1)).callbacks(callbacks));
    let context = context(&cache, b"");
    for number in 1..=2 {
        context.insert(session(&context, number)).expect("room is made");
    }
    context.take(&id(2)).hit().expect("cached");
    context.insert(session(&context, 3)).expect("room");
    context.remove(&id(3));
    context.insert(session(&context, 4)).expect("room");
    drop((context, cache));
    let seen = seen.lock().expect("not poisoned");
    assert_eq!(
        *seen,
        [
            (RemovalReason::Evicted, true),
            (RemovalReason::Taken, false),
            (RemovalReason::Removed, false),
            (RemovalReason::ShutDown, true),
        ]
    );
}

#[test]
fn what_the_get_callback_finds_is_cached() {
    let (store, cache, context, _) = stored(Store::default());
    store.put(&session(&context, 1).view());
    let payload = |session: SessionView<'_>| number(session.payload());
    assert_eq!(context.get_with(&id(1), payload), Lookup::CallbackHit(1));
    assert_eq!(context.get_with(&id(1), payload), Lookup::Hit(1));
    assert_eq!(store.gets.load(Ordering::Relaxed), 1);
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.callback_hits, stats.misses), (2, 1, 0));
    assert_eq!(stats.internal_misses, 1, "OpenSSL counts it so");
    common::assert_adds_up(&cache);
}

#[test]
fn the_get_callback_is_asked_as_the_mode_says() {
    let (store, cache, context, _) = stored(Store::default());
    store.put(&session(&context, 1).view());
    for mode in [
        CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE,
        CacheMode::SERVER | CacheMode::NO_INTERNAL,
        CacheMode::OFF,
    ] {
        cache.set_mode(mode);
        for _ in 0..2 {
            assert_eq!(context.get_with(&id(1), |_| ()), Lookup::CallbackHit(()), "{mode:?}");
        }
        assert!(cache.is_empty());
    }
    cache.set_mode(CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP);
    for _ in 0..2 {
        assert_eq!(context.get_with(&id(1), |_| ()), Lookup::CallbackHit(()));
    }
    assert_eq!(cache.len(), 1, "stored, though not looked up");
    assert_eq!(store.gets.load(Ordering::Relaxed), 8);
}

#[test]
fn what_the_get_callback_finds_passes_every_check_or_neither_resumes_nor_enters() {
    let (_, cache, _, _) = stored(Store::default());
    let context = context(&cache, b"plain").for_version(ProtocolVersion::Tls12);
    let other = context.cache().context(SessionIdContext::new(b"other").expect("short"));
    let other = other.expect("few");
    let tick = Lifetime::from_nanos(1);
    let old = Timestamp::from_nanos(START.as_nanos() - HOUR.as_nanos() - 1);
    let fine = || session(&context, 1).with_version(ProtocolVersion::Tls12);
    let cases: Vec<(Session, Lookup<()>)> = vec![
        (session(&context, 2), Lookup::Refused(Refusal::WrongId)),
        (session(&other, 1), Lookup::Refused(Refusal::Context)),
        (fine().with_version(ProtocolVersion::Tls13), Lookup::Refused(Refusal::Version)),
        (fine().not_resumable(), Lookup::Refused(Refusal::NotResumable)),
        (fine().with_usage(Usage::SingleUse), Lookup::Refused(Refusal::SingleUse)),
        (fine().with_created(START.saturating_add(tick)), Lookup::Refused(Refusal::FromTheFuture)),
        (fine().with_authenticated_at(Timestamp::EPOCH), Lookup::Refused(Refusal::Policy)),
        (fine().with_created(old), Lookup::Expired),
        (fine(), Lookup::CallbackHit(())),
    ];
    let offered = cases.len() as u64;
    for (answer, expected) in cases {
        let answer = Mutex::new(Some(answer));
        let log = Log::default();
        cache.set_callbacks(log.callbacks().on_get(move |_: &SessionIdContext, _: &SessionId| {
            answer.lock().expect("not poisoned").take()
        }));
        assert_eq!(context.get_with(&id(1), |_| ()), expected);
        assert_eq!(cache.len(), usize::from(expected.is_hit()), "{expected:?}");
        let told = log.reasons();
        if expected == Lookup::Expired {
            assert_eq!(told, [(Some(1), RemovalReason::Expired)]);
        } else {
            assert!(told.is_empty());
        }
    }
    let stats = cache.stats();
    let refused = stats.refused;
    assert_eq!((refused.context, refused.version, refused.not_resumable), (1, 1, 1));
    assert_eq!((refused.policy, stats.expired, stats.hits), (4, 1, 1));
    assert_eq!(stats.offered(), offered);
    common::assert_adds_up(&cache);
}

#[test]
fn what_is_too_large_to_cache_still_resumes() {
    let (store, cache, context, _) = stored(Store::default());
    let payload = SecretBytes::new(vec![0; 20_000]);
    let large = Session::new(id(1), *context.bytes(), context.now(), HOUR, payload);
    store.put(&large.view());
    assert_eq!(context.get_with(&id(1), |s| s.payload().len()), Lookup::CallbackHit(20_000));
    let found = context.get(&id(1)).hit().expect("in the store");
    assert!(found.is_resumable());
    let refused = Err(InsertRefusal::Refused(Refusal::TooLarge));
    assert_eq!(context.insert_again(&found), refused);
    assert!(cache.is_empty());
}

#[test]
fn a_store_that_can_take_is_the_only_judge() {
    let (store, cache, context, _) = stored(Store { can_take: true, ..Store::default() });
    let single = |number| session(&context, number).with_usage(Usage::SingleUse);
    // In both: the store's is handed out, the cache's own is discarded.
    store.put(&single(1).view());
    context.insert(single(1)).expect("room");
    let taken = context.take(&id(1));
    assert!(matches!(taken, Lookup::CallbackHit(_)));
    let taken = taken.hit().expect("the first");
    assert!(!taken.is_resumable());
    assert!(context.insert_again(&taken).is_err(), "it does not come back");
    assert!(!context.take(&id(1)).is_hit());
    // Another server took the store's: the copy here is worth nothing.
    context.insert(single(2)).expect("room");
    assert_eq!(context.take_with(&id(2), |_| ()), Lookup::Miss);
    assert_eq!((cache.len(), store.len()), (0, 0));
    assert_eq!(cache.stats().taken, 2, "two copies left the cache");
    common::assert_adds_up(&cache);
}

#[test]
fn what_a_store_hands_out_is_checked_too() {
    let (store, cache, context, clock) = stored(Store { can_take: true, ..Store::default() });
    let single = |number| session(&context, number).with_usage(Usage::SingleUse);
    store.put(&single(1).with_version(ProtocolVersion::Tls12).view());
    let tls13 = context.clone().for_version(ProtocolVersion::Tls13);
    assert_eq!(tls13.take_with(&id(1), |_| ()), Lookup::Refused(Refusal::Version));
    store.put(&single(2).view());
    clock.advance(Lifetime::from_secs(3601));
    assert_eq!(context.take_with(&id(2), |_| ()), Lookup::Expired);
    store.put(&single(3).view());
    let seen = context.take_with(&id(3), |session| session.is_resumable());
    assert_eq!(seen, Lookup::CallbackHit(true), "resumable for its taker");
    common::assert_adds_up(&cache);
}

#[test]
fn a_store_that_cannot_take_is_not_asked_to() {
    let (store, cache, context, _) = stored(Store::default());
    let single = |number| session(&context, number).with_usage(Usage::SingleUse);
    store.put(&single(1).view());
    assert_eq!(context.take_with(&id(1), |_| ()), Lookup::Miss, "another server may have it");
    context.insert(single(2)).expect("room");
    store.put(&single(2).view());
    assert!(matches!(context.take(&id(2)), Lookup::Hit(_)));
    assert!(!context.take(&id(2)).is_hit());
    assert_eq!(store.gets.load(Ordering::Relaxed), 0);
    assert_eq!(store.len(), 1, "the store was told that it was taken");
    common::assert_adds_up(&cache);
}

/// Something happens to the session while the get callback's answer is on its way.
fn meddle(what: impl Fn(&Context) + Send + Sync + 'static) -> (SessionCache, Context, Lookup<u64>) {
    meddle_at_age(Lifetime::from_secs(1), what)
}

fn meddle_at_age(
    age: Lifetime,
    what: impl Fn(&Context) + Send + Sync + 'static,
) -> (SessionCache, Context, Lookup<u64>) {
    let (store, cache, context, clock) = stored(Store::default());
    store.put(&session(&context, 1).view());
    clock.advance(age);
    let inner = context.clone();
    let once = AtomicUsize::new(0);
    let hook: Hook = Box::new(move || {
        if once.fetch_add(1, Ordering::Relaxed) == 0 {
            what(&inner);
        }
    });
    assert!(store.on_the_way.set(hook).is_ok());
    let found = context.get_with(&id(1), |session| number(session.payload()));
    (cache, context, found)
}

#[test]
fn a_session_removed_on_its_way_does_not_come_back() {
    let (cache, context, found) = meddle(|context| {
        context.remove(&id(1));
    });
    assert_eq!(found, Lookup::Miss);
    assert!(cache.is_empty());
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Miss);
    common::assert_adds_up(&cache);
}

#[test]
fn a_session_taken_on_its_way_does_not_come_back() {
    let (cache, context, found) = meddle(|context| {
        context.insert(session(context, 1)).expect("room");
        assert!(context.take(&id(1)).is_hit());
    });
    assert_eq!(found, Lookup::Miss);
    assert!(cache.is_empty());
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Miss);
}

#[test]
fn a_session_invalidated_on_its_way_does_not_come_back() {
    let (cache, context, found) = meddle(Context::invalidate);
    assert_eq!(found, Lookup::Refused(Refusal::Policy));
    assert!(cache.is_empty());
    // The store still has it, and it stays refused: it is from before the invalidation.
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Refused(Refusal::Policy));
}

#[test]
fn a_session_invalidated_on_its_way_at_the_instant_of_its_creation_does_not_come_back() {
    let (cache, _, found) = meddle_at_age(Lifetime::ZERO, Context::invalidate);
    assert_eq!(found, Lookup::Refused(Refusal::Policy));
    assert!(cache.is_empty());
}

/// A store may still have sessions from before an invalidation, some created in the very same tick.
#[test]
fn what_a_store_has_from_up_to_an_invalidation_does_not_resume() {
    let (store, cache, context, clock) = stored(Store::default());
    store.put(&session(&context, 1).view());
    context.invalidate();
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Refused(Refusal::Policy));
    clock.advance(Lifetime::from_nanos(1));
    store.put(&session(&context, 2).view());
    assert!(context.get_with(&id(2), |_| ()).is_hit());
    assert_eq!(cache.len(), 1);
}

#[test]
fn a_session_that_expires_on_its_way_does_not_resume() {
    let (store, cache, context, clock) = stored(Store::default());
    store.put(&session(&context, 1).view());
    let hook: Hook = Box::new(move || clock.advance(Lifetime::from_secs(3601)));
    assert!(store.on_the_way.set(hook).is_ok());
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Expired);
    assert!(cache.is_empty());
}

#[test]
fn a_session_inserted_meanwhile_is_not_overwritten_by_an_older_one() {
    let (cache, context, found) = meddle(|context| {
        let payload = SecretBytes::new(7_u64.to_le_bytes().to_vec());
        let newer = Session::new(id(1), *context.bytes(), context.now(), HOUR, payload);
        context.insert(newer).expect("room");
    });
    assert_eq!(found, Lookup::CallbackHit(7));
    assert_eq!(context.get_with(&id(1), |s| number(s.payload())), Lookup::Hit(7));
    assert_eq!(cache.stats().replaced, 0);
}

#[test]
fn a_get_in_the_middle_of_a_removal_does_not_bring_the_session_back() {
    let (store, cache, context, _) = stored(Store::default());
    store.put(&session(&context, 1).view());
    context.insert(session(&context, 1)).expect("room");
    let inner = context.clone();
    // The session has left the cache, and the store still has it: a lookup finds and caches it.
    let found = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&found);
    let hook: Hook = Box::new(move || {
        if inner.get(&id(1)).is_hit() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert!(store.before_deletion.set(hook).is_ok());
    assert!(context.remove(&id(1)));
    assert!(found.load(Ordering::Relaxed) > 0, "the test tests nothing otherwise");
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Miss);
    assert!(cache.is_empty() && store.len() == 0);
    common::assert_adds_up(&cache);
}

#[test]
fn every_callback_may_call_the_cache() {
    let reach = Reach::default();
    let busy = |reach: &Reach, number: u64| {
        thread_local! { static DEPTH: Cell<u32> = const { Cell::new(0) }; }
        if DEPTH.get() > 0 {
            return;
        }
        DEPTH.set(1);
        reach.with(|context| {
            for number in number..number + 20 {
                context.insert(session(context, number)).expect("room is made");
                context.get(&id(number));
                context.take(&id(number));
                context.remove(&id(number));
            }
            context.cache().flush_expired();
            context.cache().flush_all();
            context.cache().set_mode(CacheMode::SERVER);
            context.cache().maintain();
            context.invalidate();
        });
        DEPTH.set(0);
    };
    let (for_new, for_get, for_remove) = (reach.clone(), reach.clone(), reach.clone());
    let callbacks = Callbacks::none()
        .on_new(move |_: SessionView<'_>| {
            busy(&for_new, 1000);
            Retention::Keep
        })
        .on_get(move |_: &SessionIdContext, _: &SessionId| {
            busy(&for_get, 2000);
            None
        })
        .on_remove(move |_: Removal<'_>| busy(&for_remove, 3000));
    let (cache, clock) = build(|builder| builder.capacity(entries(5)).callbacks(callbacks));
    let context = context(&cache, b"");
    assert!(reach.0.set(context.clone()).is_ok());
    for number in 0..50 {
        let brief = lived(&context, number, Lifetime::from_secs(number % 5));
        context.insert_negotiated(Role::Server, brief).expect("room is made");
        clock.advance(Lifetime::from_secs(1));
        context.get(&id(number));
        context.remove(&id(number));
        context.insert(session(&context, number)).expect("room is made");
    }
    cache.flush_all();
    let stats = cache.stats();
    assert_eq!(stats.callback_panics, 0);
    assert!(stats.taken > 1000, "the callbacks were busy");
    common::assert_adds_up(&cache);
}

#[test]
fn housekeeping_does_not_nest_in_its_own_callbacks() {
    thread_local! { static DEPTH: Cell<usize> = const { Cell::new(0) }; }
    let deepest = Arc::new(AtomicUsize::new(0));
    let (reach, depth) = (Reach::default(), Arc::clone(&deepest));
    let inner = reach.clone();
    let callbacks = Callbacks::none().on_remove(move |_: Removal<'_>| {
        DEPTH.set(DEPTH.get() + 1);
        depth.fetch_max(DEPTH.get(), Ordering::Relaxed);
        inner.with(|context| {
            context.get_with(&id(u64::MAX), |_| ());
        });
        DEPTH.set(DEPTH.get() - 1);
    });
    let (cache, clock) = build(|builder| builder.callbacks(callbacks));
    let context = context(&cache, b"");
    assert!(reach.0.set(context.clone()).is_ok());
    for number in 0..20_000 {
        context.insert(session(&context, number)).expect("room");
    }
    // A whole lap of housekeeping is due now.
    clock.advance(Lifetime::from_secs(100_000));
    for _ in 0..2000 {
        context.get_with(&id(u64::MAX), |_| ());
    }
    assert!(cache.stats().expirations > 10_000, "{:?}", cache.stats());
    assert_eq!(deepest.load(Ordering::Relaxed), 1);
}

/// Far more than may wait to be freed while a thread stands in an operation.
const MANY: u64 = 50_000;

fn insert_many(context: &Context) -> Result<(), InsertRefusal> {
    for number in 1_000_000..1_000_000 + MANY {
        context.insert(session(context, number)).map_err(|error| error.why())?;
    }
    Ok(())
}

#[test]
fn no_callback_runs_inside_an_operation() {
    let reach = Reach::default();
    let results = Arc::new(Mutex::new(Vec::new()));
    let busy = {
        let (reach, results) = (reach.clone(), Arc::clone(&results));
        move |name: &'static str| {
            thread_local! { static BUSY: Cell<bool> = const { Cell::new(false) }; }
            if !BUSY.replace(true) {
                reach.with(|context| {
                    let result = insert_many(context);
                    results.lock().expect("not poisoned").push((name, result));
                });
                BUSY.set(false);
            }
        }
    };
    let (for_new, for_get, for_remove) = (busy.clone(), busy.clone(), busy);
    let callbacks = Callbacks::none()
        .on_new(move |_: SessionView<'_>| {
            for_new("new");
            Retention::Keep
        })
        .on_get(move |_: &SessionIdContext, _: &SessionId| {
            for_get("get");
            None
        })
        .on_remove(move |_: Removal<'_>| for_remove("remove"));
    let (cache, _) = build(|builder| builder.capacity(entries(100)));
    let context = context(&cache, b"");
    assert!(reach.0.set(context.clone()).is_ok());
    cache.set_callbacks(callbacks);
    context.insert_negotiated(Role::Server, session(&context, 1)).expect("room is made");
    context.get(&id(2));
    context.remove(&id(3));
    context.insert(session(&context, 4)).expect("room is made");
    let results = results.lock().expect("not poisoned");
    for name in ["new", "get", "remove"] {
        assert!(results.iter().any(|(of, _)| *of == name), "{name} did not run");
    }
    for (name, result) in results.iter() {
        assert_eq!(*result, Ok(()), "{name}");
    }
}

#[test]
fn the_closure_of_a_lookup_does_run_inside() {
    // The control for the test above: what it does is impossible inside an operation.
    let (_, context, _) = plain(100);
    context.insert(session(&context, 1)).expect("room");
    let inner = context.clone();
    let found = context.get_with(&id(1), |_| insert_many(&inner));
    assert_eq!(found, Lookup::Hit(Err(InsertRefusal::Stalled)));
    assert_eq!(insert_many(&context), Ok(()), "and possible again afterwards");
}

#[test]
fn panics_of_callbacks_are_contained_and_counted() {
    struct Panics;
    impl GetSession for Panics {
        fn get(&self, _: &SessionIdContext, _: &SessionId) -> Option<Session> {
            panic!("deliberate")
        }
        fn take(&self, _: &SessionIdContext, _: &SessionId) -> ExternalTake {
            panic!("deliberate")
        }
    }
    let callbacks = Callbacks::none()
        .on_new(|_: SessionView<'_>| panic!("deliberate"))
        .on_get(Panics)
        .on_remove(|_: Removal<'_>| panic!("deliberate"));
    let (cache, _) = build(|builder| builder.callbacks(callbacks));
    let context = context(&cache, b"");
    let inserted = context.insert_negotiated(Role::Server, session(&context, 1));
    assert_eq!(inserted.expect("contained"), Inserted::Discarded);
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Miss);
    context.insert(session(&context, 2)).expect("room");
    assert_eq!(context.take_with(&id(2), |_| ()), Lookup::Miss, "the store may have handed it out");
    assert!(!context.remove(&id(3)));
    assert_eq!(cache.stats().callback_panics, 6, "new, remove, get, take, remove, remove");
    assert!(cache.is_empty());
    cache.set_callbacks(Callbacks::none());
    common::assert_adds_up(&cache);
}

#[test]
fn callbacks_are_swapped_whole_and_given_back() {
    let (cache, context, _) = plain(10);
    let log = Log::default();
    assert!(cache.callbacks().remove_callback().is_none());
    cache.set_callbacks(log.callbacks());
    context.insert(session(&context, 1)).expect("room");
    context.remove(&id(1));
    let former = cache.set_callbacks(Callbacks::none());
    assert!(former.remove_callback().is_some());
    context.remove(&id(1));
    assert_eq!(log.reasons().len(), 1);
}

#[test]
fn the_end_of_the_last_owner_reports_what_is_left() {
    let log = Log::default();
    let told = Arc::new(AtomicU64::new(0));
    let (cache, _) = build(|builder| builder.callbacks(log.callbacks()));
    let context = context(&cache, b"");
    for number in 0..10 {
        context.insert(session(&context, number)).expect("room");
        told.fetch_add(1, Ordering::Relaxed);
    }
    let clone = cache.clone();
    drop((cache, clone));
    assert!(log.reasons().is_empty(), "the context still owns it");
    drop(context);
    let mut gone = log.reasons();
    gone.sort_by_key(|(number, _)| *number);
    let expected: Vec<_> = (0..10).map(|n| (Some(n), RemovalReason::ShutDown)).collect();
    assert_eq!(gone, expected);
}
