//! A handle and the map give up one entry at the same time (I7): its value is dropped once, by the last
//! of them, after all that the other did with it.
//!
//! * Edges: E8.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `last_ref_relaxed`, `unref_relaxed`, `unref_without_exchange`.

use std::sync::Arc;

use loom_tests::{Dropping, entry, key, map_of, model, race, tiny};
use resumption_map::Departures;

#[test]
fn the_last_owner_drops_the_value() {
    model("handle_drop", 3, || {
        let (value, drops) = Dropping::new();
        let map = map_of(tiny(4));
        map.insert(key(1), entry(value), 0, &mut Departures::counting()).expect("room");
        let there = Arc::clone(&map);
        race(
            || {
                let held = map.get(key(1), 0, &mut Departures::counting()).hit();
                held.inspect(|value| value.assert_alive()).is_some()
            },
            move || assert!(there.remove(key(1), &mut Departures::counting())),
        );
        map.maintain();
        assert_eq!(drops.count(), 1, "how often the value was dropped");
    });
}
