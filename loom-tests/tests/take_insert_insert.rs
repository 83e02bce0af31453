//! The head goes away and comes back (ABA): the other insert of the id notices, or it is harmless (I1).
//!
//! * Edges: E1, E3, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `unlink_without_exchange`.

use std::sync::Arc;

use loom_tests::{assert_holds, get, insert, map_with, model, race, take};

#[test]
fn a_head_that_returns_makes_no_second_entry() {
    model("take_insert_insert", 2, || {
        let map = map_with(&[2]);
        let there = Arc::clone(&map);
        let (taken, _) = race(
            || {
                insert(&map, 1, 10);
                take(&map, 1)
            },
            move || insert(&there, 1, 11),
        );
        // One of the two entries of id 1 was replaced or taken; the other was taken or is left.
        let left = get(&map, 1);
        assert!(
            matches!((taken, left), (Some(10), None | Some(11)) | (Some(11), None)),
            "taken {taken:?}, left {left:?}"
        );
        let expected: Vec<_> = left.map(|value| (1, value)).into_iter().chain([(2, 20)]).collect();
        assert_holds(&map, &expected);
    });
}
