//! What the cache does, one thread at a time: modes, times, capacity, reasons, contexts.

mod common;

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::{HOUR, Log, START, build, context, entries, id, lived, number, plain, session};
use resumption_cache::{
    BuildError, CacheMode, Callbacks, Capacity, InsertRefusal, Inserted, Limits, Lookup, Refusal,
    RemovalReason, Retention, Role, SessionCache, Timeouts,
};
use resumption_session::{Lifetime, ProtocolVersion, SecretBytes, SessionView, Timestamp, Usage};

#[test]
fn the_defaults_are_openssls() {
    let cache = SessionCache::builder().build().expect("a possible shape");
    assert_eq!(cache.mode(), CacheMode::SERVER);
    assert_eq!(cache.timeout(), Lifetime::from_secs(7200));
    assert_eq!(cache.capacity(), entries(20_480));
}

#[test]
fn setters_give_the_former_value_back() {
    let (cache, _, _) = plain(10);
    assert_eq!(cache.set_mode(CacheMode::BOTH), CacheMode::SERVER);
    assert_eq!(cache.set_mode(CacheMode::OFF), CacheMode::BOTH);
    assert_eq!(cache.set_timeout(Lifetime::ZERO), Lifetime::from_secs(7200));
    assert_eq!(cache.timeout(), Lifetime::ZERO);
    assert_eq!(cache.timeouts().for_new_session(), Lifetime::from_secs(7200));
    assert_eq!(cache.set_capacity(Capacity::unlimited()), entries(10));
    assert_eq!(cache.set_capacity(entries(5)), Capacity::unlimited());
}

#[test]
fn an_impossible_shape_is_refused() {
    let error = SessionCache::builder().shards(3).build().expect_err("not a power of two");
    assert_eq!(error, BuildError::Shards { shards: 3 });
    let error = SessionCache::builder().expected(usize::MAX).build().expect_err("no memory");
    assert_eq!(error, BuildError::TooLarge);
}

#[test]
fn the_same_bytes_are_the_same_context_and_others_never_see_its_sessions() {
    let (cache, _, _) = plain(10);
    let (shop, again, bank) =
        (context(&cache, b"shop"), context(&cache, b"shop"), context(&cache, b"bank"));
    shop.insert(session(&shop, 1)).expect("room");
    assert!(again.get(&id(1)).is_hit());
    assert_eq!(bank.get_with(&id(1), |_| ()), Lookup::Miss);
    assert!(!bank.take(&id(1)).is_hit());
    assert!(!bank.remove(&id(1)));
    let error = bank.insert(session(&shop, 1)).expect_err("another context's");
    assert_eq!(error.why(), InsertRefusal::Refused(Refusal::Context));
    // The same id in both: two sessions.
    bank.insert(session(&bank, 1)).expect("room");
    assert_eq!(cache.len(), 2);
    bank.remove(&id(1));
    assert!(shop.get(&id(1)).is_hit(), "the entry of its own context stays");
}

#[test]
fn a_capacity_of_n_holds_n_and_a_new_session_is_never_its_own_victim() {
    for capacity in [1, 2, 3, 5, 100, 1000] {
        let (cache, context, _) = plain(capacity);
        for number in 0..capacity as u64 {
            context.insert(session(&context, number)).expect("room");
        }
        assert_eq!(cache.len(), capacity);
        assert_eq!(cache.stats().evictions, 0, "capacity {capacity}");
        for number in 0..capacity as u64 {
            assert!(context.get(&id(number)).is_hit());
        }
        // It would be the first to expire, and stays all the same.
        let brief = lived(&context, 1_000_000, Lifetime::from_secs(1));
        assert_eq!(context.insert(brief).expect("room is made"), Inserted::New);
        assert!(context.get(&id(1_000_000)).is_hit());
        assert_eq!((cache.len(), cache.stats().evictions), (capacity, 1));
    }
}

#[test]
fn a_smaller_capacity_is_reached_in_small_steps() {
    let (cache, context, _) = plain(2000);
    for number in 0..2000 {
        context.insert(session(&context, number)).expect("room");
    }
    cache.set_capacity(entries(10));
    assert!(context.get(&id(0)).is_hit());
    assert_eq!(cache.len(), 2000, "a lookup evicts nothing");
    let before = cache.len();
    context.insert(session(&context, 5000)).expect("room is made");
    assert!(cache.len() < before && cache.len() > before - 10, "bounded work");
    for _ in 0..10 {
        cache.maintain();
    }
    assert_eq!(cache.len(), 10);
}

#[test]
fn unlimited_means_unlimited() {
    let (cache, _) = build(|builder| builder.capacity(Capacity::unlimited()).expected(100));
    let context = context(&cache, b"");
    for number in 0..20_000 {
        assert_eq!(context.insert(session(&context, number)).expect("room"), Inserted::New);
    }
    assert_eq!((cache.len(), cache.stats().evictions), (20_000, 0));
}

#[test]
fn a_bound_in_bytes_is_kept_and_says_what_cannot_fit() {
    let bound = NonZeroU64::new(1 << 20).expect("not zero");
    let (cache, _) = build(|builder| builder.capacity(Capacity::unlimited().with_bytes(bound)));
    let context = context(&cache, b"");
    let large = |number| session_with_payload(&context, number, vec![0; 8000]);
    for number in 0..1000 {
        context.insert(large(number)).expect("others are evicted");
        assert!(cache.stats().bytes <= bound.get());
    }
    let held = cache.len();
    assert!(held > 100, "only {held} of 8 kB in 1 MiB");
    assert!(cache.stats().evictions > 0);

    let tiny = NonZeroU64::new(4000).expect("not zero");
    let (cache, _) = build(|builder| builder.capacity(Capacity::default().with_bytes(tiny)));
    let context = common::context(&cache, b"");
    let session = session_with_payload(&context, 1, vec![7; 8000]);
    let error = context.insert(session).expect_err("it alone is too much");
    assert_eq!(error.why(), InsertRefusal::TooHeavy);
    assert_eq!(error.into_session().payload().expose(), [7; 8000], "given back whole");
    assert_eq!(cache.stats().rejected.too_heavy, 1);
}

fn session_with_payload(
    context: &resumption_cache::Context,
    number: u64,
    payload: Vec<u8>,
) -> resumption_session::Session {
    let payload = SecretBytes::new(payload);
    resumption_session::Session::new(id(number), *context.bytes(), context.now(), HOUR, payload)
}

#[test]
fn payloads_of_every_size_come_back_and_weigh_what_they_take() {
    let (cache, _) = build(|builder| builder.payload_in_place(100));
    let context = context(&cache, b"");
    let payload = |len: usize| -> Vec<u8> { (0_u8..=250).cycle().take(len).collect() };
    // Where a payload no longer fits its entry: 120 bytes of whole lines.
    let in_place = 256 - 120;
    for len in [0, 1, 100, in_place, in_place + 1, 5000] {
        let before = cache.stats().bytes;
        context.insert(session_with_payload(&context, len as u64, payload(len))).expect("room");
        let apart = if len > in_place { len as u64 } else { 0 };
        assert_eq!(cache.stats().bytes - before, (256 + 16 + apart).next_multiple_of(16), "{len}");
    }
    for len in [0, 1, 100, in_place, in_place + 1, 5000] {
        let id = id(len as u64);
        let found = context.get_with(&id, |session| session.payload().expose().to_vec());
        assert_eq!(found.hit(), Some(payload(len)), "lent");
        let held = context.get(&id).hit().expect("cached");
        assert_eq!(held.payload().expose(), payload(len), "held");
        let taken = context.take_with(&id, |session| session.payload().expose().to_vec());
        assert_eq!(taken.hit(), Some(payload(len)), "taken");
        assert_eq!(held.to_session().payload().expose(), payload(len), "still held");
    }
    assert_eq!(cache.stats().bytes, 0);
}

#[test]
fn a_payload_beyond_the_limit_is_refused() {
    let (cache, _) = build(|builder| builder.limits(Limits::new().with_max_payload(10)));
    let context = context(&cache, b"");
    context.insert(session_with_payload(&context, 1, vec![0; 10])).expect("just fits");
    let error =
        context.insert(session_with_payload(&context, 2, vec![0; 11])).expect_err("too large");
    assert_eq!(error.why(), InsertRefusal::Refused(Refusal::TooLarge));
    assert_eq!(cache.stats().rejected.too_large, 1);
}

#[test]
fn a_session_is_valid_at_the_very_instant_and_not_one_tick_later() {
    let log = Log::default();
    let (cache, clock) = build(|builder| builder.callbacks(log.callbacks()));
    let context = context(&cache, b"");
    context.insert(session(&context, 1)).expect("room");
    clock.advance(HOUR);
    assert!(context.get(&id(1)).is_hit());
    clock.advance(Lifetime::from_nanos(1));
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Expired);
    assert_eq!(log.reasons(), [(Some(1), RemovalReason::Expired)]);
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Miss, "it has left");
    let stats = cache.stats();
    assert_eq!((stats.expired, stats.expirations, stats.misses), (1, 1, 1));
}

#[test]
fn thirty_days_later_nothing_resumes() {
    for sweeps in [CacheMode::SERVER, CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR] {
        let (cache, clock) = build(|builder| builder.mode(sweeps));
        let context = context(&cache, b"");
        for number in 0..1000 {
            // As long as anything may live: a week, by RFC 8446, whatever is asked for.
            let session = lived(&context, number, Lifetime::NEVER);
            context.insert(session).expect("room");
        }
        clock.advance(Lifetime::from_secs(30 * 86_400));
        for number in 0..1000 {
            let found = if number % 2 == 0 {
                context.get_with(&id(number), |_| ())
            } else {
                context.take_with(&id(number), |_| ())
            };
            assert!(matches!(found, Lookup::Expired | Lookup::Miss));
        }
        assert_eq!(cache.stats().hits, 0);
        common::assert_adds_up(&cache);
    }
}

#[test]
fn a_lineage_ends_though_its_sessions_are_young() {
    let (cache, clock) = build(|builder| builder);
    let context = context(&cache, b"");
    let mut session_number = 0;
    // A client that comes back every day, and is issued a new session each time.
    for day in 0..9 {
        session_number += 1;
        let session = lived(&context, session_number, Lifetime::from_secs(2 * 86_400))
            .with_authenticated_at(START);
        match context.insert(session) {
            Ok(_) => assert!(day <= 7),
            Err(error) => {
                assert!(day > 7, "day {day}");
                assert_eq!(error.why(), InsertRefusal::Refused(Refusal::Policy));
            }
        }
        if day == 7 {
            assert!(context.get(&id(session_number)).is_hit(), "to the very end");
        }
        clock.advance(Lifetime::from_secs(86_400));
        if day == 7 {
            assert_eq!(context.get_with(&id(session_number), |_| ()), Lookup::Expired);
        }
    }
}

#[test]
fn a_clock_that_is_set_back_resumes_nothing_from_the_future() {
    let (cache, context, clock) = plain(10);
    context.insert(session(&context, 1)).expect("room");
    clock.set(Timestamp::from_unix_secs(START.as_unix_secs() - 10));
    let refused = Lookup::Refused(Refusal::FromTheFuture);
    assert_eq!(context.get_with(&id(1), |_| ()), refused);
    assert_eq!(cache.stats().refused.policy, 1);
    clock.set(START);
    assert!(context.get(&id(1)).is_hit(), "it stayed");
}

#[test]
fn changing_the_timeout_leaves_cached_sessions_alone() {
    let (cache, context, clock) = plain(10);
    context.insert(session(&context, 1)).expect("room");
    cache.set_timeout(Lifetime::from_secs(1));
    clock.advance(HOUR);
    assert!(context.get(&id(1)).is_hit());
}

#[test]
fn a_replacement_leaves_exactly_one() {
    let log = Log::default();
    let (cache, _) = build(|builder| builder.callbacks(log.callbacks()));
    let context = context(&cache, b"");
    assert_eq!(context.insert(session(&context, 1)).expect("room"), Inserted::New);
    let held = context.get(&id(1)).hit().expect("cached");
    let second = session_with_payload(&context, 1, 2_u64.to_le_bytes().to_vec());
    assert_eq!(context.insert(second).expect("room"), Inserted::Replaced);
    assert_eq!(context.get_with(&id(1), |session| number(session.payload())), Lookup::Hit(2));
    assert_eq!(log.reasons(), [(Some(1), RemovalReason::Replaced)]);
    assert!(!held.is_resumable());
    assert_eq!(number(held.payload()), 1, "readable as long as it is held");
    assert_eq!(cache.len(), 1);
}

#[test]
fn the_same_object_again_changes_nothing_and_one_that_left_does_not_come_back() {
    let (cache, context, clock) = plain(10);
    context.insert(session(&context, 1)).expect("room");
    let held = context.get(&id(1)).hit().expect("cached");
    clock.advance(Lifetime::from_secs(60));
    assert_eq!(context.insert_again(&held), Ok(Inserted::Unchanged));
    assert_eq!(held.created(), START);
    assert_eq!(cache.stats().insertions, 1);

    let other = common::context(&cache, b"other");
    let refused = |refusal| Err(InsertRefusal::Refused(refusal));
    assert_eq!(other.insert_again(&held), refused(Refusal::Context));
    context.remove(&id(1));
    assert_eq!(context.insert_again(&held), refused(Refusal::NotResumable));
    let error = context.insert(held.to_session()).expect_err("a copy is no better");
    assert_eq!(error.why(), InsertRefusal::Refused(Refusal::NotResumable));
    assert_eq!(cache.stats().rejected.not_resumable, 2);
    common::assert_adds_up(&cache);
}

#[test]
fn updating_the_time_begins_a_life_anew_but_not_a_lineage() {
    let (cache, clock) = build(|builder| builder.mode(CacheMode::SERVER | CacheMode::UPDATE_TIME));
    let context = context(&cache, b"");
    let old = session(&context, 1);
    clock.advance(Lifetime::from_secs(500));
    context.insert(old).expect("room");
    let held = context.get(&id(1)).hit().expect("cached");
    assert_eq!(held.created(), context.now());
    assert_eq!(held.authenticated_at(), START);

    clock.advance(Lifetime::from_secs(3000));
    assert_eq!(context.insert_again(&held), Ok(Inserted::Unchanged));
    clock.advance(Lifetime::from_secs(3000));
    assert!(context.get(&id(1)).is_hit(), "500 s old by the refreshed time");
    assert_eq!(cache.len(), 1);
    common::assert_adds_up(&cache);
}

#[test]
fn updating_the_time_does_not_bring_back_what_was_invalidated() {
    let (cache, clock) = build(|builder| builder.mode(CacheMode::SERVER | CacheMode::UPDATE_TIME));
    let context = context(&cache, b"");
    let in_flight = session(&context, 1);
    clock.advance(Lifetime::from_secs(1));
    context.invalidate();
    let error = context.insert(in_flight).expect_err("from before the invalidation");
    assert_eq!(error.why(), InsertRefusal::Refused(Refusal::Policy));
}

#[test]
fn off_keeps_and_finds_nothing_and_lets_what_is_cached_be() {
    let (cache, context, _) = plain(10);
    context.insert(session(&context, 1)).expect("room");
    cache.set_mode(CacheMode::OFF);
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Miss);
    for error in [
        context.insert(session(&context, 2)).expect_err("off"),
        context.insert_negotiated(Role::Server, session(&context, 2)).expect_err("off"),
    ] {
        assert_eq!(error.why(), InsertRefusal::Refused(Refusal::CachingOff));
    }
    cache.set_mode(CacheMode::SERVER);
    assert!(context.get(&id(1)).is_hit());
    assert_eq!(cache.stats().rejected.caching_off, 2);
}

#[test]
fn each_role_stores_under_its_own_flag() {
    for (mode, client, server) in [
        (CacheMode::CLIENT, true, false),
        (CacheMode::SERVER, false, true),
        (CacheMode::BOTH, true, true),
    ] {
        let (cache, _) = build(|builder| builder.mode(mode));
        let context = context(&cache, b"");
        let by = |role| context.insert_negotiated(role, session(&context, 1)).is_ok();
        assert_eq!((by(Role::Client), by(Role::Server)), (client, server), "{mode:?}");
    }
}

#[test]
fn without_internal_store_only_the_new_callback_and_the_hand_store() {
    let told = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&told);
    let callbacks = Callbacks::none().on_new(move |_: SessionView<'_>| {
        count.fetch_add(1, Ordering::Relaxed);
        Retention::Keep
    });
    let mode = CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE;
    let (cache, _) = build(|builder| builder.mode(mode).callbacks(callbacks));
    let context = context(&cache, b"");
    let negotiated = context.insert_negotiated(Role::Server, session(&context, 1));
    assert_eq!(negotiated.expect("told"), Inserted::External);
    assert_eq!((cache.len(), told.load(Ordering::Relaxed)), (0, 1));
    context.insert(session(&context, 2)).expect("by hand");
    assert!(context.get(&id(2)).is_hit());
    assert_eq!(told.load(Ordering::Relaxed), 1, "not told of what comes by hand");
}

#[test]
fn without_internal_lookup_a_take_discards_the_copy_and_finds_nothing() {
    let (cache, context, _) = plain(10);
    context.insert(session(&context, 1)).expect("room");
    cache.set_mode(CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP);
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Miss);
    assert_eq!(context.take_with(&id(1), |_| ()), Lookup::Miss);
    assert_eq!((cache.len(), cache.stats().taken), (0, 1));
    assert_eq!(cache.stats().internal_misses, 0, "the cache was not asked");
    common::assert_adds_up(&cache);
}

#[test]
fn another_protocol_version_is_refused_and_stays() {
    let (cache, context, _) = plain(10);
    let session = session(&context, 1).with_version(ProtocolVersion::Tls12);
    context.insert(session).expect("room");
    let (tls12, tls13) = (
        context.clone().for_version(ProtocolVersion::Tls12),
        context.clone().for_version(ProtocolVersion::Tls13),
    );
    let refused = Lookup::Refused(Refusal::Version);
    assert_eq!(tls13.get_with(&id(1), |_| ()), refused);
    assert_eq!(tls13.take_with(&id(1), |_| ()), refused);
    assert!(tls13.take(&id(1)).map(drop) == refused);
    assert_eq!(cache.stats().refused.version, 3);
    assert!(context.get(&id(1)).is_hit(), "whoever does not ask gets it");
    assert!(tls12.take(&id(1)).is_hit());
    assert!(!tls12.take(&id(1)).is_hit());
    assert_eq!(cache.stats().taken, 1);
    common::assert_adds_up(&cache);
}

#[test]
fn a_single_use_session_is_handed_out_by_take_only() {
    let (cache, context, _) = plain(10);
    context.insert(session(&context, 1).with_usage(Usage::SingleUse)).expect("room");
    let refused = Lookup::Refused(Refusal::SingleUse);
    assert_eq!(context.get_with(&id(1), |_| ()), refused);
    assert_eq!(context.get(&id(1)).map(drop), refused);
    let taken = context.take(&id(1)).hit().expect("the first");
    assert!(!context.take(&id(1)).is_hit());
    assert!(!taken.is_resumable());
    assert!(context.insert(taken.to_session()).is_err(), "nor does a copy of it come back");
    assert_eq!(cache.stats().taken, 1);
}

#[test]
fn invalidation_is_at_once_and_for_one_context_only() {
    let log = Log::default();
    let (cache, clock) = build(|builder| builder.callbacks(log.callbacks()));
    let (shop, bank) = (context(&cache, b"shop"), context(&cache, b"bank"));
    for number in 0..100 {
        shop.insert(session(&shop, number)).expect("room");
        bank.insert(session(&bank, number)).expect("room");
    }
    let held = shop.get(&id(5)).hit().expect("cached");
    clock.advance(Lifetime::from_nanos(1));
    shop.invalidate();
    assert!(!held.is_resumable());
    for number in 0..100 {
        assert!(!shop.get(&id(number)).is_hit());
        assert!(bank.get(&id(number)).is_hit());
    }
    // What is negotiated afterwards is new.
    shop.insert(session(&shop, 5)).expect("room");
    assert!(shop.get(&id(5)).is_hit());
    cache.flush_expired();
    let gone = log.reasons();
    assert_eq!(gone.len(), 100);
    assert!(gone.iter().all(|(_, reason)| *reason == RemovalReason::Invalidated));
    assert_eq!((cache.len(), cache.stats().invalidated), (101, 100));
    common::assert_adds_up(&cache);
}

#[test]
fn flushes_count_and_report_what_they_remove() {
    let log = Log::default();
    let (cache, clock) = build(|builder| {
        builder.callbacks(log.callbacks()).mode(CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR)
    });
    let (kept, invalid) = (context(&cache, b"kept"), context(&cache, b"invalid"));
    for number in 0..30 {
        kept.insert(lived(&kept, number, Lifetime::from_secs(number))).expect("room");
        invalid.insert(session(&invalid, number)).expect("room");
    }
    clock.advance(Lifetime::from_secs(10));
    assert_eq!(cache.flush_expired(), 10, "strictly after: the one of 10 s stays");
    log.drain();
    invalid.invalidate();
    assert_eq!(cache.flush_all(), 50);
    let gone = log.reasons();
    let count = |wanted| gone.iter().filter(|(_, reason)| *reason == wanted).count();
    assert_eq!(count(RemovalReason::Flushed), 20);
    assert_eq!(count(RemovalReason::Invalidated), 30, "to be deleted elsewhere, too");
    assert!(cache.is_empty());
    let stats = cache.stats();
    assert_eq!((stats.expirations, stats.flushed, stats.invalidated), (10, 20, 30));
}

#[test]
fn a_flush_counts_the_same_with_nobody_listening() {
    let (cache, clock) =
        build(|builder| builder.mode(CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR));
    let (kept, invalid) = (context(&cache, b"kept"), context(&cache, b"invalid"));
    for number in 0..30 {
        kept.insert(lived(&kept, number, Lifetime::from_secs(number))).expect("room");
        invalid.insert(session(&invalid, number)).expect("room");
    }
    clock.advance(Lifetime::from_secs(10));
    invalid.invalidate();
    assert_eq!(cache.flush_all(), 60);
    let stats = cache.stats();
    assert_eq!((stats.expirations, stats.flushed, stats.invalidated), (10, 20, 30));
}

#[test]
fn expired_sessions_leave_by_the_way_unless_the_mode_says_otherwise() {
    let (cache, context, clock) = plain(1000);
    for number in 0..1000 {
        context.insert(session(&context, number)).expect("room");
    }
    cache.set_mode(CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR);
    clock.advance(Lifetime::from_secs(7201));
    for _ in 0..1000 {
        context.get_with(&id(1_000_000), |_| ());
    }
    assert_eq!(cache.len(), 1000, "nobody looks for them");
    cache.set_mode(CacheMode::SERVER);
    // 2000 buckets and a few, 64 a step, all of them due at once by now or in ten seconds.
    for _ in 0..100 {
        clock.advance(Lifetime::from_millis(400));
        context.get_with(&id(1_000_000), |_| ());
    }
    assert_eq!(cache.len(), 0, "lookups of something else have made them leave");
    assert_eq!(cache.stats().expirations, 1000);
}

/// A server without traffic calls `maintain` ten times a second, and that is enough.
#[test]
fn maintaining_alone_goes_round_in_a_lap() {
    let (cache, context, clock) = plain(20_480);
    for number in 0..20_480 {
        context.insert(lived(&context, number, Lifetime::from_secs(1))).expect("room");
    }
    for _tick in 0..120 {
        clock.advance(Lifetime::from_millis(100));
        cache.maintain();
    }
    assert_eq!((cache.len(), cache.stats().expirations), (0, 20_480));
}

#[test]
fn the_openssl_view_has_openssls_meanings() {
    let (cache, context, clock) = plain(1);
    context.insert(session(&context, 1)).expect("room");
    context.insert(session(&context, 2)).expect("room is made");
    context.get_with(&id(2), |_| ());
    context.get_with(&id(3), |_| ());
    let view = cache.stats().openssl();
    assert_eq!((view.number, view.hits, view.misses, view.cache_full), (1, 1, 1, 1));
    clock.advance(Lifetime::from_secs(7200));
    context.get_with(&id(2), |_| ());
    assert_eq!(cache.stats().openssl().timeouts, 1);
}

#[test]
fn caps_are_the_caches_own() {
    let timeouts = Timeouts::new().with_tls13_cap(Lifetime::from_secs(60));
    let (cache, clock) = build(|builder| builder.timeouts(timeouts));
    let context = context(&cache, b"");
    context.insert(session(&context, 1).with_version(ProtocolVersion::Tls13)).expect("room");
    context.insert(session(&context, 2).with_version(ProtocolVersion::Tls12)).expect("room");
    clock.advance(Lifetime::from_secs(61));
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Expired);
    assert!(context.get(&id(2)).is_hit());
}

#[test]
fn nothing_that_is_printed_shows_a_secret_or_an_id() {
    let (cache, context, _) = plain(10);
    context.insert(session_with_payload(&context, 1, vec![0xee; 5])).expect("room");
    let found = context.get(&id(1));
    let rejected = context.insert(session_with_payload(&context, 1, vec![0xee; 20_000]));
    let shown = format!("{cache:?} {context:?} {found:?} {rejected:?}");
    assert!(shown.contains("SecretRef(5 bytes)"), "{shown}");
    assert!(!shown.contains("238") && !shown.contains("ee, ") && !shown.contains("165"), "{shown}");
}
