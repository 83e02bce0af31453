//! Departed nodes are handed from thread to thread until one drops the value (I7): pushed on the retire
//! stack by one, taken off it by another, made ready by whoever ends the grace period, and dropped by
//! the next writer. None is lost, and none is dropped twice or while somebody sees it.
//!
//! * Edges: E5, E6.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `drain_relaxed`, `ready_relaxed`, `retire_relaxed`.

use std::sync::Arc;

use loom_tests::{Dropping, Drops, Map, entry, key, map_of, model, race, tiny};
use resumption_map::Departures;

/// Entries 1 to 3, and how often each value was dropped.
fn filled(retire_batch: u32) -> (Arc<Map<Dropping>>, [Drops; 3]) {
    let map = map_of(tiny(4).retire_batch(retire_batch));
    let drops = [1, 2, 3].map(|id| {
        let (value, drops) = Dropping::new();
        map.insert(key(id), entry(value), 0, &mut Departures::counting()).expect("room");
        drops
    });
    (map, drops)
}

fn remove(map: &Map<Dropping>, id: u8) -> bool {
    map.remove(key(id), &mut Departures::counting())
}

#[test]
fn each_departed_value_is_dropped_once() {
    model("retire_drain", 2, || {
        // Two to a batch, so that a thread hands on what another has retired.
        let (map, drops) = filled(2);
        let there = Arc::clone(&map);
        race(
            || {
                assert!(remove(&map, 1));
                map.maintain();
            },
            move || assert!(remove(&there, 2)),
        );
        map.maintain();
        assert_eq!(map.garbage(), 0);
        assert_eq!(drops.each_ref().map(Drops::count), [1, 1, 0], "drops of each value");
    });
}

/// The one thread finds nothing to remove, and yet drops what the other has just made ready.
#[test]
fn a_writer_drops_what_another_made_ready() {
    model("retire_ready", 3, || {
        let (map, drops) = filled(1);
        let there = Arc::clone(&map);
        let removed = race(|| remove(&map, 1), move || remove(&there, 9));
        assert_eq!(removed, (true, false));
        map.maintain();
        assert_eq!(drops.each_ref().map(Drops::count), [1, 0, 0], "drops of each value");
    });
}

/// Each thread makes its own node ready, on top of the other's, and either may drop both.
#[test]
fn two_make_nodes_ready_and_either_drops_them() {
    model("retire_ready_ready", 2, || {
        let (map, drops) = filled(1);
        let there = Arc::clone(&map);
        assert_eq!(race(|| remove(&map, 1), move || remove(&there, 3)), (true, true));
        map.maintain();
        assert_eq!(map.garbage(), 0);
        assert_eq!(drops.each_ref().map(Drops::count), [1, 0, 1], "drops of each value");
    });
}
