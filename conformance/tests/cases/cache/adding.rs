//! 1 to 17: adding, replacing, adding the same again.

use std::sync::Arc;
use std::thread;

use resumption_cache::{
    CacheMode, Callbacks, InsertRefusal, Inserted, Lookup, Refusal, RemovalReason,
};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdError, Timestamp,
};

use super::support::{Bench, HOUR, START, context, id, lived, marked, number, of_object, session};

/// A cache with no callback, which would read what an object has not.
fn counting() -> Bench {
    Bench::with(|builder| builder.callbacks(Callbacks::none()))
}

#[test]
fn case_001_a_session_that_is_added_is_held() {
    let bench = Bench::new();
    let added = bench.context.insert(session(&bench.context, 1));
    assert_eq!(added.unwrap(), Inserted::New);
    assert_eq!(bench.cache.len(), 1);
    assert!(bench.finds(1));
    assert_eq!(bench.log.drain(), []);
    // Of an object, the cache holds one reference.
    let bench = counting();
    let (made, object) = of_object(&bench.context, 1);
    bench.context.insert(made).unwrap();
    assert_eq!(Arc::strong_count(&object), 2);
}

#[test]
fn case_002_the_same_object_again_changes_nothing() {
    let bench = Bench::new();
    bench.add(1);
    let held = bench.context.get(&id(1)).hit().unwrap();
    assert_eq!(bench.context.insert_again(&held), Ok(Inserted::Unchanged));
    assert_eq!(bench.cache.len(), 1);
    assert!(held.is_resumable());
    assert_eq!(bench.log.drain(), []);
    // Of an object, no further reference is kept.
    let bench = counting();
    let (made, object) = of_object(&bench.context, 1);
    let again = made.view().to_session();
    bench.context.insert(made).unwrap();
    assert_eq!(bench.context.insert(again).unwrap(), Inserted::Unchanged);
    assert_eq!((bench.cache.len(), Arc::strong_count(&object)), (1, 2));
}

#[test]
fn case_003_another_object_under_the_id_replaces_the_first() {
    let bench = Bench::new();
    bench.add(1);
    let added = bench.context.insert(marked(&bench.context, 1, 100, HOUR));
    assert_eq!(added.unwrap(), Inserted::Replaced);
    assert_eq!(bench.cache.len(), 1);
    let found = bench.context.get_with(&id(1), |session| number(session.payload()));
    assert_eq!(found, Lookup::Hit(100));
    // Of the first object, the reference is dropped once.
    let bench = counting();
    let ((first, former), (second, latter)) =
        (of_object(&bench.context, 1), of_object(&bench.context, 1));
    bench.context.insert(first).unwrap();
    assert_eq!(bench.context.insert(second).unwrap(), Inserted::Replaced);
    bench.cache.maintain();
    assert_eq!((Arc::strong_count(&former), Arc::strong_count(&latter)), (1, 2));
}

#[test]
fn case_004_a_replaced_session_is_reported_and_resumes_no_more() {
    let bench = Bench::new();
    bench.add(1);
    let former = bench.context.get(&id(1)).hit().unwrap();
    bench.context.insert(marked(&bench.context, 1, 100, HOUR)).unwrap();
    assert_eq!(bench.log.reasons(), [(Some(1), RemovalReason::Replaced)]);
    assert!(!former.is_resumable());
}

#[test]
fn case_005_an_id_has_one_session_whatever_its_version() {
    let bench = Bench::new();
    let of = |version| session(&bench.context, 1).with_version(version);
    assert_eq!(bench.context.insert(of(ProtocolVersion::Tls12)).unwrap(), Inserted::New);
    assert_eq!(bench.context.insert(of(ProtocolVersion::Tls13)).unwrap(), Inserted::Replaced);
    assert_eq!(bench.cache.len(), 1);
    let asked = |version| bench.context.clone().for_version(version).get_with(&id(1), |_| ());
    assert_eq!(asked(ProtocolVersion::Tls13), Lookup::Hit(()));
    assert_eq!(asked(ProtocolVersion::Tls12), Lookup::Refused(Refusal::Version));
}

#[test]
fn case_006_an_id_matches_exactly() {
    let bench = Bench::new();
    let bytes = [7; 32];
    for len in [1, 4, 31, 32] {
        let id = SessionId::new(&bytes[..len]).unwrap();
        let payload = SecretBytes::new(vec![u8::try_from(len).unwrap(); 8]);
        let made = Session::new(id, *bench.context.bytes(), START, HOUR, payload);
        assert_eq!(bench.context.insert(made).unwrap(), Inserted::New);
    }
    let length_of = |id: &[u8]| {
        let id = SessionId::new(id).unwrap();
        bench.context.get_with(&id, |session| session.payload().expose()[0]).hit()
    };
    for len in 1..=32 {
        let expected = [1, 4, 31, 32].contains(&len).then_some(u8::try_from(len).unwrap());
        assert_eq!(length_of(&bytes[..len]), expected);
    }
    let mut padded = [0; 32];
    padded[..4].copy_from_slice(&bytes[..4]);
    assert_eq!(length_of(&padded[..5]), None);
    assert_eq!(length_of(&padded), None);
}

#[test]
fn case_007_an_id_of_no_bytes_is_none() {
    assert_eq!(SessionId::new(b"").unwrap_err(), SessionIdError::Empty);
}

/// Whoever has a session without an id has nothing that could be given to the cache.
#[test]
fn case_008_nothing_without_an_id_enters() {
    let bench = Bench::of(3);
    for _ in 0..20 {
        let entered = SessionId::new(b"").ok().map(|id| {
            let payload = SecretBytes::new(vec![0; 8]);
            bench.context.insert(Session::new(id, *bench.context.bytes(), START, HOUR, payload))
        });
        assert!(entered.is_none());
    }
    assert_eq!(bench.cache.len(), 0);
    for number in 0..20 {
        bench.add(number);
    }
    assert_eq!(bench.cache.len(), 3);
}

#[test]
fn case_009_what_could_never_resume_does_not_enter() {
    let bench = Bench::new();
    let old = session(&bench.context, 1).with_created(Timestamp::from_unix_secs(1_600_000_000));
    let why = |session| bench.context.insert(session).unwrap_err().why();
    assert_eq!(why(old), InsertRefusal::Refused(Refusal::AlreadyExpired));
    let elsewhere = session(&context(&bench.cache, b"elsewhere"), 1);
    assert_eq!(why(elsewhere), InsertRefusal::Refused(Refusal::Context));
    let marked = session(&bench.context, 1).not_resumable();
    assert_eq!(why(marked), InsertRefusal::Refused(Refusal::NotResumable));
    assert_eq!(bench.cache.len(), 0);
}

#[test]
fn case_010_a_removed_session_cannot_be_added_again() {
    let bench = Bench::new();
    bench.add(1);
    let held = bench.context.get(&id(1)).hit().unwrap();
    bench.context.remove(&id(1));
    let again = bench.context.insert_again(&held).unwrap_err();
    assert_eq!(again, InsertRefusal::Refused(Refusal::NotResumable));
    assert_eq!(bench.cache.len(), 0);
}

#[test]
fn case_011_nor_can_a_copy_of_it_and_neither_resumes() {
    let bench = Bench::new();
    bench.add(1);
    let held = bench.context.get(&id(1)).hit().unwrap();
    bench.context.remove(&id(1));
    let copy = held.to_session();
    assert!(!copy.view().is_resumable());
    let again = bench.context.insert(copy).unwrap_err();
    assert_eq!(again.why(), InsertRefusal::Refused(Refusal::NotResumable));
    assert!(!bench.finds(1));
}

#[test]
fn case_012_updating_the_time_begins_a_life_anew() {
    let bench = Bench::with(|builder| builder.mode(CacheMode::SERVER | CacheMode::UPDATE_TIME));
    let old = session(&bench.context, 1).with_created(Timestamp::from_unix_secs(1_699_999_500));
    bench.context.insert(old).unwrap();
    assert_eq!(bench.context.get_with(&id(1), |session| session.created()), Lookup::Hit(START));
}

/// Adds one that ends after 10 s and one that ends after 20 s, and the first again after 5 s.
fn updated_again() -> Bench {
    let bench = Bench::with(|builder| builder.mode(CacheMode::SERVER | CacheMode::UPDATE_TIME));
    for (number, seconds) in [(1, 10), (2, 8)] {
        let lifetime = Lifetime::from_secs(seconds);
        bench.context.insert(lived(&bench.context, number, lifetime)).unwrap();
    }
    bench.advance(5);
    {
        let held = bench.context.get(&id(1)).hit().unwrap();
        assert_eq!(bench.context.insert_again(&held), Ok(Inserted::Unchanged));
    }
    bench
}

#[test]
fn case_013_the_same_object_again_gets_the_new_time_too() {
    let bench = updated_again();
    let created = bench.context.get_with(&id(1), |session| session.created());
    assert_eq!(created, Lookup::Hit(bench.clock_now()));
    assert_eq!(bench.cache.len(), 2);
}

#[test]
fn case_014_and_a_flush_goes_by_the_new_time() {
    let bench = updated_again();
    bench.log.drain();
    bench.advance(4);
    assert_eq!(bench.cache.flush_expired(), 1);
    assert_eq!(bench.log.all_for(RemovalReason::Expired), [2]);
    bench.advance(6);
    assert!(bench.finds(1));
    bench.advance(1);
    assert_eq!(bench.cache.flush_expired(), 1);
}

#[test]
fn case_015_otherwise_adding_again_changes_no_time() {
    let bench = Bench::new();
    bench.add(1);
    bench.advance(500);
    let held = bench.context.get(&id(1)).hit().unwrap();
    bench.context.insert_again(&held).unwrap();
    assert_eq!(bench.context.get_with(&id(1), |session| session.created()), Lookup::Hit(START));
}

#[test]
fn case_016_a_session_is_in_one_cache() {
    let (one, other) = (Bench::new(), Bench::new());
    one.add(1);
    let held = one.context.get(&id(1)).hit().unwrap();
    let refused = other.context.insert_again(&held).unwrap_err();
    assert_eq!(refused, InsertRefusal::Refused(Refusal::Context));
    assert_eq!((one.cache.len(), other.cache.len()), (1, 0));
    assert!(one.finds(1) && !other.finds(1));
    one.cache.validate().unwrap();
}

#[test]
fn case_017_of_sessions_added_at_once_under_one_id_one_stays() {
    for _ in 0..50 {
        let bench = Bench::new();
        thread::scope(|scope| {
            for mark in 0..8 {
                let context = &bench.context;
                scope.spawn(move || context.insert(marked(context, 1, mark, HOUR)).unwrap());
            }
        });
        assert_eq!(bench.cache.len(), 1);
        let stayed = bench.context.get_with(&id(1), |session| number(session.payload()));
        let mut all = bench.log.all_for(RemovalReason::Replaced);
        assert_eq!(all.len(), 7);
        all.push(stayed.hit().unwrap());
        all.sort_unstable();
        assert_eq!(all, (0..8).collect::<Vec<_>>());
        bench.cache.validate().unwrap();
    }
}
