//! A removal and a sweep race for one entry: it departs once, with one cause (I2, I3).

use std::sync::Arc;

use loom_tests::{Map, entry, key, model, race, tiny};
use resumption_map::{Cause, Departures, Verdict};

#[test]
fn an_entry_departs_with_one_cause() {
    model("remove_sweep", 3, || {
        let map = Arc::new(Map::new(tiny(4)).expect("a possible shape"));
        map.insert(key(1), entry(7), 0, &mut Departures::counting()).expect("room");
        let there = Arc::clone(&map);
        let (removed, condemned) = race(
            || map.remove(key(1), &mut Departures::counting()),
            move || {
                let mut departures = Departures::counting();
                there.sweep(1, 0, |_| Verdict::Remove, &mut departures);
                departures.count(Cause::Condemned)
            },
        );
        assert_eq!(u64::from(removed) + condemned, 1);
        assert_eq!((map.len(), map.snapshot().count()), (0, 0));
    });
}
