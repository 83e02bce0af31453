//! An entry is renewed while another replaces it, takes it or renews it (I1, I4, I6): of all that would end
//! or change it one wins, and whoever comes second finds what the first has left.
//!
//! * Edges: E1, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions.
//! * Kills: `replace_without_exchange`.

use std::sync::Arc;

use loom_tests::{Map, assert_holds, insert, key, map_with, model, race, take};
use resumption_map::{Departures, Inserted};

/// Renews the entry that it finds; says whether that was still there.
fn renew(map: &Map<u64>, value: u64) -> bool {
    let held = map.get(key(1), 0, &mut Departures::counting()).hit();
    held.is_some_and(|held| map.renew(&held, value, u64::MAX).is_ok())
}

#[test]
fn a_replacement_beside_a_renewal_stays() {
    model("renew_replace", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        let (renewed, inserted) = race(|| renew(&map, 20), move || insert(&there, 1, 11));
        assert_eq!(inserted, (Inserted::Replaced, 1), "it was there all the time");
        // Renewed before it was replaced, or what had replaced it was.
        let last = map.get(key(1), 0, &mut Departures::counting()).hit().map(|held| *held);
        assert!(last == Some(11) || (renewed && last == Some(20)), "{last:?}");
        assert_eq!(map.len(), 1);
    });
}

#[test]
fn a_take_beside_a_renewal_gets_the_one_or_the_other() {
    model("renew_take", 3, || {
        let map = map_with(&[1]);
        let there = Arc::clone(&map);
        let (renewed, taken) = race(|| renew(&map, 20), move || take(&there, 1));
        assert_eq!(taken, Some(if renewed { 20 } else { 10 }));
        assert_holds(&map, &[]);
    });
}

#[test]
fn of_two_renewals_of_one_entry_one_wins() {
    model("renew_renew", 3, || {
        let map = map_with(&[1]);
        let held = map.get(key(1), 0, &mut Departures::counting()).hit().expect("it is there");
        let there = Arc::clone(&map);
        let (here, there) = race(
            || map.renew(&held, 20, u64::MAX).is_ok(),
            move || {
                let held = there.get(key(1), 0, &mut Departures::counting()).hit();
                let held = held.expect("it is there all the time");
                let seen = *held;
                (seen, there.renew(&held, seen + 11, u64::MAX).is_ok())
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
