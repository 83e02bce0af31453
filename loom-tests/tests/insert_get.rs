//! A reader that finds an entry sees all of it (edges E1, E2 and E3).
//!
//! The writers here work inside a lookup, which is allowed: a nested pin has no fence, so that nothing
//! but the named edges can make the entry visible.

use std::sync::Arc;

use loom_tests::{Map, entry, key, model, race, tiny};
use resumption_map::Departures;

fn insert(map: &Map<u64>, id: u8, value: u64) {
    map.insert(key(id), entry(value), 0, &mut Departures::counting()).expect("room");
}

fn get(map: &Map<u64>, id: u8) -> Option<(u64, u8)> {
    let mut departures = Departures::counting();
    map.get_with(key(id), 0, &mut departures, |e| (*e.value(), e.id()[0])).hit()
}

/// Inserts while another entry is being looked at.
fn insert_nested(map: &Map<u64>, id: u8, value: u64) {
    let nested = |_: resumption_map::EntryView<'_, u64>| insert(map, id, value);
    map.get_with(key(9), 0, &mut Departures::counting(), nested).hit().expect("entry 9 is there");
}

#[test]
fn a_found_entry_is_whole() {
    model("insert_get", 3, || {
        let map = Arc::new(Map::new(tiny(4)).expect("a possible shape"));
        insert(&map, 9, 90);
        let there = Arc::clone(&map);
        let (found, ()) = race(|| get(&map, 1), move || insert_nested(&there, 1, 10));
        assert!(found.is_none_or(|found| found == (10, 1)));
        assert_eq!(map.len(), 2);
    });
}

/// The new entry is first published behind the old one; unlinking the old one publishes it again, under
/// a link that knows nothing of the first time.
#[test]
fn an_entry_behind_an_unlinked_one_is_whole() {
    model("replace_behind_get", 3, || {
        let map = Arc::new(Map::new(tiny(4)).expect("a possible shape"));
        insert(&map, 1, 10);
        insert(&map, 9, 90);
        let there = Arc::clone(&map);
        let (found, ()) = race(|| get(&map, 1), move || insert_nested(&there, 1, 11));
        assert!(matches!(found, Some((10 | 11, 1))), "{found:?}");
        assert_eq!(map.len(), 2);
    });
}
