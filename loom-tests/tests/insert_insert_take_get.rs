//! Two inserts, a take between them and a reader (I2, I7, I10): what lies behind an unlinked node stays
//! visible, and the reader finds its way whatever it stands on.
//!
//! * Edges: E1, E2, E3, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `ready_relaxed`.

use std::sync::Arc;

use loom_tests::{get, insert, map_with, model, race3, take};

#[test]
fn what_lies_behind_an_unlinked_node_stays_visible() {
    model("insert_insert_take_get", 3, || {
        let map = map_with(&[]);
        let (writer, taker) = (Arc::clone(&map), Arc::clone(&map));
        let (seen, (), taken) = race3(
            || (get(&map, 1), get(&map, 3)),
            move || {
                insert(&writer, 3, 30);
                insert(&writer, 2, 20);
            },
            move || take(&taker, 2),
        );
        assert_eq!(seen.0, None);
        assert!(seen.1.is_none_or(|value| value == 30));
        assert_eq!((get(&map, 3), get(&map, 2)), (Some(30), taken.xor(Some(20))));
    });
}
