//! Many threads at once. No test here waits for time to pass; each asserts what must hold in every
//! interleaving.

mod common;

use std::collections::HashMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use common::{HOUR, Log, build, context, entries, id, lived, number, plain, session};
use resumption_cache::{
    CacheMode, Callbacks, Capacity, Context, InsertRefusal, Lookup, Removal, SessionCache,
};
use resumption_session::{Lifetime, ProtocolVersion, SecretBytes, SecretRef, Session, Usage};

/// Numbers that differ from thread to thread and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Inserts as often as it takes: on a busy machine, a reader may be stopped within a lookup while
/// others run, and then what has left cannot be freed.
fn insert(context: &Context, mut session: Session) {
    while let Err(error) = context.insert(session) {
        assert_eq!(error.why(), InsertRefusal::Stalled);
        session = error.into_session();
        thread::yield_now();
    }
}

/// Ends what waits for it, also when the test fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn of_64_threads_that_take_one_session_one_gets_it() {
    let (cache, context, _) = plain(1000);
    let checked = context.clone().for_version(ProtocolVersion::Tls13);
    let rounds = 30_u64;
    for round in 0..rounds {
        let single = session(&context, round)
            .with_usage(Usage::SingleUse)
            .with_version(ProtocolVersion::Tls13);
        context.insert(single).expect("room");
        let start = Barrier::new(64);
        let winners = AtomicUsize::new(0);
        thread::scope(|scope| {
            for thread in 0..64 {
                let (context, checked) = (&context, &checked);
                let (start, winners) = (&start, &winners);
                scope.spawn(move || {
                    start.wait();
                    let won = match thread % 4 {
                        0 => context.take(&id(round)).is_hit(),
                        1 => context.take_with(&id(round), |_| ()).is_hit(),
                        2 => checked.take(&id(round)).is_hit(),
                        _ => checked.take_with(&id(round), |_| ()).is_hit(),
                    };
                    winners.fetch_add(usize::from(won), Ordering::Relaxed);
                });
            }
        });
        assert_eq!(winners.load(Ordering::Relaxed), 1, "round {round}");
    }
    let stats = cache.stats();
    assert_eq!((stats.taken, stats.hits, stats.misses), (rounds, rounds, rounds * 63));
    common::assert_adds_up(&cache);
}

#[test]
fn a_lookup_that_begins_after_an_invalidation_finds_nothing_older() {
    let (cache, context, clock) = plain(1000);
    let generation = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let found = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    for slot in 0..16 {
                        let published = generation.load(Ordering::Acquire);
                        let of = context.get_with(&id(slot), |session| number(session.payload()));
                        if let Lookup::Hit(of) = of {
                            assert!(of >= published, "{of} after {published} was published");
                            found.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        let _ends = Ends(&stop);
        let mut last = 0_u64;
        // At least 2000 generations, and until the readers have seen something.
        while last < 2000 || found.load(Ordering::Relaxed) < 1000 {
            last += 1;
            for slot in 0..16 {
                let payload = SecretBytes::new(last.to_le_bytes().to_vec());
                let session =
                    Session::new(id(slot), *context.bytes(), context.now(), HOUR, payload);
                insert(&context, session);
            }
            clock.advance(Lifetime::from_nanos(1));
            context.invalidate();
            generation.store(last + 1, Ordering::Release);
        }
    });
    cache.flush_expired();
    assert!(cache.is_empty());
    common::assert_adds_up(&cache);
}

/// The next session's number; the same for all storms, so that no two sessions have the same.
static UNIQUE: AtomicU64 = AtomicU64::new(1 << 32);

/// A little of everything, by many threads; gives the number of lookups.
fn storm(cache: &SessionCache, threads: u64, steps: u64) -> u64 {
    let lookups = AtomicU64::new(0);
    thread::scope(|scope| {
        for thread in 0..threads {
            let lookups = &lookups;
            scope.spawn(move || {
                let contexts = [context(cache, b"shop"), context(cache, b"bank")];
                let mut numbers = Numbers(thread);
                for _ in 0..steps {
                    let context = &contexts[usize::from(numbers.below(2) == 1)];
                    let name = id(numbers.below(200));
                    let check = |payload: SecretRef<'_>| {
                        // A payload says which context and which id it belongs to.
                        let bytes = payload.expose();
                        assert_eq!(&bytes[8..40], name.as_bytes());
                        assert_eq!(&bytes[40..], context.bytes().as_bytes());
                    };
                    match numbers.below(100) {
                        0..=39 => {
                            let mut payload =
                                UNIQUE.fetch_add(1, Ordering::Relaxed).to_le_bytes().to_vec();
                            payload.extend_from_slice(name.as_bytes());
                            payload.extend_from_slice(context.bytes().as_bytes());
                            let lifetime = Lifetime::from_secs(numbers.below(20));
                            let payload = SecretBytes::new(payload);
                            let now = context.now();
                            let session =
                                Session::new(name, *context.bytes(), now, lifetime, payload);
                            // The clock may have advanced beyond its life, or the cache be off.
                            let _ = context.insert(session);
                            continue;
                        }
                        40..=69 => {
                            context.get_with(&name, |session| check(session.payload()));
                        }
                        70..=79 => {
                            if let Some(found) = context.get(&name).hit() {
                                check(found.payload());
                            }
                        }
                        80..=89 => {
                            context.take_with(&name, |session| check(session.payload()));
                        }
                        90..=94 => {
                            context.take(&name).map(|found| check(found.payload()));
                        }
                        95 => {
                            context.invalidate();
                            continue;
                        }
                        96 => {
                            cache.maintain();
                            continue;
                        }
                        97 => {
                            cache.flush_expired();
                            continue;
                        }
                        _ => {
                            context.remove(&name);
                            continue;
                        }
                    }
                    lookups.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    lookups.into_inner()
}

#[test]
fn counters_add_up_whatever_the_threads_did() {
    let (cache, clock) = build(|builder| builder.capacity(entries(150)));
    let mut offered = 0;
    for _ in 0..5 {
        offered += storm(&cache, 8, 3000);
        assert_eq!(cache.stats().offered(), offered);
        common::assert_adds_up(&cache);
        assert!(cache.len() <= 150);
        clock.advance(Lifetime::from_secs(5));
    }
    let stats = cache.stats();
    for (name, counted) in [
        ("hits", stats.hits),
        ("misses", stats.misses),
        ("expirations", stats.expirations),
        ("evictions", stats.evictions),
        ("taken", stats.taken),
        ("removals", stats.removals),
        ("replaced", stats.replaced),
        ("invalidated", stats.invalidated),
    ] {
        assert!(counted > 0, "no {name}: the storm is too calm");
    }
}

#[test]
fn each_session_that_entered_is_reported_once_when_it_leaves() {
    // What was inserted, by the number at the start of its payload; -1 for each report.
    static LEFT: std::sync::Mutex<Option<HashMap<u64, u32>>> = std::sync::Mutex::new(None);
    *LEFT.lock().expect("not poisoned") = Some(HashMap::new());
    let callbacks = Callbacks::none().on_remove(|removal: Removal<'_>| {
        let Some(session) = removal.session else { return };
        let payload = session.payload().expose();
        let number = u64::from_le_bytes(payload[..8].try_into().expect("eight bytes"));
        let mut left = LEFT.lock().expect("not poisoned");
        *left.as_mut().expect("set above").entry(number).or_default() += 1;
    });
    let (cache, clock) = build(|builder| builder.capacity(entries(100)).callbacks(callbacks));
    for _ in 0..3 {
        storm(&cache, 8, 2000);
        clock.advance(Lifetime::from_secs(5));
    }
    let insertions = cache.stats().insertions;
    assert_eq!(cache.stats().callback_panics, 0);
    drop(cache);
    let left = LEFT.lock().expect("not poisoned").take().expect("set above");
    assert_eq!(left.len() as u64, insertions, "each is reported");
    assert!(left.values().all(|times| *times == 1), "and none twice");
}

#[test]
fn everything_can_be_reconfigured_under_traffic() {
    let (cache, clock) = build(|builder| builder.capacity(entries(100)));
    let stop = AtomicBool::new(false);
    let log = Log::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            let modes = [
                CacheMode::SERVER,
                CacheMode::OFF,
                CacheMode::BOTH | CacheMode::NO_AUTO_CLEAR,
                CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP,
                CacheMode::SERVER | CacheMode::UPDATE_TIME,
            ];
            let mut numbers = Numbers(99);
            while !stop.load(Ordering::Relaxed) {
                let number = numbers.next();
                cache.set_mode(modes[usize::try_from(number % 5).expect("small")]);
                cache.set_timeout(Lifetime::from_secs(number % 100));
                cache.set_capacity(match number % 3 {
                    0 => Capacity::unlimited(),
                    _ => entries(usize::try_from(number % 200).expect("small") + 1),
                });
                if number % 2 == 0 {
                    let listening = Callbacks::none().on_remove(|_: Removal<'_>| {});
                    cache.set_callbacks(listening);
                } else {
                    cache.set_callbacks(Callbacks::none());
                }
                clock.advance(Lifetime::from_millis(number % 100));
                assert!(cache.stats().callback_panics == 0);
            }
        });
        let _ends = Ends(&stop);
        for _ in 0..3 {
            storm(&cache, 4, 3000);
        }
    });
    common::assert_adds_up(&cache);
    // And it works as ever.
    cache.set_mode(CacheMode::SERVER);
    cache.set_callbacks(log.callbacks());
    cache.set_capacity(entries(10));
    while cache.len() > 10 {
        let before = cache.len();
        cache.maintain();
        assert!(cache.len() < before, "maintenance reaches the capacity");
    }
    let context = context(&cache, b"shop");
    context.insert(session(&context, 1)).expect("room is made");
    assert_eq!(cache.stats().callback_panics, 0);
    assert_eq!(context.get_with(&id(1), |_| ()), Lookup::Hit(()));
    common::assert_adds_up(&cache);
}

#[test]
fn a_flush_of_the_expired_hides_nothing_that_is_valid() {
    let (cache, clock) = build(|builder| builder.capacity(entries(20_000)));
    let context = context(&cache, b"");
    for number in 0..20_000 {
        let lifetime = if number % 2 == 0 { HOUR } else { Lifetime::from_secs(1) };
        context.insert(lived(&context, number, lifetime)).expect("room");
    }
    clock.advance(Lifetime::from_secs(2));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..2 {
            let (context, done) = (&context, &done);
            scope.spawn(move || {
                let mut numbers = Numbers(thread);
                while !done.load(Ordering::Relaxed) {
                    let number = numbers.below(10_000) * 2;
                    let found = context.get_with(&id(number), |s| common::number(s.payload()));
                    assert_eq!(found, Lookup::Hit(number));
                    assert!(!context.get_with(&id(number + 1), |_| ()).is_hit());
                }
            });
        }
        scope.spawn(|| {
            let _ends = Ends(&done);
            cache.flush_expired();
        });
    });
    assert_eq!(cache.len(), 10_000);
    assert_eq!(cache.stats().expirations, 10_000);
    common::assert_adds_up(&cache);
}

#[test]
fn what_is_held_stays_readable_while_others_remove_it() {
    let (cache, context, _) = plain(64);
    thread::scope(|scope| {
        let spawn = |thread| {
            let context = &context;
            scope.spawn(move || {
                let mut numbers = Numbers(thread);
                for _ in 0..5000 {
                    let wanted = numbers.below(32);
                    match context.get(&id(wanted)) {
                        Lookup::Hit(held) => {
                            context.remove(&id(wanted));
                            insert(context, session(context, wanted));
                            assert_eq!(number(held.payload()), wanted);
                            assert!(!held.is_resumable());
                        }
                        _ => insert(context, session(context, wanted)),
                    }
                }
            })
        };
        // Joined one by one: a scope does not wait for threads to take their locals apart, and for that
        // they are inside the map once more.
        let threads: Vec<_> = (0..4).map(spawn).collect();
        for thread in threads {
            thread.join().expect("no panic");
        }
    });
    cache.maintain();
    assert_eq!(cache.stats().garbage, 0, "nothing is held any more");
    common::assert_adds_up(&cache);
}

#[test]
fn a_session_taken_while_its_time_is_refreshed_stays_taken() {
    let (cache, _) = build(|builder| builder.mode(CacheMode::SERVER | CacheMode::UPDATE_TIME));
    let context = context(&cache, b"");
    for round in 0..2000 {
        context.insert(session(&context, round)).expect("room");
        let start = Barrier::new(2);
        let taken = thread::scope(|scope| {
            scope.spawn(|| {
                let held = context.get(&id(round)).hit().expect("cached");
                start.wait();
                // Refreshed, or taken before: both are fine.
                let _ = context.insert_again(&held);
            });
            start.wait();
            context.take_with(&id(round), |_| ()).is_hit()
        });
        // A take in the moment of the refreshing may miss; one that hit is the end of the session.
        assert!(!(taken && context.get(&id(round)).is_hit()), "round {round}");
    }
    common::assert_adds_up(&cache);
}

#[cfg(feature = "rayon")]
#[test]
fn a_parallel_flush_does_what_the_other_does() {
    let (cache, clock) = build(|builder| builder);
    let context = context(&cache, b"");
    for number in 0..10_000 {
        let lifetime = if number % 2 == 0 { HOUR } else { Lifetime::from_secs(1) };
        context.insert(lived(&context, number, lifetime)).expect("room");
    }
    clock.advance(Lifetime::from_secs(2));
    assert_eq!(cache.flush_expired_in_parallel(), 5000);
    assert_eq!(cache.flush_all_in_parallel(), 5000);
    assert!(cache.is_empty());
    let stats = cache.stats();
    assert_eq!((stats.expirations, stats.flushed), (5000, 5000));
}
