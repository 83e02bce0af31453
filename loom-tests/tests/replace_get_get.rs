//! A reader that has seen the new entry does not see the old one again (I2, I6).
//!
//! * Edges: E1, E2.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `replace_with_gap`.

use std::sync::Arc;

use loom_tests::{assert_holds, get, insert, map_with, model, race};

#[test]
fn a_reader_never_goes_back() {
    model("replace_get_get", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        let (seen, _) = race(|| (get(&map, 1), get(&map, 1)), move || insert(&there, 1, 11));
        let (first, second) = (seen.0.expect("never a gap"), seen.1.expect("never a gap"));
        assert!(first <= second, "went back from the new entry to the old");
        assert_holds(&map, &[(1, 11)]);
    });
}
