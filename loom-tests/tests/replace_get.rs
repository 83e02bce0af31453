//! Replacing shows no gap (I6), never goes back, and never frees what a reader holds (I7).

use std::sync::Arc;

use loom_tests::{Map, entry, key, model, race, tiny};
use resumption_map::Departures;

fn get(map: &Map<u64>) -> Option<u64> {
    map.get_with(key(1), 0, &mut Departures::counting(), |entry| *entry.value()).hit()
}

#[test]
fn a_replaced_key_is_never_missed() {
    model("replace_get", 3, || {
        let map = Arc::new(Map::new(tiny(4)).expect("a possible shape"));
        map.insert(key(1), entry(1), 0, &mut Departures::counting()).expect("room");
        let there = Arc::clone(&map);
        let ((first, second), ()) = race(
            || (get(&map), get(&map)),
            move || {
                there.insert(key(1), entry(2), 0, &mut Departures::counting()).expect("room");
            },
        );
        let (first, second) = (first.expect("never a gap"), second.expect("never a gap"));
        assert!(first <= second, "went back from the new entry to the old");
        assert_eq!(get(&map), Some(2));
        assert_eq!(map.len(), 1);
    });
}
