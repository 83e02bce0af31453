//! An insert that needs the place of an entry races with the taker of that entry: one of them wins it
//! (I3, I4), it is retired once (I7), and the new entry is never the victim (I9).
//!
//! * Edges: E3, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `retire_without_unlink`.

use std::sync::Arc;

use loom_tests::{entry, get, insert, key, map_of, model, race, take, tiny};
use resumption_map::{Cause, Departures};

#[test]
fn an_entry_departs_once() {
    model("insert_evict_take", 3, || {
        let map = map_of(tiny(1));
        insert(&map, 1, 10);
        let there = Arc::clone(&map);
        let (taken, (inserted, evicted)) = race(
            || take(&map, 1).is_some(),
            move || {
                // There is one place: this evicts entry 1, finds its place free, or is refused because
                // the taker still holds it.
                let mut departures = Departures::counting();
                let inserted = there.insert(key(2), entry(20), 0, &mut departures);
                (inserted.is_ok(), departures.count(Cause::Evicted))
            },
        );
        assert_eq!(u64::from(taken) + evicted, 1, "taken: {taken}, evicted: {evicted}");
        assert!(inserted || taken, "refused although nobody held the place");
        assert_eq!(get(&map, 2), inserted.then_some(20));
        assert_eq!((map.len(), map.snapshot().count()), (inserted.into(), inserted.into()));
    });
}
