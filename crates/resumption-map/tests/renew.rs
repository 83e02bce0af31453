//! An entry gets another value and another end, and stays the one entry of its key.
#![allow(clippy::disallowed_types, reason = "the test's own, not the map's")]

mod common;

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::{bounded, key, put, put_patiently, read};
use resumption_map::{Departures, Found, Handle, Map, NewEntry, RefusedWhy};

fn held(map: &Map<u32>, id: u64) -> Handle<'_, u32> {
    map.get(key(id), 0, &mut Departures::counting()).hit().expect("there")
}

#[test]
fn a_renewed_entry_keeps_its_key_its_bytes_and_its_weight() {
    let shape = resumption_map::MapConfig::unbounded(10).bytes_in_place(8);
    let map: Map<u32> = Map::new(shape).expect("a possible shape");
    let new = NewEntry { value: 1, expires: 10, weight: 160, credit: 2, bytes: b"secret" };
    map.insert(key(1), new, 0, &mut Departures::counting()).expect("room");
    let before = held(&map, 1);
    let weight = map.weight();

    let after = map.renew(&before, 2, 20).expect("there");
    assert_eq!((*after, after.expires(), after.bytes()), (2, 20, &b"secret"[..]));
    assert_eq!((*before, before.expires(), before.is_live()), (1, 10, false));
    assert_eq!((map.len(), map.weight(), read(&map, 1)), (1, weight, Some(2)));
    map.validate().expect("whole");
    assert!(matches!(
        map.get_with(key(1), 21, &mut Departures::counting(), |_| ()),
        Found::Expired
    ));
}

#[test]
fn what_has_departed_is_not_renewed() {
    let map = bounded(4);
    put(&map, 1, 1).expect("room");
    put(&map, 2, 2).expect("room");
    let (taken, replaced) = (held(&map, 1), held(&map, 2));
    assert!(map.take(key(1), 0, &mut Departures::counting()).hit().is_some());
    put(&map, 2, 3).expect("room");
    for handle in [&taken, &replaced] {
        let refused = map.renew(handle, 9, 99).expect_err("it has left");
        assert_eq!((refused.why, refused.value), (RefusedWhy::Departed, 9));
    }
    assert_eq!((read(&map, 1), read(&map, 2)), (None, Some(3)));
    map.validate().expect("whole");
}

#[test]
fn an_entry_of_another_map_is_not_renewed() {
    let (map, other) = (bounded(4), bounded(4));
    put(&map, 1, 1).expect("room");
    put(&other, 1, 1).expect("room");
    let refused = map.renew(&held(&other, 1), 2, 20).expect_err("another map's");
    assert_eq!(refused.why, RefusedWhy::Departed);
    assert_eq!((read(&map, 1), read(&other, 1)), (Some(1), Some(1)));
}

#[test]
fn entries_around_a_renewed_one_stay() {
    // One bucket or two: all of them are in each other's way.
    let map = bounded(2);
    put(&map, 1, 1).expect("room");
    put(&map, 2, 2).expect("room");
    for round in 10..100 {
        for id in [1, 2] {
            map.renew(&held(&map, id), round, common::FOREVER).expect("there");
            assert_eq!(read(&map, id), Some(round));
        }
    }
    assert_eq!(map.len(), 2);
    map.validate().expect("whole");
}

#[test]
fn a_renewal_and_a_take_have_one_entry_between_them() {
    const ROUNDS: u32 = 20_000;
    const RENEWED: u32 = 1 << 31;
    let map: Map<u32> = bounded(64);
    let barrier = Barrier::new(2);
    let renewed = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..ROUNDS {
                barrier.wait();
                if let Found::Hit(handle) = map.get(key(1), 0, &mut Departures::counting()) {
                    let renewal = map.renew(&handle, round | RENEWED, common::FOREVER);
                    renewed.store(renewal.is_ok(), Ordering::Relaxed);
                }
                barrier.wait();
            }
        });
        for round in 0..ROUNDS {
            put_patiently(&map, key(1), round, &mut Departures::counting());
            renewed.store(false, Ordering::Relaxed);
            barrier.wait();
            let mut departures = Departures::counting();
            let taken = map.take_with(key(1), 0, &mut departures, |entry| *entry.value());
            barrier.wait();
            let expected = if renewed.load(Ordering::Relaxed) { round | RENEWED } else { round };
            assert_eq!(taken, Found::Hit(expected), "there all the time, as one of the two");
            assert_eq!(map.len(), 0, "taken, and there again");
        }
    });
    map.validate().expect("whole");
}
