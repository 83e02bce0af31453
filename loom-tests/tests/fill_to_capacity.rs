//! The last place goes to one of two inserts (I8), whether it was never used or a taken entry has left it:
//! places are neither lost nor made.
//!
//! * Edges: none: places are relaxed counters, and each change of one is one exchange.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `draw_without_exchange`, `place_without_exchange`.

use std::sync::Arc;

use loom_tests::{Map, entry, insert, key, map_of, model, race, take, tiny};
use resumption_map::Departures;

/// Two inserts where there is one place; one of them may be refused while the other holds it.
fn race_for_the_place(map: &Arc<Map<u64>>) {
    let there = Arc::clone(map);
    let insert =
        |map: &Map<u64>, id| map.insert(key(id), entry(1), 0, &mut Departures::counting()).is_ok();
    let (here, there) = race(|| insert(map, 2), move || insert(&there, 3));
    assert!(here || there);
    assert_eq!((map.len(), map.snapshot().count()), (1, 1));
}

#[test]
fn a_place_is_drawn_once() {
    model("fill_to_capacity", 2, || race_for_the_place(&map_of(tiny(1))));
}

#[test]
fn a_place_that_was_left_is_occupied_once() {
    model("fill_a_place_that_was_left", 2, || {
        let map = map_of(tiny(1));
        insert(&map, 1, 10);
        take(&map, 1);
        race_for_the_place(&map);
    });
}
