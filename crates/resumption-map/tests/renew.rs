//! An entry gets another value and another end, and stays the one entry of its key.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::{bounded, entry, key, put, read};
use resumption_map::{Cause, Departures, Found, Handle, Map, NewEntry, RefusedWhy};

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
    const ROUNDS: u32 = 2000;
    let map: Map<u32> = bounded(64);
    let taken = AtomicUsize::new(0);
    thread::scope(|scope| {
        for round in 0..ROUNDS {
            map.insert(key(1), entry(round), 0, &mut Departures::counting()).expect("room");
            let renew = scope.spawn(|| {
                let mut departures = Departures::counting();
                let Found::Hit(handle) = map.get(key(1), 0, &mut departures) else { return };
                drop(map.renew(&handle, *handle, common::FOREVER));
                assert_eq!(departures.count(Cause::Taken), 0);
            });
            if map.take(key(1), 0, &mut Departures::counting()).hit().is_some() {
                taken.fetch_add(1, Ordering::Relaxed);
            }
            renew.join().expect("no panic");
            assert_eq!(map.len(), 0, "taken, and there again");
        }
    });
    assert_eq!(taken.into_inner(), ROUNDS as usize, "an entry that is renewed is never not there");
    map.validate().expect("whole");
}
