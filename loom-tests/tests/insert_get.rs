//! A reader that finds an entry sees all of it (edges E1 and E2).

use std::sync::Arc;

use loom_tests::{Map, entry, key, model, race, tiny};
use resumption_map::Departures;

#[test]
fn a_found_entry_is_whole() {
    model("insert_get", 3, || {
        let map = Arc::new(Map::new(tiny(4)).expect("a possible shape"));
        let there = Arc::clone(&map);
        let (found, ()) = race(
            || map.get_with(key(1), 0, &mut Departures::counting(), |e| (*e.value(), e.id()[0])),
            move || {
                // Two inserts: the second publishes while the first is already reachable.
                for id in [2, 1] {
                    let value = u64::from(id) * 10;
                    there.insert(key(id), entry(value), 0, &mut Departures::counting()).expect("room");
                }
            },
        );
        if let Some(found) = found.hit() {
            assert_eq!(found, (10, 1));
        }
        assert_eq!(map.len(), 2);
    });
}
