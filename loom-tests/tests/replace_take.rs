//! A replacement and a take race for one entry (I1, I3, I4): either the old entry is taken and the new
//! one is inserted beside nothing, or the old one is replaced and the new one is taken, or stays.
//!
//! * Edges: E1, E2, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `replace_without_exchange`.

use std::sync::Arc;

use loom_tests::{assert_holds, insert, map_with, model, race, take};
use resumption_map::Inserted;

#[test]
fn the_old_entry_departs_once() {
    model("replace_take", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        let ((inserted, replaced), taken) = race(|| insert(&map, 1, 11), move || take(&there, 1));
        match taken {
            Some(10) => {
                assert_eq!((inserted, replaced), (Inserted::New, 0), "departed twice");
                assert_holds(&map, &[(1, 11)]);
            }
            Some(11) => {
                assert_eq!((inserted, replaced), (Inserted::Replaced, 1));
                assert_holds(&map, &[]);
            }
            other => panic!("the key was never without an entry, yet {other:?} was taken"),
        }
    });
}
