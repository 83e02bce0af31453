//! Two inserts at one head are both kept (I8): an entry that was linked is never lost.
//!
//! * Edges: E1, E2.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `link_without_exchange`.

use std::sync::Arc;

use loom_tests::{assert_holds, insert, map_with, model, race};

#[test]
fn both_entries_are_kept() {
    model("insert_insert_other_id", 3, || {
        let map = map_with(&[]);
        let there = Arc::clone(&map);
        race(|| insert(&map, 1, 10), move || insert(&there, 2, 20));
        assert_holds(&map, &[(1, 10), (2, 20)]);
    });
}
