//! A single-use session is handed out exactly once (I4).
//!
//! * Edges: E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `kill_without_exchange`.

use std::sync::Arc;

use loom_tests::{assert_holds, map_with, model, race, take};

#[test]
fn one_of_two_takers_wins() {
    model("take_take", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        let (here, there) = race(|| take(&map, 1), move || take(&there, 1));
        assert!(
            here.is_some() ^ there.is_some(),
            "a single-use session was handed out {}",
            if here.is_some() { "twice" } else { "never" }
        );
        assert_eq!(here.or(there), Some(10));
        assert_holds(&map, &[]);
    });
}
