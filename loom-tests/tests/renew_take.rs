//! An entry is renewed while another thread takes it or renews it (I1, I4): of all that would end or change
//! an entry one wins.
//!
//! * Edges: E1, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions.
//! * Kills: `replace_without_exchange`.

use std::sync::Arc;

use loom_tests::{assert_holds, key, map_with, model, race, take};
use resumption_map::Departures;

#[test]
fn a_take_beside_a_renewal_gets_the_one_or_the_other() {
    model("renew_take", 2, || {
        let map = map_with(&[1]);
        let held = map.get(key(1), 0, &mut Departures::counting()).hit().expect("it is there");
        let there = Arc::clone(&map);
        let (renewed, taken) =
            race(|| map.renew(&held, 20, u64::MAX).is_ok(), move || take(&there, 1));
        assert_eq!(taken, Some(if renewed { 20 } else { 10 }));
        assert_holds(&map, &[]);
    });
}

#[test]
fn of_two_renewals_of_one_entry_one_wins() {
    model("renew_renew", 2, || {
        let map = map_with(&[1]);
        let held = map.get(key(1), 0, &mut Departures::counting()).hit().expect("it is there");
        let there = Arc::clone(&map);
        let (here, there) = race(
            || map.renew(&held, 20, u64::MAX).is_ok(),
            move || {
                let held = there.get(key(1), 0, &mut Departures::counting()).hit();
                let held = held.expect("it is there all the time");
                (*held, there.renew(&held, *held + 11, u64::MAX).is_ok())
            },
        );
        let last = match (here, there) {
            (true, (20, true)) => 31,
            (true, (10, false)) => 20,
            (false, (10, true)) => 21,
            other => panic!("both changed one entry, or neither: {other:?}"),
        };
        assert_holds(&map, &[(1, last)]);
    });
}
