//! A removal, a flush and a reader at once: the entry departs once (I3), and what the reader sees is not
//! freed under it (I7).
//!
//! * Edges: E2, E3, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `report_without_winning`.

use std::sync::Arc;

use loom_tests::{assert_holds, get, map_with, model, race3, remove, sweep_all};

#[test]
fn a_reader_beside_two_removers_is_safe() {
    model("remove_get_sweep", 3, || {
        let map = map_with(&[1]);
        let (second, third) = (Arc::clone(&map), Arc::clone(&map));
        let (seen, removed, condemned) =
            race3(|| get(&map, 1), move || remove(&second, 1), move || sweep_all(&third));
        assert!(seen.is_none_or(|value| value == 10));
        assert_eq!(u64::from(removed) + condemned, 1);
        assert_holds(&map, &[]);
    });
}
