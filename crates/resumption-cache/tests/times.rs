//! The times of a session that is cached can be changed, in one step; and what is too old at a time can be
//! flushed.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::{HOUR, Log, START, assert_adds_up, build, context, id, lived, number, plain, session};
use resumption_cache::{
    CacheMode, InsertRefusal, Inserted, Lookup, NewTimes, Refusal, RemovalReason, SetTimesError,
};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, Timestamp, Usage,
};

const MINUTE: Lifetime = Lifetime::from_secs(60);

fn after(span: Lifetime) -> Timestamp {
    START.saturating_add(span)
}

#[test]
fn a_shorter_timeout_ends_a_cached_session_and_a_longer_one_prolongs_it() {
    let (cache, context, clock) = plain(10);
    context.insert(session(&context, 1)).expect("room");
    context.insert(session(&context, 2)).expect("room");
    let short = context.set_times(&id(1), NewTimes::lifetime(MINUTE)).expect("cached");
    assert_eq!((short.created(), short.lifetime(), short.is_resumable()), (START, MINUTE, true));
    let twice = Lifetime::from_secs(7200);
    context.set_times(&id(2), NewTimes::lifetime(twice)).expect("cached");

    clock.set(after(MINUTE));
    assert!(context.get(&id(1)).is_hit(), "valid at the very instant");
    clock.set(after(MINUTE).saturating_add(Lifetime::from_nanos(1)));
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Expired);
    clock.set(after(twice));
    let lifetime =
        context.get_with(&id(2), |session| (session.lifetime(), number(session.payload())));
    assert_eq!(lifetime, Lookup::Hit((twice, 2)));
    assert_adds_up(&cache);
}

#[test]
fn a_life_can_begin_at_another_time_and_not_in_the_future() {
    let (cache, context, clock) = plain(10);
    clock.set(after(HOUR));
    context.insert(session(&context, 1)).expect("room");
    let earlier = after(Lifetime::from_secs(60));
    context.set_times(&id(1), NewTimes::created(earlier)).expect("cached");
    clock.set(earlier.saturating_add(HOUR));
    assert!(context.get(&id(1)).is_hit());
    let tomorrow = context.now().saturating_add(MINUTE);
    let answer = context.set_times(&id(1), NewTimes::created(tomorrow));
    assert_eq!(answer.err(), Some(SetTimesError::FromTheFuture));
    clock.advance(Lifetime::from_nanos(1));
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Expired, "nothing had changed");
    assert_adds_up(&cache);
}

#[test]
fn both_times_change_in_one_step_and_the_caps_hold() {
    let (_, context, clock) = plain(10);
    let forever = NewTimes::created(START).with_lifetime(Lifetime::NEVER);
    let tls13 = session(&context, 1).with_version(ProtocolVersion::Tls13);
    context.insert(tls13).expect("room");
    context.set_times(&id(1), forever).expect("cached");
    let week = Lifetime::from_secs(604_800);
    clock.set(after(week));
    assert!(context.get(&id(1)).is_hit());
    clock.advance(Lifetime::from_nanos(1));
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Expired, "RFC 8446: a week");
}

#[test]
fn a_session_keeps_all_else_when_its_times_change() {
    let (cache, context, _) = plain(10);
    let large = vec![7; 4000];
    let made = Session::new(id(1), *context.bytes(), START, HOUR, SecretBytes::new(large.clone()))
        .with_version(ProtocolVersion::Tls12)
        .with_usage(Usage::SingleUse)
        .with_authenticated_at(START);
    context.insert(made).expect("room");
    let bytes = cache.stats().bytes;
    context.set_times(&id(1), NewTimes::lifetime(MINUTE)).expect("cached");
    assert_eq!((cache.len(), cache.stats().bytes), (1, bytes));
    let taken = context.take(&id(1)).hit().expect("cached");
    assert_eq!(taken.payload().expose(), large);
    assert_eq!((taken.version(), taken.usage()), (Some(ProtocolVersion::Tls12), Usage::SingleUse));
    assert_eq!((taken.authenticated_at(), taken.lifetime()), (START, MINUTE));
    assert_adds_up(&cache);
}

#[test]
fn nobody_hears_of_it_and_nothing_is_counted() {
    let log = Log::default();
    let (cache, _) = build(|builder| builder.callbacks(log.callbacks()));
    let context = context(&cache, b"quiet");
    context.insert(session(&context, 1)).expect("room");
    let before = cache.stats();
    context.set_times(&id(1), NewTimes::lifetime(MINUTE)).expect("cached");
    let after = cache.stats();
    assert_eq!(log.drain(), []);
    assert_eq!((after.insertions, after.replaced, after.offered()), (before.insertions, 0, 0));
    assert_eq!(after.entries, 1);
}

#[test]
fn what_is_not_there_has_no_times_to_change() {
    let (cache, context, clock) = plain(10);
    let other = common::context(&cache, b"other");
    let times = NewTimes::lifetime(MINUTE);
    let absent = Some(SetTimesError::Absent);
    assert_eq!(context.set_times(&id(1), times).err(), absent);
    context.insert(session(&context, 1)).expect("room");
    assert_eq!(other.set_times(&id(1), times).err(), absent, "another context's");
    let tls13 = context.clone().for_version(ProtocolVersion::Tls13);
    context.insert(session(&context, 2).with_version(ProtocolVersion::Tls12)).expect("room");
    assert_eq!(tls13.set_times(&id(2), times).err(), absent, "another version's");
    clock.set(after(HOUR).saturating_add(MINUTE));
    assert_eq!(context.set_times(&id(1), times).err(), absent, "expired");
    context.insert(session(&context, 3)).expect("room");
    context.invalidate();
    assert_eq!(context.set_times(&id(3), times).err(), absent, "invalidated");
    assert_adds_up(&cache);
}

#[test]
fn a_reference_changes_its_own_session_and_no_other() {
    let (cache, context, clock) = plain(10);
    let absent = Some(SetTimesError::Absent);
    let other = common::context(&cache, b"other");
    let times = NewTimes::lifetime(MINUTE);
    context.insert(session(&context, 1)).expect("room");
    let found = context.get(&id(1)).hit().expect("cached");
    assert_eq!(other.set_times_of(&found, times).err(), Some(SetTimesError::Absent));
    let renewed = context.set_times_of(&found, times).expect("cached");
    assert_eq!((renewed.lifetime(), found.lifetime()), (MINUTE, HOUR));
    assert!(renewed.is_resumable() && !found.is_resumable());
    // The former reference is out of date.
    assert_eq!(context.set_times_of(&found, times).err(), Some(SetTimesError::Absent));
    assert!(context.set_times_of(&renewed, NewTimes::lifetime(HOUR)).is_ok());
    // Another session has come under the id.
    let current = context.get(&id(1)).hit().expect("cached");
    context.insert(session(&context, 1)).expect("room");
    assert_eq!(context.set_times_of(&current, times).err(), Some(SetTimesError::Absent));
    assert!(context.get(&id(1)).hit().is_some_and(|session| session.lifetime() == HOUR));
    // Expired is expired, though nobody has met it: a longer life would bring it back.
    let expired = context.get(&id(1)).hit().expect("cached");
    clock.set(after(HOUR).saturating_add(MINUTE));
    let longer = NewTimes::lifetime(Lifetime::from_secs(7200));
    assert_eq!(context.set_times_of(&expired, longer).err(), absent);
    assert!(!context.get(&id(1)).is_hit());
}

#[test]
fn what_a_removal_or_a_take_ended_is_not_brought_back_by_its_times() {
    let (cache, context, _) = plain(64);
    let taken = AtomicUsize::new(0);
    for round in 0..500 {
        context.insert(session(&context, round)).expect("room");
        thread::scope(|scope| {
            let renew = |lifetime| {
                let context = &context;
                move || drop(context.set_times(&id(round), NewTimes::lifetime(lifetime)))
            };
            scope.spawn(renew(MINUTE));
            scope.spawn(renew(HOUR));
            let gone = if round % 2 == 0 {
                context.take(&id(round)).is_hit()
            } else {
                context.remove(&id(round))
            };
            taken.fetch_add(gone.into(), Ordering::Relaxed);
        });
        assert!(!context.contains(&id(round)), "it came back");
    }
    assert_eq!(taken.into_inner(), 500, "it was there all the time");
    assert_adds_up(&cache);
}

#[test]
fn two_changes_at_once_are_both_made() {
    let (cache, context, clock) = plain(64);
    clock.set(after(HOUR));
    for round in 0..500 {
        context.insert(session(&context, round)).expect("room");
        thread::scope(|scope| {
            let there = &context;
            scope.spawn(move || {
                there.set_times(&id(round), NewTimes::created(START)).expect("there")
            });
            context.set_times(&id(round), NewTimes::lifetime(MINUTE)).expect("there");
        });
        // Created an hour ago, and a minute long: only both together end it.
        assert_eq!(context.get_with(&id(round), |_| ()), Lookup::Expired);
    }
    assert_adds_up(&cache);
}

#[test]
fn updating_the_time_of_a_cached_session_is_heard_by_nobody() {
    let log = Log::default();
    let mode = CacheMode::SERVER | CacheMode::UPDATE_TIME;
    let (cache, clock) = build(|builder| builder.mode(mode).callbacks(log.callbacks()));
    let context = context(&cache, b"");
    context.insert(session(&context, 1)).expect("room");
    let held = context.get(&id(1)).hit().expect("cached");
    clock.set(after(MINUTE));
    assert_eq!(context.insert_again(&held), Ok(Inserted::Unchanged));
    assert_eq!(log.drain(), []);
    let now = context.get(&id(1)).hit().expect("cached");
    assert_eq!((now.created(), now.authenticated_at()), (after(MINUTE), START));
    // Its end moved with it: a flush at the end that it had keeps it.
    assert_eq!(cache.flush_expired_at(after(HOUR).saturating_add(Lifetime::from_secs(1))), 0);
    // What has left is not renewed, though it was the same object.
    context.remove(&id(1));
    let refused = InsertRefusal::Refused(Refusal::NotResumable);
    assert_eq!(context.insert_again(&now), Err(refused));
    assert_adds_up(&cache);
}

#[test]
fn a_flush_at_a_time_removes_what_is_over_then_and_nothing_else() {
    let log = Log::default();
    let (cache, _) = build(|builder| builder.callbacks(log.callbacks()));
    let context = context(&cache, b"flushed");
    for (number, secs) in [(1, 10), (2, 20), (3, 30)] {
        context.insert(lived(&context, number, Lifetime::from_secs(secs))).expect("room");
    }
    let at = |secs| after(Lifetime::from_secs(secs));
    assert_eq!(cache.flush_expired_at(at(10)), 0, "at its last instant it stays");
    assert_eq!(cache.flush_expired_at(at(11)), 1);
    assert_eq!(log.reasons(), [(Some(1), RemovalReason::Flushed)], "it was not too old yet");
    assert_eq!(cache.flush_expired_at(at(31)), 2);
    assert_eq!((cache.len(), cache.stats().flushed, cache.stats().expirations), (0, 3, 0));
    assert_adds_up(&cache);
}

#[test]
fn a_flush_at_a_time_in_the_past_keeps_what_was_valid_then() {
    let log = Log::default();
    let mode = CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR;
    let (cache, clock) = build(|builder| builder.mode(mode).callbacks(log.callbacks()));
    let context = context(&cache, b"flushed");
    context.insert(lived(&context, 1, Lifetime::from_secs(10))).expect("room");
    context.insert(lived(&context, 2, Lifetime::from_secs(20))).expect("room");
    clock.set(after(HOUR));
    assert_eq!(cache.flush_expired_at(after(Lifetime::from_secs(15))), 1);
    assert_eq!(log.reasons(), [(Some(1), RemovalReason::Expired)]);
    assert_eq!(cache.len(), 1);
}

#[test]
fn what_never_expires_leaves_in_a_flush_of_everything_only() {
    let caps = resumption_cache::Timeouts::new().with_lineage_cap(Lifetime::NEVER);
    let (cache, _) = build(|builder| builder.timeouts(caps));
    let context = context(&cache, b"");
    let endless = lived(&context, 1, Lifetime::NEVER).with_version(ProtocolVersion::Tls12);
    context.insert(endless).expect("room");
    assert_eq!(cache.flush_expired_at(Timestamp::from_nanos(u64::MAX)), 0);
    assert_eq!(cache.flush_all(), 1);
}

#[cfg(feature = "rayon")]
#[test]
fn a_flush_in_parallel_removes_the_same() {
    let (cache, context, _) = plain(10_000);
    for number in 0..1000 {
        let lifetime = Lifetime::from_secs(if number % 2 == 0 { 10 } else { 20 });
        context.insert(lived(&context, number, lifetime)).expect("room");
    }
    assert_eq!(cache.flush_expired_at_in_parallel(after(Lifetime::from_secs(15))), 500);
    assert_eq!((cache.len(), cache.stats().flushed), (500, 500));
}

#[test]
fn an_id_of_another_length_is_another_id() {
    let (_, context, _) = plain(10);
    for len in [1, 4, 31, 32] {
        let short = SessionId::new(&id(1).as_bytes()[..len]).expect("1 to 32 bytes");
        assert_eq!(
            context.set_times(&short, NewTimes::lifetime(MINUTE)).err(),
            Some(SetTimesError::Absent)
        );
        let payload = SecretBytes::new(len.to_le_bytes().to_vec());
        context.insert(Session::new(short, *context.bytes(), START, HOUR, payload)).expect("room");
        context.set_times(&short, NewTimes::lifetime(MINUTE)).expect("cached");
    }
}
