//! 28 to 44: the capacity, and who has to leave.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;

use resumption_cache::{
    Callbacks, Capacity, Context, InsertRefusal, Inserted, NewTimes, Removal, RemovalReason,
    SessionCache,
};
use resumption_session::{Lifetime, SecretBytes, Session, Timestamp};

use super::support::{Bench, HOUR, START, entries, id, lived, session};

const LONG: Lifetime = Lifetime::from_secs(7200);

#[test]
fn case_028_the_default_is_20_480_and_setting_gives_the_former_back() {
    let bench = Bench::new();
    assert_eq!(bench.cache.set_capacity(entries(5)), entries(20_480));
    assert_eq!(bench.cache.capacity(), entries(5));
}

#[test]
fn case_029_a_negative_size_changes_nothing() {
    let bench = Bench::of(5);
    assert_eq!(bench.cache.set_cache_size(-1).unwrap_err().given(), -1);
    assert_eq!((bench.cache.capacity(), bench.cache.cache_size()), (entries(5), 5));
}

#[test]
fn case_030_zero_is_unlimited() {
    // The index keeps the size that it was built for, 20 480.
    let bench = Bench::new();
    assert_eq!(bench.cache.set_cache_size(0), Ok(20_480));
    for number in 0..100_000 {
        bench.add(number);
    }
    assert_eq!(bench.cache.len(), 100_000);
    assert_eq!(bench.cache.stats().openssl().cache_full, 0);
    assert_eq!(bench.log.drain(), []);
}

/// How many are held when twice as many as there is room for have come.
fn held_by(capacity: usize) -> usize {
    let bench = Bench::of(capacity);
    for number in 0..2 * capacity as u64 {
        bench.add(number);
    }
    assert_eq!(bench.found(0..2 * capacity as u64).len(), bench.cache.len());
    bench.cache.len()
}

#[test]
fn case_031_a_capacity_is_not_one_less() {
    assert_eq!([2, 3, 4, 5].map(held_by), [2, 3, 4, 5]);
}

#[test]
fn case_032_a_capacity_of_n_holds_n() {
    for capacity in [1, 2, 5, 100, 1000] {
        assert_eq!(held_by(capacity), capacity);
    }
}

#[test]
fn case_033_a_new_session_is_never_its_own_victim() {
    let bench = Bench::of(1);
    bench.add(2);
    let sooner = lived(&bench.context, 1, Lifetime::from_secs(1));
    assert_eq!(bench.context.insert(sooner).unwrap(), Inserted::New);
    assert_eq!(bench.found([1, 2]), [1]);
}

/// A full cache of `lifetimes`, in this order, which has evicted once: what is left has no credit, so
/// that only a hit keeps it. Gives the numbers that are left of the first ones.
fn settled(lifetimes: &[u64]) -> (Bench, Vec<u64>) {
    let bench = Bench::of(lifetimes.len());
    for (number, seconds) in (1..).zip(lifetimes) {
        let lifetime = Lifetime::from_secs(*seconds);
        bench.context.insert(lived(&bench.context, number, lifetime)).unwrap();
    }
    bench.add(100);
    let gone = bench.log.all_for(RemovalReason::Evicted);
    assert_eq!(gone.len(), 1);
    let left = (1..=lifetimes.len() as u64).filter(|number| !gone.contains(number)).collect();
    (bench, left)
}

/// Looks all up but `number`, which then has to leave.
fn all_but_this_are_kept(bench: &Bench, left: &[u64], number: u64) {
    for other in left.iter().filter(|other| **other != number) {
        assert!(bench.finds(*other));
    }
    bench.add(200);
    assert_eq!(bench.log.all_for(RemovalReason::Evicted), [number]);
}

#[test]
fn case_034_the_one_that_ends_first_stays_if_it_is_asked_for() {
    for _ in 0..20 {
        let (bench, left) = settled(&[30, 10, 20]);
        let ends_last = if left.contains(&1) { 1 } else { 3 };
        all_but_this_are_kept(&bench, &left, ends_last);
    }
}

#[test]
fn case_035_the_one_that_came_first_stays_if_it_is_asked_for() {
    for _ in 0..20 {
        let (bench, left) = settled(&[60, 60, 60]);
        let came_last = *left.last().unwrap();
        all_but_this_are_kept(&bench, &left, came_last);
    }
}

#[test]
fn case_036_among_equals_one_leaves() {
    for _ in 0..20 {
        let (bench, left) = settled(&[60; 8]);
        assert_eq!(left.len(), 7);
        assert_eq!(bench.cache.len(), 8);
    }
}

#[test]
fn case_037_a_smaller_capacity_is_reached_by_later_inserts() {
    let bench = Bench::of(20);
    for number in 0..20 {
        bench.add(number);
    }
    bench.cache.set_capacity(entries(4));
    assert_eq!(bench.cache.len(), 20);
    assert_eq!(bench.log.drain(), []);
    let mut inserts = 0;
    while bench.cache.len() > 4 {
        let before = bench.cache.len();
        bench.add(100 + inserts);
        inserts += 1;
        assert!(bench.cache.len() < before && inserts < 20);
    }
    assert_eq!(bench.log.all_for(RemovalReason::Evicted).len() as u64, 16 + inserts);
}

#[test]
fn case_038_lookups_and_the_same_object_again_evict_nothing() {
    let bench = Bench::of(20);
    for number in 0..20 {
        bench.add(number);
    }
    bench.cache.set_capacity(entries(4));
    let held = bench.context.get(&id(0)).hit().unwrap();
    bench.context.insert_again(&held).unwrap();
    assert_eq!(bench.found(0..20).len(), 20);
    assert_eq!(bench.cache.stats().evictions, 0);
}

#[test]
fn case_039_an_eviction_is_counted_and_reported_and_its_session_resumes_no_more() {
    let bench = Bench::of(1);
    bench.add(1);
    let victim = bench.context.get(&id(1)).hit().unwrap();
    bench.add(2);
    assert_eq!(bench.cache.stats().openssl().cache_full, 1);
    assert!(!victim.is_resumable() && !victim.to_session().view().is_resumable());
    let told = bench.log.drain();
    assert_eq!(told.len(), 1);
    // What left for want of room may live on elsewhere: the callback's view says resumable.
    assert_eq!((told[0].session, told[0].reason), (Some((1, true)), RemovalReason::Evicted));
}

/// One insert under a bound in bytes that must displace several.
#[test]
fn case_040_each_of_several_victims_is_reported_once_when_nothing_is_locked() {
    let bytes = Capacity::unlimited().with_bytes(NonZeroU64::new(20_000).unwrap());
    let bench = Bench::with(|builder| builder.capacity(bytes).shards(1));
    let cache: Arc<Mutex<Vec<usize>>> = Arc::default();
    let (listener, lens) = (bench.log.listener(), Arc::clone(&cache));
    let seen: Arc<Mutex<Option<SessionCache>>> = Arc::new(Mutex::new(Some(bench.cache.clone())));
    let weak: Weak<_> = Arc::downgrade(&seen);
    bench.cache.set_callbacks(Callbacks::none().on_remove(move |removal: Removal<'_>| {
        listener(removal);
        let Some(seen) = weak.upgrade() else { return };
        if let Some(cache) = &*seen.lock().unwrap() {
            lens.lock().unwrap().push(cache.len());
        }
    }));
    for number in 1000..1100 {
        bench.add(number);
    }
    assert!(!bench.log.drain().is_empty(), "full");
    cache.lock().unwrap().clear();
    let before = bench.cache.len();
    let large = SecretBytes::new(vec![0; 8000]);
    let made = Session::new(id(100), *bench.context.bytes(), START, HOUR, large);
    assert_eq!(bench.context.insert(made).unwrap(), Inserted::New);
    let mut gone = bench.log.all_for(RemovalReason::Evicted);
    assert!(gone.len() > 1);
    // All had left before the first was reported.
    assert!(cache.lock().unwrap().iter().all(|len| *len == before + 1 - gone.len()));
    gone.sort_unstable();
    gone.dedup();
    assert_eq!(gone.len(), before + 1 - bench.cache.len());
}

#[test]
fn case_041_a_lookup_saves_a_session_from_the_next_eviction() {
    for _ in 0..20 {
        let (bench, left) = settled(&[60; 4]);
        for unlucky in &left[..1] {
            all_but_this_are_kept(&bench, &left, *unlucky);
        }
    }
}

/// Inserts as often as it takes: a thread stopped within an operation holds up reclamation.
fn insert(context: &Context, mut session: Session) {
    while let Err(error) = context.insert(session) {
        assert_eq!(error.why(), InsertRefusal::Stalled);
        session = error.into_session();
        thread::yield_now();
    }
}

#[test]
fn case_042_threads_that_add_at_the_limit_stay_within_it() {
    const LIMIT: usize = 100;
    let bench = Bench::of(LIMIT);
    let (done, most) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let (bench, done, most) = (&bench, &done, &most);
        let adding: Vec<_> = (0..4)
            .map(|thread| {
                scope.spawn(move || {
                    for number in 0..2000 {
                        insert(&bench.context, session(&bench.context, thread * 10_000 + number));
                    }
                })
            })
            .collect();
        scope.spawn(move || {
            while !done.load(Ordering::Relaxed) {
                most.fetch_max(bench.cache.len(), Ordering::Relaxed);
            }
        });
        let ended: Vec<_> = adding.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok));
    });
    assert!(most.load(Ordering::Relaxed) <= LIMIT + 4, "{most:?}");
    assert_eq!(bench.cache.len(), LIMIT);
}

#[test]
fn case_043_a_cached_session_gets_other_times_and_ends_by_them() {
    let bench = Bench::new();
    for number in 1..=3 {
        bench.add(number);
    }
    let second = Lifetime::from_secs(1);
    bench.context.set_times(&id(1), NewTimes::lifetime(second)).unwrap();
    let later = bench.context.set_times(&id(2), NewTimes::created(START).with_lifetime(LONG));
    assert_eq!(later.unwrap().lifetime(), LONG);
    bench.clock.advance(second);
    assert_eq!(bench.cache.flush_expired(), 0);
    bench.clock.advance(second);
    assert_eq!(bench.cache.flush_expired(), 1);
    assert_eq!(bench.log.all_for(RemovalReason::Expired), [1]);
    bench.clock.advance(HOUR);
    assert_eq!(bench.found(1..=3), [2]);
}

#[test]
fn case_044_changing_the_time_of_a_copy_touches_no_cache() {
    let bench = Bench::new();
    bench.add(1);
    let copy = bench.context.get(&id(1)).hit().unwrap().to_session();
    let changed = copy.with_created(Timestamp::from_unix_secs(5));
    assert_ne!(changed.view().created(), START);
    let kept = bench.context.get_with(&id(1), |session| session.created());
    assert_eq!(kept.hit(), Some(START));
}
