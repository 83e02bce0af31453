//! An insert is never its own victim (I9), also when the capacity shrinks under it.
//!
//! * Edges: E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `evict_after_linking`.

use std::num::NonZeroUsize;
use std::sync::Arc;

use loom_tests::{get, insert, map_of, model, race, tiny};

#[test]
fn the_new_entry_is_there_when_insert_returns() {
    model("shrink_insert", 3, || {
        let map = map_of(tiny(2));
        insert(&map, 1, 10);
        let there = Arc::clone(&map);
        race(
            || {
                insert(&map, 2, 20);
                assert_eq!(get(&map, 2), Some(20), "evicted by itself");
            },
            move || there.set_capacity(NonZeroUsize::new(1)),
        );
        assert_eq!(map.len(), map.snapshot().count());
        insert(&map, 3, 30);
        assert_eq!(get(&map, 3), Some(30));
        assert!(map.len() <= 2, "grew after the capacity had shrunk");
    });
}
