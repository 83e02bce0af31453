//! The map ends while departed entries wait for reclamation (I7): each value is dropped once, linked,
//! retired or handed on, and whichever thread lets go of the map last.
//!
//! * Edges: E5, E6.
//! * Reclaimer: Poison, and Epoch where the name says so.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `retire_without_unlink`.

use loom_tests::{Dropping, Drops, EpochMap, Map, Shared, entry, key, model, race, tiny};
use resumption_map::reclaim::Reclaim;
use resumption_map::{Departures, Map as AnyMap};

/// Three entries, of which two are about to depart.
fn filled<R: Reclaim>(map: &AnyMap<Dropping, R>) -> [Drops; 3] {
    [1, 2, 3].map(|id| {
        let (value, drops) = Dropping::new();
        map.insert(key(id), entry(value), 0, &mut Departures::counting()).expect("room");
        drops
    })
}

fn assert_dropped_once(drops: &[Drops]) {
    let drops: Vec<_> = drops.iter().map(Drops::count).collect();
    assert_eq!(drops, [1, 1, 1], "how often each value was dropped");
}

#[test]
fn the_last_owner_of_the_map_drops_everything() {
    model("drop_with_garbage", 2, || {
        // Nothing is handed on by itself: what departs lies on the retire stack when the map ends.
        let map = Shared::new(Map::new(tiny(4).retire_batch(8)).expect("a possible shape"));
        let drops = filled(&map);
        let there = Shared::clone(&map);
        race(
            move || assert!(map.remove(key(1), &mut Departures::counting())),
            move || assert!(there.remove(key(2), &mut Departures::counting())),
        );
        assert_dropped_once(&drops);
    });
}

#[test]
fn epoch_garbage_of_a_thread_that_is_gone_is_dropped_with_the_map() {
    model("epoch_drop_with_garbage", 2, || {
        let map = Shared::new(EpochMap::new(tiny(4)).expect("a possible shape"));
        let drops = filled(&map);
        let there = Shared::clone(&map);
        race(
            || {
                map.get_with(key(1), 0, &mut Departures::counting(), |entry| {
                    entry.value().assert_alive();
                });
            },
            // The only thread that flushes: two would meet loom's own limits (tokio-rs/loom #252).
            move || assert!(there.remove(key(1), &mut Departures::counting())),
        );
        drop(map);
        assert_dropped_once(&drops);
    });
}
