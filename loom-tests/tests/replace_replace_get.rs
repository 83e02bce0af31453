//! Two replacements and a reader: no gap (I6), one entry left (I1), and each of the replaced ones is
//! reported once (I3).
//!
//! * Edges: E1, E2, E3.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `replace_with_gap`.

use std::sync::Arc;

use loom_tests::{get, insert, map_with, model, race3};
use resumption_map::Inserted;

#[test]
fn the_last_replacement_stays() {
    model("replace_replace_get", 2, || {
        let map = map_with(&[1]);
        let (second, third) = (Arc::clone(&map), Arc::clone(&map));
        let (seen, one, other) =
            race3(|| get(&map, 1), move || insert(&second, 1, 11), move || insert(&third, 1, 12));
        assert!(matches!(seen, Some(10..=12)), "a gap: {seen:?}");
        assert_eq!([one, other], [(Inserted::Replaced, 1); 2]);
        assert!(matches!(get(&map, 1), Some(11 | 12)));
        assert_eq!((map.len(), map.snapshot().count()), (1, 1));
    });
}
