//! Sessions that are objects of the TLS stack.

mod common;

use std::any::Any;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::{HOUR, build, context, entries, id, plain};
use resumption_cache::{
    Callbacks, Capacity, Context, InsertRefusal, Inserted, Limits, Refusal, Retention, Role,
};
use resumption_session::{SecretBytes, Session, SessionObject, SessionView};

/// An object that counts how many of its kind are alive.
struct Counted {
    number: u64,
    weight: usize,
    alive: Arc<AtomicUsize>,
}

impl Counted {
    fn shared(number: u64, weight: usize, alive: &Arc<AtomicUsize>) -> Arc<dyn SessionObject> {
        alive.fetch_add(1, Ordering::SeqCst);
        Arc::new(Self { number, weight, alive: Arc::clone(alive) })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

impl SessionObject for Counted {
    fn weight(&self) -> usize {
        self.weight
    }

    fn encode(&self) -> Option<SecretBytes> {
        Some(SecretBytes::new(self.number.to_le_bytes().to_vec()))
    }
}

fn session(context: &Context, number: u64, weight: usize, alive: &Arc<AtomicUsize>) -> Session {
    let object = Counted::shared(number, weight, alive);
    Session::of_object(id(number), *context.bytes(), context.now(), HOUR, object)
}

fn number(session: SessionView<'_>) -> Option<u64> {
    let object: &dyn Any = &**session.object()?;
    object.downcast_ref::<Counted>().map(|counted| counted.number)
}

#[test]
fn an_object_comes_back_as_it_went_in() {
    let (_cache, context, _clock) = plain(10);
    let alive = Arc::default();
    context.insert(session(&context, 1, 500, &alive)).expect("room");
    assert_eq!(context.get_with(&id(1), number).hit(), Some(Some(1)));
    assert_eq!(context.get_with(&id(1), |session| session.payload().len()).hit(), Some(0));
    assert_eq!(context.take_with(&id(1), number).hit(), Some(Some(1)));
    assert!(!context.get_with(&id(1), number).is_hit());
}

#[test]
fn an_object_is_dropped_when_its_session_has_left_and_nobody_holds_it() {
    let (cache, context, _clock) = plain(10);
    let alive = Arc::default();
    for number in 1..=3 {
        context.insert(session(&context, number, 500, &alive)).expect("room");
    }
    let held = context.take(&id(1)).hit().expect("cached");
    assert!(context.remove(&id(2)));
    cache.maintain();
    assert_eq!(alive.load(Ordering::SeqCst), 2, "the one that is held and the one in the cache");
    assert_eq!(held.object().and_then(|object| object.encode()).map(|bytes| bytes.len()), Some(8));
    drop(held);
    cache.maintain();
    assert_eq!(alive.load(Ordering::SeqCst), 1);
    drop((cache, context));
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn an_object_weighs_what_it_says() {
    let (cache, _clock) = build(|builder| {
        let bytes = NonZeroU64::new(1 << 20).expect("not zero");
        builder
            .capacity(Capacity::default().with_bytes(bytes))
            .limits(Limits::new().with_max_payload(1024))
    });
    let context = context(&cache, b"heavy");
    let alive = Arc::default();
    let empty = cache.stats().bytes;
    context.insert(session(&context, 1, 0, &alive)).expect("room");
    let overhead = cache.stats().bytes - empty;
    context.insert(session(&context, 2, 1024, &alive)).expect("room");
    assert_eq!(cache.stats().bytes - empty, 2 * overhead + 1024);
    let refused = context.insert(session(&context, 3, 1025, &alive)).expect_err("too heavy");
    assert_eq!(refused.why(), InsertRefusal::Refused(Refusal::TooLarge));
}

#[test]
fn an_external_store_gets_the_encoding() {
    let stored = Arc::new(Mutex::new(Vec::new()));
    let callbacks = Callbacks::none().on_new({
        let stored = Arc::clone(&stored);
        move |session: SessionView<'_>| {
            let bytes = session.encode().expect("this kind has one");
            stored.lock().expect("no panic").push(bytes.expose().to_vec());
            Retention::Keep
        }
    });
    let (cache, _clock) = build(|builder| builder.capacity(entries(10)).callbacks(callbacks));
    let context = context(&cache, b"external");
    let alive = Arc::default();
    let stays = context.insert_negotiated(Role::Server, session(&context, 7, 500, &alive));
    assert_eq!(stays.expect("room"), Inserted::New);
    assert_eq!(*stored.lock().expect("no panic"), [7u64.to_le_bytes()]);
}

#[test]
fn a_copy_of_a_session_shares_its_object() {
    let (_cache, context, _clock) = plain(10);
    let alive = Arc::default();
    let session = session(&context, 1, 500, &alive);
    let copy = session.view().to_session();
    assert_eq!(number(copy.view()), Some(1));
    assert_eq!(alive.load(Ordering::SeqCst), 1);
    assert!(!format!("{copy:?}").contains("alive"), "{copy:?}");
    assert!(format!("{copy:?}").contains("SessionObject(500 bytes)"), "{copy:?}");
}
