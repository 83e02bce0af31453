//! Departures and insertions of neighbours in one list: nothing is lost, nothing comes back (I2, I10),
//! and what lies behind an unlinked node stays visible (edge E3).

use std::sync::Arc;

use loom_tests::{Map, entry, key, model, race, thread, tiny};
use resumption_map::Departures;

fn map_with(ids: &[u8]) -> Arc<Map<u64>> {
    let map = Arc::new(Map::new(tiny(8)).expect("a possible shape"));
    for id in ids {
        insert(&map, *id);
    }
    map
}

fn insert(map: &Map<u64>, id: u8) {
    let value = u64::from(id) * 10;
    map.insert(key(id), entry(value), 0, &mut Departures::counting()).expect("room");
}

fn take(map: &Map<u64>, id: u8) -> bool {
    map.take_with(key(id), 0, &mut Departures::counting(), |_| ()).hit().is_some()
}

fn get(map: &Map<u64>, id: u8) -> Option<u64> {
    map.get_with(key(id), 0, &mut Departures::counting(), |entry| *entry.value()).hit()
}

#[test]
fn adjacent_takes_both_succeed() {
    model("take_a_take_b", 2, || {
        let map = map_with(&[1, 2]);
        let there = Arc::clone(&map);
        assert_eq!(race(|| take(&map, 1), move || take(&there, 2)), (true, true));
        assert_eq!((map.len(), map.snapshot().count()), (0, 0));
    });
}

#[test]
fn an_insert_beside_a_take_at_the_head_is_kept() {
    model("insert_b_take_a", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        assert_eq!(race(|| insert(&map, 2), move || take(&there, 1)), ((), true));
        assert_eq!((get(&map, 1), get(&map, 2)), (None, Some(20)));
        assert_eq!(map.len(), 1);
    });
}

/// The head goes away and comes back (ABA): the other insert of the id must notice or be harmless.
#[test]
fn a_head_that_returns_makes_no_second_entry() {
    model("insert_take_insert", 2, || {
        let map = map_with(&[2]);
        let there = Arc::clone(&map);
        race(
            || {
                insert(&map, 1);
                take(&map, 1)
            },
            move || insert(&there, 1),
        );
        assert!(map.snapshot().filter(|handle| handle.id() == [1]).count() <= 1);
        assert_eq!(map.len(), map.snapshot().count());
    });
}

#[test]
fn what_lies_behind_an_unlinked_node_stays_visible() {
    model("insert_insert_take_get", 2, || {
        let map = map_with(&[]);
        let (writer, taker) = (Arc::clone(&map), Arc::clone(&map));
        let writer = thread::spawn(move || {
            insert(&writer, 3);
            insert(&writer, 2);
        });
        let taker = thread::spawn(move || take(&taker, 2));
        let seen = (get(&map, 1), get(&map, 3));
        writer.join().expect("no panic");
        taker.join().expect("no panic");
        assert_eq!(seen.0, None);
        assert!(seen.1.is_none_or(|value| value == 30));
        assert_eq!(get(&map, 3), Some(30));
    });
}
