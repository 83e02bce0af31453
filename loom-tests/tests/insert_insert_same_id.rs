//! At most one live entry for each key (I1): two inserts of one id leave one, and each insert is
//! accounted for once.

use std::sync::Arc;

use loom_tests::{Map, entry, key, model, race, tiny};
use resumption_map::{Cause, Departures, Inserted};

fn insert(map: &Map<u64>, value: u64) -> (Inserted, u64) {
    let mut departures = Departures::counting();
    let inserted = map.insert(key(1), entry(value), 0, &mut departures).expect("room");
    (inserted, departures.count(Cause::Replaced))
}

#[test]
fn one_entry_is_left() {
    model("insert_insert_same_id", 3, || {
        let map = Arc::new(Map::new(tiny(4)).expect("a possible shape"));
        let there = Arc::clone(&map);
        let (here, there) = race(|| insert(&map, 1), move || insert(&there, 2));
        assert_eq!(map.snapshot().count(), 1, "two live entries for one key, or none");
        assert_eq!(map.len(), 1);
        // One came first, the other replaced it and reports that.
        let mut outcomes = [here, there];
        outcomes.sort_by_key(|(_, replaced)| *replaced);
        assert_eq!(outcomes, [(Inserted::New, 0), (Inserted::Replaced, 1)]);
    });
}
