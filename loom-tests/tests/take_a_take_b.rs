//! Two takes of neighbours both succeed, and neither entry comes back (I2, I4): a node is unlinked only
//! from a live one in front of it.
//!
//! * Edges: E3, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `unlink_without_exchange`.

use std::sync::Arc;

use loom_tests::{assert_holds, map_with, model, race, take};

#[test]
fn adjacent_takes_both_succeed() {
    model("take_a_take_b", 2, || {
        let map = map_with(&[1, 2]);
        let there = Arc::clone(&map);
        assert_eq!(race(|| take(&map, 1), move || take(&there, 2)), (Some(10), Some(20)));
        assert_holds(&map, &[]);
    });
}
