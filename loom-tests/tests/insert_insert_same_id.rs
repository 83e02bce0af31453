//! At most one live entry for each key (I1): two inserts of one id leave one, and each insert is
//! accounted for once (I3).
//!
//! * Edges: E1, E2, E3.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `head_reread`.

use std::sync::Arc;

use loom_tests::{insert, map_with, model, race};
use resumption_map::Inserted;

#[test]
fn one_entry_is_left() {
    model("insert_insert_same_id", 3, || {
        let map = map_with(&[]);
        let there = Arc::clone(&map);
        let (here, there) = race(|| insert(&map, 1, 1), move || insert(&there, 1, 2));
        assert_eq!(map.snapshot().count(), 1, "two live entries for one key, or none");
        assert_eq!(map.len(), 1);
        // One came first, the other replaced it and reports that.
        let mut outcomes = [here, there];
        outcomes.sort_by_key(|(_, replaced)| *replaced);
        assert_eq!(outcomes, [(Inserted::New, 0), (Inserted::Replaced, 1)]);
    });
}
