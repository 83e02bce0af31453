//! What can be set gives back what it was; and what clients may do.

mod common;

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{HOUR, Log, START, assert_adds_up, build, context, entries, id, plain, session};
use resumption_cache::{
    CacheMode, Callbacks, Capacity, InsertRefusal, Inserted, Lookup, Refusal, Removal,
    Resumability, Retention, Role,
};
use resumption_session::{
    Lifetime, SecretBytes, Session, SessionId, SessionIdContext, SessionView, Usage,
};

#[test]
fn a_bare_mode_word_keeps_bits_that_mean_nothing() {
    let (cache, context, _) = plain(10);
    assert_eq!(cache.mode_word(), 2);
    for word in [0, 1, 2, 3, 0x80, 0x100, 0x200, 0x300, 0x400, 0xffff_ffff] {
        let former = cache.mode_word();
        assert_eq!(cache.set_mode_word(word), former);
        assert_eq!((cache.mode_word(), cache.mode().bits()), (word, word & 0x783));
    }
    // They do nothing: all but OFF means what it meant.
    cache.set_mode_word(0xffff_0002);
    assert_eq!(cache.mode(), CacheMode::SERVER);
    assert!(context.insert_negotiated(Role::Server, session(&context, 1)).is_ok());
    assert_eq!(cache.set_mode(CacheMode::OFF), CacheMode::SERVER);
    assert_eq!(cache.mode_word(), 0);
    assert!(CacheMode::from_bits(0xffff).is_err());
}

#[test]
fn a_bare_mode_word_turns_housekeeping_on_and_off() {
    let (cache, context, clock) = plain(10);
    cache.set_mode_word(0x1000 | CacheMode::NO_AUTO_CLEAR.bits() | 2);
    context.insert(session(&context, 1)).expect("room");
    clock.advance(HOUR);
    clock.advance(HOUR);
    cache.maintain();
    assert_eq!(cache.len(), 1);
    cache.set_mode_word(0x1002);
    // A lap of 10 s, so that every place has been looked at.
    for _ in 0..100 {
        clock.advance(Lifetime::from_secs(1));
        cache.maintain();
    }
    assert_eq!(cache.len(), 0);
}

#[test]
fn a_bare_size_is_zero_for_unlimited_and_never_negative() {
    let bytes = NonZeroU64::new(1 << 20).expect("not zero");
    let (cache, _) = build(|builder| builder.capacity(entries(100).with_bytes(bytes)));
    assert_eq!((cache.cache_size(), cache.set_cache_size(0)), (100, Ok(100)));
    assert_eq!(cache.capacity(), Capacity::unlimited().with_bytes(bytes), "that bound stays");
    assert_eq!(cache.set_cache_size(-1).expect_err("negative").given(), -1);
    assert_eq!((cache.cache_size(), cache.set_cache_size(7)), (0, Ok(0)));
    assert_eq!(cache.capacity(), entries(7).with_bytes(bytes));
}

#[test]
fn callbacks_are_set_one_by_one_and_given_back() {
    let log = Log::default();
    let (cache, context, _) = plain(10);
    assert!(cache.set_remove_callback(Some(Arc::new(log.listener()))).is_none());
    let keep = |_: SessionView<'_>| Retention::Keep;
    assert!(cache.set_new_callback(Some(Arc::new(keep))).is_none());
    let find = |_: &SessionIdContext, _: &SessionId| None;
    assert!(cache.set_get_callback(Some(Arc::new(find))).is_none());
    let admit = |_: SessionView<'_>| Resumability::Resumable;
    assert!(cache.set_admit_callback(Some(Arc::new(admit))).is_none());
    let made = |_: &SessionIdContext, _: &mut [u8; 32]| Some(32);
    assert!(cache.set_id_generator(Some(Arc::new(made))).is_none());
    let all = cache.callbacks();
    assert!(all.new_callback().is_some() && all.get_callback().is_some());
    assert!(all.remove_callback().is_some() && all.admit_callback().is_some());
    assert!(all.id_generator().is_some());

    context.insert(session(&context, 1)).expect("room");
    let former = cache.set_remove_callback(None).expect("set");
    context.remove(&id(1));
    assert_eq!(log.drain(), []);
    former.remove_session(Removal::of_absent(
        context.bytes(),
        &id(1),
        resumption_cache::RemovalReason::Removed,
    ));
    assert_eq!(log.drain().len(), 1, "it is the very callback");
    assert!(cache.set_new_callback(None).is_some() && cache.set_get_callback(None).is_some());
    assert!(cache.set_admit_callback(None).is_some() && cache.set_id_generator(None).is_some());
    assert!(cache.callbacks().new_callback().is_none());
}

#[test]
fn callbacks_that_are_set_at_once_do_not_undo_each_other() {
    const ROUNDS: usize = 20_000;
    let (cache, _, _) = plain(10);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let keep = Arc::new(|_: SessionView<'_>| Retention::Keep);
            for _ in 0..ROUNDS {
                assert!(cache.set_new_callback(Some(keep.clone())).is_none());
                assert!(cache.set_new_callback(None).is_some());
            }
        });
        let deaf = Arc::new(|_: Removal<'_>| ());
        for _ in 0..ROUNDS {
            assert!(cache.set_remove_callback(Some(deaf.clone())).is_none());
            assert!(cache.set_remove_callback(None).is_some());
        }
    });
}

#[test]
fn what_must_not_be_resumed_is_neither_kept_nor_announced() {
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let new = move |_: SessionView<'_>| {
        count.fetch_add(1, Ordering::Relaxed);
        Retention::Keep
    };
    let admit = |session: SessionView<'_>| match session.usage() {
        Usage::SingleUse => Resumability::Resumable,
        Usage::Reusable => Resumability::NotResumable,
    };
    let callbacks = Callbacks::none().on_new(new).on_admit(admit);
    let (cache, _) = build(|builder| builder.callbacks(callbacks));
    let context = context(&cache, b"here");
    let refused = context.insert_negotiated(Role::Server, session(&context, 1));
    let refused = refused.expect_err("not admitted");
    assert_eq!(refused.why(), InsertRefusal::Refused(Refusal::NotResumable));
    assert_eq!((cache.len(), told.load(Ordering::Relaxed)), (0, 0));
    let single = session(&context, 1).with_usage(Usage::SingleUse);
    assert_eq!(context.insert_negotiated(Role::Server, single).expect("admitted"), Inserted::New);
    assert_eq!((cache.len(), told.load(Ordering::Relaxed)), (1, 1));
    // By hand, whoever inserts has decided.
    assert_eq!(context.insert(session(&context, 2)).expect("room"), Inserted::New);
    // One that panics has not agreed.
    cache.set_admit_callback(Some(Arc::new(|_: SessionView<'_>| panic!("no answer"))));
    assert!(context.insert_negotiated(Role::Server, session(&context, 3)).is_err());
    assert_eq!(cache.stats().callback_panics, 1);
    assert_eq!(cache.stats().rejected.not_resumable, 2);
    assert_adds_up(&cache);
}

#[test]
fn a_client_looks_up_though_servers_must_not_and_asks_nobody() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let find = move |context: &SessionIdContext, id: &SessionId| {
        count.fetch_add(1, Ordering::Relaxed);
        Some(Session::new(*id, *context, START, HOUR, SecretBytes::new(vec![0; 8])))
    };
    let mode = CacheMode::BOTH | CacheMode::NO_INTERNAL_LOOKUP | CacheMode::NO_INTERNAL_STORE;
    let (cache, _) = build(|builder| builder.mode(mode).callbacks(Callbacks::none().on_get(find)));
    let server = context(&cache, b"here");
    let client = server.clone().for_clients();
    assert!(client.is_for_clients() && !server.is_for_clients());
    client.insert(session(&client, 1)).expect("room");
    assert!(client.get(&id(1)).is_hit());
    assert!(client.get_with(&id(1), |_| ()).is_hit());
    assert_eq!(client.get_with(&id(2), |_| ()), Lookup::Miss);
    assert!(matches!(client.take_with(&id(1), |_| ()), Lookup::Hit(())));
    assert_eq!(client.take_with(&id(1), |_| ()), Lookup::Miss);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert!(matches!(server.get_with(&id(1), |_| ()), Lookup::CallbackHit(())));
    client.insert(session(&client, 3)).expect("room");
    cache.set_mode(CacheMode::OFF);
    assert_eq!(client.get_with(&id(3), |_| ()), Lookup::Miss);
    assert_adds_up(&cache);
}
