//! Several threads: what must hold under any race. The exhaustive counterparts are the models in
//! `loom-tests/`; these run larger.

#![allow(clippy::disallowed_types, reason = "the test's own counters, not the map's")]

mod common;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use common::{FOREVER, bounded, key, put, put_patiently};
use resumption_map::{Cause, Departures, Map, MapConfig, NewEntry, RefusedWhy, Verdict};

const ROUNDS: u64 = if cfg!(miri) { 3 } else { 300 };

/// Replacements of the key that is always there.
const REPLACEMENTS: u64 = if cfg!(miri) { 100 } else { 300_000 };

/// Inserts beside a reader that stands still; the first few hundred find memory.
const ATTEMPTS: u64 = if cfg!(miri) { 500 } else { 10_000 };

/// A scope ends when its threads' closures have; a thread that takes its locals apart is pinned once
/// more, and only a join waits for that.
fn wait_for_the_end_of<'scope>(
    threads: impl IntoIterator<Item = thread::ScopedJoinHandle<'scope, ()>>,
) {
    for thread in threads {
        thread.join().expect("no panic");
    }
}

#[test]
fn one_of_64_takers_wins() {
    let map = Arc::new(bounded::<u64>(10));
    let takers = if cfg!(miri) { 4 } else { 64 };
    for round in 0..ROUNDS.min(50) {
        put(&map, round, round).expect("room");
        let barrier = Arc::new(Barrier::new(takers));
        let winners: usize = thread::scope(|scope| {
            let handles: Vec<_> = (0..takers)
                .map(|_| {
                    let (map, barrier) = (&map, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        let mut departures = Departures::counting();
                        map.take(key(round), 0, &mut departures).hit().is_some()
                    })
                })
                .collect();
            handles.into_iter().map(|h| usize::from(h.join().expect("no panic"))).sum()
        });
        assert_eq!(winners, 1, "round {round}");
    }
}

#[test]
fn a_key_that_is_always_replaced_is_always_there() {
    let map = bounded::<u64>(10);
    put(&map, 1, 0).expect("room");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for value in 1..REPLACEMENTS {
                put_patiently(&map, key(1), value, &mut Departures::counting());
            }
            done.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            let mut last = 0;
            while !done.load(Ordering::Acquire) {
                let seen = common::read(&map, 1).expect("never a gap");
                assert!(seen >= last, "went back from {last} to {seen}");
                last = seen;
            }
        });
    });
    assert_eq!(map.len(), 1);
}

/// Every entry that was inserted has departed once with one cause, was taken once, or is still there.
#[test]
fn the_books_balance_under_everything_at_once() {
    let capacity = 500;
    let map = bounded::<u64>(capacity);
    let inserted = AtomicU64::new(0);
    let departed = AtomicU64::new(0);
    let threads = if cfg!(miri) { 2 } else { 8 };
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads)
            .map(|thread| {
                let (map, inserted, departed) = (&map, &inserted, &departed);
                scope.spawn(move || {
                    let mut random = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(thread + 1);
                    let mut departures = Departures::counting();
                    let mut taken = 0;
                    for _ in 0..ROUNDS * 200 {
                        random ^= random << 13;
                        random ^= random >> 7;
                        random ^= random << 17;
                        let (id, now) = (random % 2_000, random >> 54);
                        match (random >> 32) % 10 {
                            0..=4 => {
                                let entry = NewEntry {
                                    value: id,
                                    expires: now + 100,
                                    weight: 33,
                                    credit: 1,
                                    bytes: &[],
                                };
                                match map.insert(key(id), entry, now, &mut departures) {
                                    Ok(_) => _ = inserted.fetch_add(1, Ordering::Relaxed),
                                    Err(refused) => assert_eq!(refused.why, RefusedWhy::Reclaim),
                                }
                            }
                            5 | 6 => {
                                let found =
                                    map.take_with(key(id), now, &mut departures, |e| *e.value());
                                if let Some(value) = found.hit() {
                                    assert_eq!(value, id);
                                    taken += 1;
                                }
                            }
                            7 => _ = map.remove(key(id), &mut departures),
                            8 => {
                                let found = map.get(key(id), now, &mut departures);
                                assert!(found.hit().is_none_or(|handle| *handle == id));
                            }
                            _ => {
                                let verdict = |e: resumption_map::EntryView<'_, u64>| {
                                    if e.value() % 64 == 0 {
                                        Verdict::Remove
                                    } else {
                                        Verdict::Keep
                                    }
                                };
                                _ = map.sweep(64, now, verdict, &mut departures);
                            }
                        }
                        assert!(map.len() <= capacity);
                    }
                    let causes = [
                        Cause::Condemned,
                        Cause::Evicted,
                        Cause::Expired,
                        Cause::Removed,
                        Cause::Replaced,
                    ];
                    let counted: u64 = causes.iter().map(|cause| departures.count(*cause)).sum();
                    departed.fetch_add(counted + taken, Ordering::Relaxed);
                })
            })
            .collect();
        wait_for_the_end_of(all);
    });
    assert_eq!(map.validate(), Ok(()));
    let live = map.snapshot().count();
    assert_eq!(map.len(), live, "count = live entries at rest");
    assert_eq!(map.weight(), 48 * live as u64);
    assert_eq!(inserted.into_inner(), departed.into_inner() + live as u64);
    assert_eq!(map.maintain(), 0);
    assert_eq!(map.validate(), Ok(()));
}

#[test]
fn kept_departures_are_each_reported_once() {
    let map = bounded::<u64>(64);
    let next = AtomicU64::new(0);
    let seen: Vec<AtomicU64> = (0..ROUNDS * 100).map(|_| AtomicU64::new(0)).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let value = next.fetch_add(1, Ordering::Relaxed);
                    if value >= seen.len() as u64 {
                        break;
                    }
                    let mut departures = Departures::keeping();
                    // Few keys: replacements and evictions race for the same entries.
                    put_patiently(&map, key(value % 97), value, &mut departures);
                    for (cause, handle) in departures.drain() {
                        assert!(matches!(cause, Cause::Evicted | Cause::Replaced));
                        let index = usize::try_from(*handle).expect("small");
                        seen[index].fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(map.validate(), Ok(()));
    for handle in map.snapshot() {
        seen[usize::try_from(*handle).expect("small")].fetch_add(1, Ordering::Relaxed);
    }
    for (value, count) in seen.iter().enumerate() {
        assert_eq!(count.load(Ordering::Relaxed), 1, "value {value}");
    }
}

/// A thread that stands still inside a lookup: inserts are refused, memory does not grow, and all is well
/// when it moves on.
#[test]
fn a_stalled_reader_costs_refused_inserts_and_not_memory() {
    let config =
        MapConfig::bounded(NonZeroUsize::new(100).expect("100")).shards(1).garbage_limit(200);
    let map: Map<u64> = Map::new(config).expect("shape");
    put(&map, 0, 0).expect("room");
    let (inside, leave) = (Barrier::new(2), Barrier::new(2));
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut departures = Departures::counting();
            let found = map.get_with(key(0), 0, &mut departures, |entry| {
                inside.wait();
                leave.wait();
                *entry.value()
            });
            assert_eq!(found.hit(), Some(0), "still readable, whatever happened meanwhile");
        });
        inside.wait();
        let refused =
            (1..ATTEMPTS).filter(|id| put(&map, *id, *id) == Err(RefusedWhy::Reclaim)).count();
        assert!(refused as u64 > ATTEMPTS - 400, "{refused} refused");
        assert!(map.slots() <= 100 + 200 + 1, "{} slots", map.slots());
        leave.wait();
        wait_for_the_end_of([reader]);
    });
    assert_eq!(map.maintain(), 0);
    put(&map, 77_777, 1).expect("reclaimed");
    assert_eq!(map.validate(), Ok(()));
}

#[test]
fn threads_that_end_or_go_idle_keep_no_values() {
    let probe = Arc::new(());
    let map = Arc::new(bounded::<Arc<()>>(1_000));
    let (ready, leave) = (Arc::new(Barrier::new(3)), Arc::new(Barrier::new(3)));
    let idle: Vec<_> = (0..2u64)
        .map(|thread| {
            let (map, probe) = (Arc::clone(&map), Arc::clone(&probe));
            let (ready, leave) = (Arc::clone(&ready), Arc::clone(&leave));
            thread::spawn(move || {
                for id in 0..50 {
                    put(&map, thread * 100 + id, Arc::clone(&probe)).expect("room");
                    assert!(map.remove(key(thread * 100 + id), &mut Departures::counting()));
                }
                drop((map, probe));
                ready.wait();
                leave.wait();
            })
        })
        .collect();
    ready.wait();
    assert_eq!(map.maintain(), 0, "idle threads hold no garbage");
    assert_eq!(Arc::strong_count(&probe), 1);
    put(&map, 7, Arc::clone(&probe)).expect("room");
    drop(Arc::into_inner(map).expect("the threads gave theirs up"));
    assert_eq!(Arc::strong_count(&probe), 1, "dropped with the map, while the threads still live");
    leave.wait();
    for thread in idle {
        thread.join().expect("no panic");
    }
}

#[test]
fn concurrent_inserts_at_capacity_never_exceed_it() {
    let map = bounded::<u64>(3);
    thread::scope(|scope| {
        for thread in 0..4 {
            let map = &map;
            scope.spawn(move || {
                for id in 0..ROUNDS * 100 {
                    let entry =
                        NewEntry { value: id, expires: FOREVER, weight: 0, credit: 1, bytes: &[] };
                    let mut departures = Departures::counting();
                    match map.insert(key(thread << 32 | id), entry, 0, &mut departures) {
                        Ok(_) => {}
                        Err(refused) => assert_ne!(refused.why, RefusedWhy::TooHeavy),
                    }
                    assert!(map.len() <= 3);
                }
            });
        }
    });
    assert_eq!(map.len(), map.snapshot().count());
    assert_eq!(map.validate(), Ok(()));
}
