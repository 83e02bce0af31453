//! Eviction and take race for one entry: one of them wins it (I3, I4), it is retired once (I7), and a
//! capacity that has shrunk is reached either way (I8).
//!
//! * Edges: E3, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `no_grace_period`.

use std::num::NonZeroUsize;
use std::sync::Arc;

use loom_tests::{insert, map_of, model, race, take, tiny};
use resumption_map::{Cause, Departures};

#[test]
fn an_entry_departs_once() {
    model("evict_take", 2, || {
        let map = map_of(tiny(2));
        insert(&map, 1, 10);
        insert(&map, 2, 20);
        map.set_capacity(NonZeroUsize::new(1));
        let there = Arc::clone(&map);
        let (taken, evicted) = race(
            || take(&map, 1),
            move || {
                let mut departures = Departures::counting();
                there.evict_surplus(8, 0, &mut departures);
                departures.count(Cause::Evicted)
            },
        );
        let left = map.len();
        assert_eq!(left, map.snapshot().count());
        assert_eq!(u64::from(taken.is_some()) + evicted + left as u64, 2);
        assert!(left <= 1, "the surplus stays");
    });
}
