//! A single-use session is handed out exactly once (I4), also when three want it.
//!
//! * Edges: E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `kill_without_exchange`.

use std::sync::Arc;

use loom_tests::{assert_holds, map_with, model, race3, take};

#[test]
fn one_of_three_takers_wins() {
    model("take_take_take", 2, || {
        let map = map_with(&[1]);
        let (second, third) = (Arc::clone(&map), Arc::clone(&map));
        let takers = race3(|| take(&map, 1), move || take(&second, 1), move || take(&third, 1));
        let takers = [takers.0, takers.1, takers.2];
        assert_eq!(takers.iter().flatten().count(), 1, "{takers:?}");
        assert_holds(&map, &[]);
    });
}
