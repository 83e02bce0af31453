//! What stands behind a node that was taken out of its list is whole for whoever reaches it there (I7).
//!
//! The new entry is first published behind the old one; unlinking the old one publishes it again, under
//! a link that knows nothing of the first time. The writer works inside a lookup, as in `insert_get`.
//!
//! * Edges: E1, E2, E3.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `unlink_relaxed`.

use std::sync::Arc;

use loom_tests::{assert_holds, get, insert, inside, map_with, model, race};

#[test]
fn an_entry_behind_an_unlinked_one_is_whole() {
    model("behind_unlinked_get", 3, || {
        let map = map_with(&[1, 9]);
        let there = Arc::clone(&map);
        let write = move || inside(&there, 9, || insert(&there, 1, 11));
        let (found, _) = race(|| get(&map, 1), write);
        assert!(matches!(found, Some(10 | 11)), "{found:?}");
        assert_holds(&map, &[(1, 11), (9, 90)]);
    });
}
