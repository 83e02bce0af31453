//! Removing and adding the session at hand, and not only an id.

mod common;

use std::sync::Arc;

use common::{HOUR, Log, START, assert_adds_up, build, context, id, number, plain, session};
use resumption_cache::{
    CacheMode, Callbacks, InsertRefusal, Inserted, Lookup, Refusal, RemovalReason,
};
use resumption_session::{SecretBytes, Session, SessionId, SessionIdContext, SessionObject};

#[test]
fn removing_a_copy_removes_the_cached_session_and_neither_resumes_any_more() {
    let log = Log::default();
    let (cache, _) = build(|builder| builder.callbacks(log.callbacks()));
    let context = context(&cache, b"here");
    context.insert(session(&context, 1)).expect("room");
    let cached = context.get(&id(1)).hit().expect("cached");
    let mut copy = cached.to_session();
    assert!(copy.view().is_resumable() && cached.is_resumable());
    assert!(context.remove_session(&mut copy));
    assert!(!copy.view().is_resumable() && !cached.is_resumable());
    assert_eq!(log.reasons(), [(Some(1), RemovalReason::Removed)]);
    // Twice: nothing is there, and the callback hears of it all the same.
    assert!(!context.remove_session(&mut copy));
    assert_eq!(log.reasons(), [(None, RemovalReason::Removed)]);
    let error = context.insert(copy).expect_err("what was removed does not come back");
    assert_eq!(error.why(), InsertRefusal::Refused(Refusal::NotResumable));
    assert_adds_up(&cache);
}

#[test]
fn a_session_that_was_never_cached_is_marked_when_it_is_removed() {
    let (cache, context, _) = plain(10);
    let mut made = session(&context, 1);
    assert!(!context.remove_session(&mut made));
    assert!(!made.view().is_resumable());
    assert_eq!(cache.len(), 0);
}

#[test]
fn removing_what_was_found_goes_by_its_id() {
    let (cache, context, _) = plain(10);
    context.insert(session(&context, 1)).expect("room");
    let mut old = context.get(&id(1)).hit().expect("cached");
    context.insert(session(&context, 1)).expect("room");
    assert!(context.remove_found(&mut old), "another has come under its id, and leaves");
    assert!(!context.remove_found(&mut old));
    assert_eq!(cache.len(), 0);
    assert_adds_up(&cache);
}

#[test]
fn what_the_get_callback_found_and_nobody_cached_is_marked_when_it_is_removed() {
    let find = |context: &SessionIdContext, id: &SessionId| {
        Some(Session::new(*id, *context, START, HOUR, SecretBytes::new(vec![0; 8])))
    };
    let mode = CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE;
    let (cache, _) = build(|builder| builder.mode(mode).callbacks(Callbacks::none().on_get(find)));
    let context = context(&cache, b"here");
    let mut found = context.get(&id(1)).hit().expect("found outside");
    assert!(found.is_resumable());
    assert!(!context.remove_found(&mut found));
    assert!(!found.is_resumable() && !found.to_session().view().is_resumable());
    let refused = InsertRefusal::Refused(Refusal::NotResumable);
    assert_eq!(context.insert_again(&found), Err(refused));
}

#[test]
fn a_session_of_one_cache_is_refused_by_another_and_stays_whole() {
    let (first, here, _) = plain(10);
    let (second, there, _) = plain(10);
    here.insert(session(&here, 1)).expect("room");
    let mut owned = here.get(&id(1)).hit().expect("cached");
    let refused = InsertRefusal::Refused(Refusal::Context);
    assert_eq!(there.insert_again(&owned), Err(refused));
    assert!(!there.remove_found(&mut owned), "not there");
    assert!(owned.is_resumable(), "and untouched here");
    assert_eq!(here.insert_again(&owned), Ok(Inserted::Unchanged));
    assert_eq!((first.len(), second.len()), (1, 0));
    // A copy is nobody's.
    assert!(there.insert(owned.to_session()).is_ok());
    assert_adds_up(&first);
    assert_adds_up(&second);
}

struct Object;

impl SessionObject for Object {
    fn weight(&self) -> usize {
        100
    }

    fn encode(&self) -> Option<SecretBytes> {
        None
    }
}

#[test]
fn the_same_object_is_the_same_session() {
    let log = Log::default();
    let (cache, clock) = build(|builder| builder.callbacks(log.callbacks()));
    let context = context(&cache, b"here");
    let objects: [Arc<dyn SessionObject>; 2] = [Arc::new(Object), Arc::new(Object)];
    let of = |object: &Arc<dyn SessionObject>| {
        Session::of_object(id(1), *context.bytes(), context.now(), HOUR, Arc::clone(object))
    };
    assert_eq!(context.insert(of(&objects[0])).expect("room"), Inserted::New);
    let count = Arc::strong_count(&objects[0]);
    clock.advance(HOUR);
    // No second reference, and no other time.
    assert_eq!(context.insert(of(&objects[0])).expect("cached"), Inserted::Unchanged);
    assert_eq!(Arc::strong_count(&objects[0]), count);
    let created = context.get_with(&id(1), |session| session.created());
    assert_eq!(created, Lookup::Hit(START));
    // The mode that renews the time does so, also to the same object.
    cache.set_mode(CacheMode::SERVER | CacheMode::UPDATE_TIME);
    assert_eq!(context.insert(of(&objects[0])).expect("cached"), Inserted::Unchanged);
    let created = context.get_with(&id(1), |session| session.created());
    assert_eq!(created, Lookup::Hit(context.now()));
    assert_eq!(cache.stats().insertions, 1);
    cache.set_callbacks(Callbacks::none());
    assert_eq!(context.insert(of(&objects[1])).expect("room"), Inserted::Replaced);
    assert_eq!(log.drain(), []);
    assert_adds_up(&cache);
}

#[test]
fn after_a_shrink_neither_a_lookup_nor_the_same_object_evicts() {
    let (cache, context, _) = plain(8);
    for number in 0..8 {
        context.insert(session(&context, number)).expect("room");
    }
    let held = context.get(&id(0)).hit().expect("cached");
    assert_eq!(cache.set_cache_size(4), Ok(8));
    assert_eq!(context.get_with(&id(1), |session| number(session.payload())), Lookup::Hit(1));
    assert_eq!(context.insert_again(&held), Ok(Inserted::Unchanged));
    assert_eq!((cache.len(), cache.stats().evictions), (8, 0));
    context.insert(session(&context, 100)).expect("room");
    assert!(context.contains(&id(100)) && cache.len() < 8);
    assert_adds_up(&cache);
}
