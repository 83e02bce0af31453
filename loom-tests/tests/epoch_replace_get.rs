//! The reclamation that ships: a reader's view outlives the departure of the entry, and the value is
//! dropped, once, when nobody can see it (I7).
//!
//! * Edges: E5, E6.
//! * Reclaimer: Epoch.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `no_grace_period`.

use std::sync::Arc;

use loom_tests::{Dropping, EpochMap, entry, key, model, race, tiny};
use resumption_map::Departures;

#[test]
fn a_view_outlives_the_departure() {
    model("epoch_replace_get", 2, || {
        let (old, old_drops) = Dropping::new();
        let (new, new_drops) = Dropping::new();
        let map = Arc::new(EpochMap::new(tiny(4)).expect("a possible shape"));
        map.insert(key(1), entry(old), 0, &mut Departures::counting()).expect("room");
        let there = Arc::clone(&map);
        race(
            || {
                let seen = map.get_with(key(1), 0, &mut Departures::counting(), |entry| {
                    entry.value().assert_alive();
                });
                assert!(seen.hit().is_some(), "never a gap");
            },
            move || {
                there.insert(key(1), entry(new), 0, &mut Departures::counting()).expect("room");
                // Without explicit pushes nothing would ever be freed in so small a model.
                there.maintain();
            },
        );
        drop(Arc::into_inner(map).expect("the other thread has ended"));
        assert_eq!((old_drops.count(), new_drops.count()), (1, 1), "each value is dropped once");
    });
}
