//! A removal and a flush race for one entry: it departs once, with one cause (I2, I3).
//!
//! * Edges: E3, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `report_without_winning`.

use std::sync::Arc;

use loom_tests::{assert_holds, map_with, model, race, remove, sweep_all};

#[test]
fn an_entry_departs_with_one_cause() {
    model("remove_sweep", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        let (removed, condemned) = race(|| remove(&map, 1), move || sweep_all(&there));
        assert_eq!(u64::from(removed) + condemned, 1);
        assert_holds(&map, &[]);
    });
}
