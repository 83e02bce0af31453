//! Live entries never exceed the capacity (I8), also when two inserts meet at it.

use std::sync::Arc;

use loom_tests::{Map, entry, key, model, race, tiny};
use resumption_map::Departures;

#[test]
fn two_inserts_at_capacity_leave_capacity() {
    model("insert_insert_at_capacity", 2, || {
        let map = Arc::new(Map::new(tiny(1)).expect("a possible shape"));
        map.insert(key(1), entry(1), 0, &mut Departures::counting()).expect("room");
        let there = Arc::clone(&map);
        // One may be refused: the only place can be in the other's hands.
        let insert = |map: &Map<u64>, id| {
            map.insert(key(id), entry(1), 0, &mut Departures::counting()).is_ok()
        };
        let (here, there) = race(|| insert(&map, 2), move || insert(&there, 3));
        assert!(here || there);
        assert_eq!((map.len(), map.snapshot().count()), (1, 1));
    });
}
