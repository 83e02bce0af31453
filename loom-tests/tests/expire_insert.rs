//! An expired entry is never returned (I5), and the fresh one in its place is not mistaken for it: a
//! lookup at a time after the old one's end, beside an insert.
//!
//! * Edges: E1, E2, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `find_expired`.

use std::sync::Arc;

use loom_tests::{entry, key, map_of, model, race, tiny};
use resumption_map::{Cause, Departures, Found, NewEntry};

#[test]
fn an_expired_entry_is_reported_once_and_never_found() {
    model("expire_insert", 3, || {
        let map = map_of(tiny(4));
        let old = NewEntry { expires: 4, ..entry(1) };
        map.insert(key(1), old, 0, &mut Departures::counting()).expect("room");
        let there = Arc::clone(&map);
        let mut here = Departures::counting();
        let (found, expired) = race(
            || map.get_with(key(1), 5, &mut here, |entry| *entry.value()),
            move || {
                let mut elsewhere = Departures::counting();
                there.insert(key(1), entry(2), 5, &mut elsewhere).expect("room");
                elsewhere.count(Cause::Expired)
            },
        );
        assert_ne!(found, Found::Hit(1), "expired, yet found");
        assert_eq!(here.count(Cause::Expired) + expired, 1, "expired once");
        assert_eq!(found == Found::Expired, here.count(Cause::Expired) == 1);
        loom_tests::assert_holds(&map, &[(1, 2)]);
    });
}
