//! Live entries never exceed the capacity (I8), also when two inserts meet at it, and neither of them is
//! its own victim (I9).
//!
//! * Edges: E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `kill_without_exchange`.

use std::sync::Arc;

use loom_tests::{Map, entry, insert, key, map_of, model, race, tiny};
use resumption_map::{Cause, Departures};

/// One may be refused: the only place can be in the other's hands.
fn insert_if_room(map: &Map<u64>, id: u8) -> (bool, u64) {
    let mut departures = Departures::counting();
    let inserted = map.insert(key(id), entry(1), 0, &mut departures);
    (inserted.is_ok(), departures.count(Cause::Evicted))
}

#[test]
fn two_inserts_at_capacity_leave_capacity() {
    model("insert_insert_at_capacity", 2, || {
        let map = map_of(tiny(1));
        insert(&map, 1, 1);
        let there = Arc::clone(&map);
        let (here, there) = race(|| insert_if_room(&map, 2), move || insert_if_room(&there, 3));
        assert!(here.0 || there.0);
        assert_eq!((map.len(), map.snapshot().count()), (1, 1));
        // Each entry that came in pushed one out.
        assert_eq!(u64::from(here.0) + u64::from(there.0), here.1 + there.1);
    });
}
