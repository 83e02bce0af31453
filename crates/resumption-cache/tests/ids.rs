//! Ids of new sessions: random or by a generator, and never one that the cache holds.

mod common;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{HOUR, Log, START, assert_adds_up, build, context, id, plain, session};
use resumption_cache::{Callbacks, GenerateIdError, IdError, Lookup};
use resumption_session::{Lifetime, ProtocolVersion, SessionId, SessionIdContext};

type Buffer = [u8; 32];

/// A generator that writes these bytes, and says that it wrote so many.
fn writing(
    bytes: &'static [u8],
    len: usize,
) -> impl Fn(&SessionIdContext, &mut Buffer) -> Option<usize> {
    move |_, buffer| {
        buffer[..bytes.len()].copy_from_slice(bytes);
        Some(len)
    }
}

#[test]
fn the_cache_says_which_ids_it_holds_and_changes_nothing() {
    let log = Log::default();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let get = move |_: &SessionIdContext, _: &SessionId| {
        count.fetch_add(1, Ordering::Relaxed);
        None
    };
    let callbacks = Callbacks::none().on_get(get).on_remove(log.listener());
    let (cache, clock) = build(|builder| builder.callbacks(callbacks));
    let (here, there) = (context(&cache, b"here"), context(&cache, b"there"));
    assert!(!here.contains(&id(1)));
    here.insert(session(&here, 1).with_version(ProtocolVersion::Tls12)).expect("room");
    assert!(here.contains(&id(1)) && !here.contains(&id(2)) && !there.contains(&id(1)));
    let prefix = SessionId::new(&id(1).as_bytes()[..31]).expect("31 bytes");
    assert!(!here.contains(&prefix));
    // The version is part of the question, if there is one.
    assert!(here.clone().for_version(ProtocolVersion::Tls12).contains(&id(1)));
    assert!(!here.clone().for_version(ProtocolVersion::Tls13).contains(&id(1)));
    // An expired one counts, and stays.
    clock.set(START.saturating_add(HOUR).saturating_add(HOUR));
    assert!(here.contains(&id(1)));
    let stats = cache.stats();
    assert_eq!((stats.offered(), stats.internal_misses, stats.expirations), (0, 0, 0));
    assert_eq!((asked.load(Ordering::Relaxed), cache.len()), (0, 1));
    assert_eq!(log.drain(), []);
    here.invalidate();
    assert!(!here.contains(&id(1)));
    assert!(SessionId::new(&[7; 33]).is_err(), "no such id can be asked for");
}

#[test]
fn random_ids_are_of_32_bytes_and_differ() {
    let (_, context, _) = plain(10);
    let ids: HashSet<_> = (0..1000).map(|_| context.generate_id().expect("random")).collect();
    assert_eq!(ids.len(), 1000);
    assert!(ids.iter().all(|id| id.as_bytes().len() == 32));
    // Each byte takes many values: none is left as it was.
    for place in 0..32 {
        let values: HashSet<_> = ids.iter().map(|id| id.as_bytes()[place]).collect();
        assert!(values.len() > 100, "{} values at {place}", values.len());
    }
}

#[test]
fn a_generator_writes_into_zeros_and_its_id_is_used_as_it_is() {
    let (cache, context, _) = plain(10);
    let clean = |seen: &SessionIdContext, buffer: &mut Buffer| {
        assert_eq!((seen.as_bytes(), *buffer), (&b"plain"[..], [0; 32]));
        buffer[..4].copy_from_slice(b"www1");
        Some(4)
    };
    cache.set_callbacks(Callbacks::none().on_generate_id(clean));
    let made = context.generate_id().expect("a good generator");
    assert_eq!(made.as_bytes(), b"www1");
    assert_eq!(cache.stats().callback_panics, 0);
    // For one connection, another one.
    let own = context.generate_id_with(&writing(b"own", 3)).expect("a good generator");
    assert_eq!(own.as_bytes(), b"own");
    cache.set_id_generator(None);
    assert_eq!(context.generate_id().expect("random").as_bytes().len(), 32);
}

#[test]
fn a_bad_generator_is_an_error_that_says_which() {
    let (cache, context, _) = plain(10);
    let generator = |error| Err(IdError::Generator(error));
    assert_eq!(
        context.generate_id_with(&writing(b"", 0)),
        generator(GenerateIdError::Length { len: 0 })
    );
    assert_eq!(
        context.generate_id_with(&writing(b"x", 33)),
        generator(GenerateIdError::Length { len: 33 })
    );
    let declines = |_: &SessionIdContext, _: &mut Buffer| None;
    assert_eq!(context.generate_id_with(&declines), generator(GenerateIdError::Declined));
    let panics = |_: &SessionIdContext, _: &mut Buffer| -> Option<usize> { panic!("no id") };
    assert_eq!(context.generate_id_with(&panics), generator(GenerateIdError::Panicked));
    assert_eq!(cache.stats().callback_panics, 1);
}

#[test]
fn an_id_that_the_cache_holds_is_a_conflict_and_not_tried_again() {
    let (cache, clock) = build(|builder| builder);
    let (here, there) = (context(&cache, b"here"), context(&cache, b"there"));
    here.insert(session(&here, 1).with_version(ProtocolVersion::Tls12)).expect("room");
    let asked = AtomicUsize::new(0);
    let same = |_: &SessionIdContext, buffer: &mut Buffer| {
        asked.fetch_add(1, Ordering::Relaxed);
        buffer.copy_from_slice(id(1).as_bytes());
        Some(32)
    };
    assert_eq!(here.generate_id_with(&same), Err(IdError::Conflict));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    cache.set_id_generator(Some(Arc::new(|_: &SessionIdContext, buffer: &mut Buffer| {
        buffer.copy_from_slice(id(1).as_bytes());
        Some(32)
    })));
    assert_eq!(here.generate_id(), Err(IdError::Conflict), "by the cache's own generator, too");
    // Whatever its version: an insert would replace it. And though it is expired.
    let tls13 = here.clone().for_version(ProtocolVersion::Tls13);
    assert_eq!(tls13.generate_id_with(&same), Err(IdError::Conflict));
    clock.advance(Lifetime::from_secs(7200));
    assert_eq!(here.generate_id_with(&same), Err(IdError::Conflict));
    assert_eq!(there.generate_id_with(&same), Ok(id(1)), "another context");
    assert_eq!(here.get_with(&id(1), |_| ()), Lookup::Expired);
    assert_eq!(here.generate_id_with(&same), Ok(id(1)));
    assert_adds_up(&cache);
}

#[test]
fn a_generator_may_call_the_cache() {
    let (cache, context, _) = plain(10);
    let (inner, outer) = (context.clone(), context);
    let counting = move |_: &SessionIdContext, buffer: &mut Buffer| {
        let next = inner.cache().len();
        buffer[0] = u8::try_from(next).ok()?.wrapping_add(1);
        inner.insert(session(&inner, next as u64)).ok()?;
        Some(1)
    };
    cache.set_id_generator(Some(Arc::new(counting)));
    assert_eq!(outer.generate_id().expect("made").as_bytes(), [1]);
    assert_eq!(outer.generate_id().expect("made").as_bytes(), [2]);
    // The generator holds a context, and so the cache: here that must end.
    cache.set_id_generator(None);
}
