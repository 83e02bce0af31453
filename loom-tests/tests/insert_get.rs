//! A reader that finds an entry sees all of it (I7).
//!
//! The writer works inside a lookup, which is allowed: a nested pin has no fence, so that nothing but
//! the named edges can make the entry visible.
//!
//! * Edges: E1, E2.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `publish_relaxed`, `walk_relaxed`.

use std::sync::Arc;

use loom_tests::{get, insert, inside, key, map_with, model, race};
use resumption_map::Departures;

#[test]
fn a_found_entry_is_whole() {
    model("insert_get", 3, || {
        let map = map_with(&[9]);
        let there = Arc::clone(&map);
        let find = |map: &loom_tests::Map<u64>| {
            let mut departures = Departures::counting();
            map.get_with(key(1), 0, &mut departures, |e| (*e.value(), e.id()[0])).hit()
        };
        let write = move || inside(&there, 9, || insert(&there, 1, 10));
        let (found, _) = race(|| find(&map), write);
        assert!(found.is_none_or(|found| found == (10, 1)));
        assert_eq!(get(&map, 1), Some(10));
    });
}
