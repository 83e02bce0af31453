//! The same object once more changes nothing while it is there (I1), and does not bring it back when it
//! has left (I2, I4).
//!
//! * Edges: E2, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `again_though_departed`.

use std::sync::Arc;

use loom_tests::{Map, assert_holds, get, key, map_with, model, race, take};
use resumption_map::Departures;

fn again(map: &Map<u64>) -> bool {
    let held = map.get(key(1), 0, &mut Departures::counting()).hit();
    held.is_some_and(|handle| map.insert_again(&handle))
}

#[test]
fn two_that_insert_it_again_change_nothing() {
    model("insert_insert_same_object", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        assert_eq!(race(|| again(&map), move || again(&there)), (true, true));
        assert_holds(&map, &[(1, 10)]);
    });
}

#[test]
fn what_is_taken_meanwhile_stays_taken() {
    model("insert_again_take", 3, || {
        let map = map_with(&[1]);
        let held = map.get(key(1), 0, &mut Departures::counting()).hit().expect("it is there");
        let there = Arc::clone(&map);
        let (_, taken) = race(|| map.insert_again(&held), move || take(&there, 1));
        assert_eq!((taken, get(&map, 1)), (Some(10), None));
        assert!(!map.insert_again(&held), "taken, and back again");
        assert_holds(&map, &[]);
    });
}
