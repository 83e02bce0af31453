//! 45 to 65: times, expiry, flushes, the end of a cache.

use std::sync::{Arc, Mutex};

use resumption_cache::{
    CacheMode, Callbacks, Lookup, NewTimes, Refusal, Removal, RemovalReason, SetTimesError,
    Timeouts,
};
use resumption_session::{Lifetime, ProtocolVersion, SecretBytes, Session, SessionView, Timestamp};

use super::support::{Bench, HOUR, START, entries, id, lived, session};

const TICK: Lifetime = Lifetime::from_nanos(1);

fn seconds(number: u64) -> Lifetime {
    Lifetime::from_secs(number)
}

#[test]
fn case_045_valid_at_the_very_instant_and_not_one_tick_later() {
    // Each way of looking a session up.
    let ways: [fn(&Bench) -> Lookup<()>; 3] = [
        |bench| bench.context.get(&id(1)).map(drop),
        |bench| bench.context.get_with(&id(1), |_| ()),
        |bench| bench.context.take(&id(1)).map(drop),
    ];
    for way in ways {
        for (ticks, expected) in [(0, Lookup::Hit(())), (1, Lookup::Expired)] {
            let bench = Bench::new();
            bench.add(1);
            bench.clock.advance(HOUR);
            bench.clock.advance(Lifetime::from_nanos(ticks));
            assert_eq!(way(&bench), expected);
        }
    }
}

#[test]
fn case_046_a_flush_at_the_very_instant_removes_nothing() {
    let bench = Bench::new();
    bench.add(1);
    bench.clock.advance(HOUR);
    assert_eq!(bench.cache.flush_expired(), 0);
    let end = START.saturating_add(HOUR);
    assert_eq!(bench.cache.flush_expired_at(end), 0);
    assert_eq!(bench.cache.flush_expired_at(end.saturating_add(TICK)), 1);
}

/// A cache that keeps sessions of TLS 1.2 for ever, with one such session.
fn with_an_eternal_session() -> Bench {
    let timeouts = Timeouts::new().with_lineage_cap(Lifetime::NEVER);
    let bench = Bench::with(|builder| builder.timeouts(timeouts).capacity(entries(3)));
    let eternal = lived(&bench.context, 1, Lifetime::NEVER).with_version(ProtocolVersion::Tls12);
    bench.context.insert(eternal).unwrap();
    bench
}

#[test]
fn case_047_a_flush_of_everything_takes_the_eternal_too() {
    let bench = with_an_eternal_session();
    bench.add(2);
    assert_eq!(bench.cache.flush_all(), 2);
    assert!(bench.cache.is_empty());
}

/// Three sessions that end after 9 s, three after 10 s, three after 20 s.
fn three_groups() -> Bench {
    let bench = Bench::new();
    // One lap of housekeeping takes no time here: nothing leaves but by the flushes.
    bench.cache.set_mode(CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR);
    for (group, life) in [(10, 9), (20, 10), (30, 20)] {
        for number in group..group + 3 {
            bench.context.insert(lived(&bench.context, number, seconds(life))).unwrap();
        }
    }
    bench
}

#[test]
fn case_048_a_flush_removes_exactly_the_expired() {
    let bench = three_groups();
    for (at, flushed) in [(9, 0), (10, 3), (11, 3), (20, 0), (21, 3)] {
        bench.clock.set(START.saturating_add(seconds(at)));
        assert_eq!(bench.cache.flush_expired(), flushed, "after {at} s");
    }
    assert!(bench.cache.is_empty());
    // The same by a time that is given, whatever the clock says.
    let bench = three_groups();
    for (at, flushed) in [(9, 0), (10, 3), (11, 3), (20, 0), (21, 3)] {
        let then = START.saturating_add(seconds(at));
        assert_eq!(bench.cache.flush_expired_at(then), flushed, "at {at} s");
    }
}

#[test]
fn case_049_an_eternal_session_survives_the_last_flush() {
    let bench = with_an_eternal_session();
    assert_eq!(bench.cache.flush_expired_at(Timestamp::END_OF_TIME), 0);
    bench.clock.set(Timestamp::END_OF_TIME);
    assert_eq!(bench.cache.flush_expired(), 0);
    assert!(bench.finds(1));
}

#[test]
fn case_050_the_end_of_a_life_saturates() {
    let bench = with_an_eternal_session();
    let late = Timestamp::from_nanos(u64::MAX - 5);
    bench.clock.set(late);
    let end = bench.context.get_with(&id(1), |session| session.ends());
    assert_eq!(end, Lookup::Hit(Timestamp::END_OF_TIME));
    let later = lived(&bench.context, 2, HOUR);
    assert_eq!(later.view().ends(), Timestamp::END_OF_TIME);
    bench.context.insert(later).unwrap();
    bench.clock.set(Timestamp::END_OF_TIME);
    assert!(bench.finds(2));
}

#[test]
fn case_051_seconds_do_not_wrap_to_a_fraction() {
    assert_eq!(Lifetime::from_openssl_seconds(18_446_744_074), Ok(Lifetime::NEVER));
    assert_eq!(Lifetime::from_openssl_seconds(i64::MAX), Ok(Lifetime::NEVER));
}

#[test]
fn case_052_a_negative_timeout_is_neither_never_nor_at_once() {
    let bench = Bench::new();
    let wanted = Lifetime::from_openssl_seconds(-1);
    assert_eq!(wanted.unwrap_err().given(), -1);
    assert_eq!(bench.cache.timeout(), seconds(7200));
}

#[test]
fn case_053_a_timeout_of_zero_is_the_default() {
    let bench = Bench::new();
    assert_eq!(bench.cache.set_timeout(Lifetime::ZERO), seconds(7200));
    assert_eq!(bench.cache.timeout(), Lifetime::ZERO);
    assert_eq!(bench.cache.timeouts().for_new_session(), seconds(7200));
}

#[test]
fn case_054_the_default_is_7200_seconds_and_a_session_states_its_own() {
    let bench = Bench::new();
    assert_eq!(bench.cache.timeout(), seconds(7200));
    assert_eq!(bench.cache.timeouts().for_new_session(), seconds(7200));
    assert_eq!(session(&bench.context, 1).view().lifetime(), HOUR);
}

#[test]
fn case_055_a_negative_lifetime_is_refused_and_changes_nothing() {
    let bench = Bench::new();
    bench.add(1);
    let wanted = Lifetime::from_openssl_seconds(-5);
    assert_eq!(wanted.unwrap_err().given(), -5);
    // What is not there has no times to set.
    let absent = bench.context.set_times(&id(2), NewTimes::lifetime(HOUR));
    assert_eq!(absent.unwrap_err(), SetTimesError::Absent);
    let kept = bench.context.get_with(&id(1), |session| (session.created(), session.lifetime()));
    assert_eq!(kept, Lookup::Hit((START, HOUR)));
}

#[test]
fn case_056_setting_a_time_gives_the_session_as_it_is_then() {
    let bench = Bench::new();
    bench.add(1);
    bench.advance(60);
    let minute = START.saturating_add(seconds(60));
    let changed = bench.context.set_times(&id(1), NewTimes::created(minute)).unwrap();
    assert_eq!((changed.created(), changed.lifetime()), (minute, HOUR));
    // Zero is a time like any: long ago.
    let ancient = bench.context.set_times(&id(1), NewTimes::created(Timestamp::EPOCH)).unwrap();
    assert_eq!(ancient.created(), Timestamp::EPOCH);
    assert_eq!(bench.context.get_with(&id(1), |_| ()), Lookup::Expired);
}

#[test]
fn case_057_a_new_timeout_leaves_cached_sessions_alone() {
    let bench = Bench::new();
    bench.add(1);
    bench.cache.set_timeout(seconds(1));
    assert_eq!(bench.context.get_with(&id(1), |session| session.lifetime()), Lookup::Hit(HOUR));
    bench.clock.advance(HOUR);
    assert!(bench.finds(1));
}

#[test]
fn case_058_each_flushed_session_is_reported_once_and_resumes_no_more() {
    let bench = Bench::new();
    for number in 0..5 {
        bench.add(number);
    }
    let held = bench.context.get(&id(3)).hit().unwrap();
    assert_eq!(bench.cache.flush_all(), 5);
    assert!(!held.is_resumable());
    let mut told = bench.log.all_for(RemovalReason::Flushed);
    told.sort_unstable();
    assert_eq!(told, [0, 1, 2, 3, 4]);
}

#[test]
fn case_059_a_flush_reports_in_no_order_but_each_once() {
    let bench = Bench::new();
    for number in 1..=40 {
        bench.context.insert(lived(&bench.context, number, seconds(number))).unwrap();
    }
    bench.clock.advance(HOUR);
    assert_eq!(bench.cache.flush_expired(), 40);
    let mut told = bench.log.all_for(RemovalReason::Expired);
    told.sort_unstable();
    assert_eq!(told, (1..=40).collect::<Vec<_>>());
}

#[test]
fn case_060_the_end_of_the_last_owner_reports_every_session() {
    let Bench { cache, context, clock: _, log } = Bench::new();
    for number in 0..3 {
        context.insert(session(&context, number)).unwrap();
    }
    drop(cache);
    assert_eq!(log.drain(), [], "a connection still has the context");
    drop(context);
    let mut told = log.all_for(RemovalReason::ShutDown);
    told.sort_unstable();
    assert_eq!(told, [0, 1, 2]);
}

#[test]
fn case_061_what_belongs_to_the_context_is_readable_in_that_callback() {
    let bench = Bench::new();
    let seen: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let (user_data, told) = ("the user's own data".to_owned(), Arc::clone(&seen));
    bench.cache.set_callbacks(Callbacks::none().on_remove(move |removal: Removal<'_>| {
        assert_eq!(user_data, "the user's own data");
        told.lock().unwrap().push(removal.context.as_bytes().to_vec());
    }));
    bench.add(1);
    drop(bench);
    assert_eq!(*seen.lock().unwrap(), [b"plain".to_vec()]);
}

#[test]
fn case_062_a_lookup_of_an_expired_session_removes_and_reports_it() {
    let bench = Bench::new();
    bench.add(1);
    bench.clock.advance(HOUR);
    bench.clock.advance(TICK);
    assert_eq!(bench.context.get_with(&id(1), |_| ()), Lookup::Expired);
    let counted = bench.cache.stats().openssl();
    assert_eq!((counted.timeouts, counted.hits, counted.number), (1, 0, 0));
    assert_eq!(bench.log.all_for(RemovalReason::Expired), [1]);
}

#[test]
fn case_065_a_clock_that_is_set_back_lengthens_no_life() {
    let bench = Bench::new();
    bench.advance(3600);
    bench.add(1);
    bench.clock.set(START);
    let refused = Lookup::Refused(Refusal::FromTheFuture);
    assert_eq!(bench.context.get_with(&id(1), |_| ()), refused);
    // Nor does one enter that was made by a clock ahead of ours.
    let ahead = Session::new(
        id(2),
        *bench.context.bytes(),
        START.saturating_add(seconds(1)),
        HOUR,
        SecretBytes::new(vec![0; 8]),
    );
    assert!(bench.context.insert(ahead).is_err());
    // When the clock has caught up, the life is as long as it was.
    bench.advance(2 * 3600);
    let ends = bench.context.get_with(&id(1), |session: SessionView<'_>| session.ends());
    assert_eq!(ends, Lookup::Hit(START.saturating_add(seconds(2 * 3600))));
}
