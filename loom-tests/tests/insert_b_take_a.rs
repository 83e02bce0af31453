//! An insert beside a take of the entry at the head is kept (I8), and what was taken stays away (I2).
//!
//! * Edges: E1, E3, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `link_without_exchange`.

use std::sync::Arc;

use loom_tests::{assert_holds, insert, map_with, model, race, take};

#[test]
fn an_insert_beside_a_take_at_the_head_is_kept() {
    model("insert_b_take_a", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        let (_, taken) = race(|| insert(&map, 2, 20), move || take(&there, 1));
        assert_eq!(taken, Some(10));
        assert_holds(&map, &[(2, 20)]);
    });
}
