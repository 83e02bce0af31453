//! Replacing shows no gap (I6) and never frees what a reader holds (I7).
//!
//! * Edges: E1, E2.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `replace_with_gap`.

use std::sync::Arc;

use loom_tests::{assert_holds, get, insert, map_with, model, race};

#[test]
fn a_replaced_key_is_never_missed() {
    model("replace_get", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        let (seen, _) = race(|| get(&map, 1), move || insert(&there, 1, 11));
        assert!(matches!(seen, Some(10 | 11)), "a gap: {seen:?}");
        assert_holds(&map, &[(1, 11)]);
    });
}
