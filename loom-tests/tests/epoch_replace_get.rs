//! The reclamation that ships: a reader's view outlives the departure of the entry, and the value is
//! dropped, once, when nobody can see it (I7, edges E5 and E6).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom_tests::{EpochMap, entry, key, model, race, tiny};
use resumption_map::Departures;

/// Counts drops in its own counter.
struct Dropping(Arc<AtomicUsize>);

impl Drop for Dropping {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_view_outlives_the_departure() {
    model("epoch_replace_get", 2, || {
        let drops = [Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0))];
        let [old, new] = drops.each_ref().map(|counter| entry(Dropping(Arc::clone(counter))));
        let map = Arc::new(EpochMap::new(tiny(4)).expect("a possible shape"));
        map.insert(key(1), old, 0, &mut Departures::counting()).expect("room");
        let there = Arc::clone(&map);
        race(
            || {
                let seen = map.get_with(key(1), 0, &mut Departures::counting(), |entry| {
                    let drops = entry.value().0.load(Ordering::Relaxed);
                    assert_eq!(drops, 0, "dropped while a reader sees it");
                });
                assert!(seen.hit().is_some(), "never a gap");
            },
            move || {
                there.insert(key(1), new, 0, &mut Departures::counting()).expect("room");
                // Without explicit pushes nothing would ever be freed in so small a model.
                there.maintain();
            },
        );
        drop(Arc::into_inner(map).expect("the other thread has ended"));
        let drops = drops.map(|counter| counter.load(Ordering::Relaxed));
        assert_eq!(drops, [1, 1], "each value is dropped once");
    });
}
