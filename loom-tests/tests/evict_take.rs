//! Eviction and take race for one entry: one of them wins it, it is retired once, and a reader beside
//! them is safe (I2, I3, I7).

use std::sync::Arc;

use loom_tests::{Map, entry, key, model, race, tiny};
use resumption_map::{Cause, Departures};

#[test]
fn an_entry_departs_once() {
    model("evict_take", 3, || {
        let map = Arc::new(Map::new(tiny(1)).expect("a possible shape"));
        map.insert(key(1), entry(7), 0, &mut Departures::counting()).expect("room");
        let there = Arc::clone(&map);
        let (taken, insert) = race(
            || map.take(key(1), 0, &mut Departures::counting()).hit().is_some(),
            move || {
                // There is one place: this evicts entry 1, finds its place free, or is refused because
                // the taker still holds it.
                let mut departures = Departures::counting();
                let inserted = there.insert(key(2), entry(8), 0, &mut departures);
                (inserted.is_ok(), departures.count(Cause::Evicted))
            },
        );
        let (inserted, evicted) = insert;
        assert_eq!(u64::from(taken) + evicted, 1, "taken: {taken}, evicted: {evicted}");
        assert!(inserted || taken, "refused although nobody held the place");
        assert_eq!(map.len(), usize::from(inserted));
        assert_eq!(map.snapshot().count(), usize::from(inserted));
    });
}
