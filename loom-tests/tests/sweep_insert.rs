//! A sweep beside an insert of the same key (I1, I3): the entry that the sweep condemns departs once,
//! and the count is right whichever of the two it was.
//!
//! * Edges: E1, E3, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `replace_without_exchange`.

use std::sync::Arc;

use loom_tests::{insert, map_with, model, race, sweep_all};

#[test]
fn what_a_sweep_condemns_departs_once() {
    model("sweep_insert", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        let (condemned, (_, replaced)) = race(|| sweep_all(&map), move || insert(&there, 1, 11));
        let left = map.len();
        assert_eq!(left, map.snapshot().count());
        assert!(left <= 1, "two live entries for one key");
        assert_eq!(condemned + replaced + left as u64, 2, "departed twice, or was lost");
    });
}
