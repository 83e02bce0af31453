//! A slab that has no chunk yet gets one (I7): of two threads that allocate it one wins, and both know of
//! the winner's before they write to it.
//!
//! * Edges: E9.
//! * Reclaimer: none.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `find_chunk_relaxed`, `publish_chunk_relaxed`.

use std::sync::Arc;

use loom_tests::{model, race};
use resumption_map::model::Slots;

#[test]
fn two_first_users_share_one_chunk() {
    model("slab_grow", 3, || {
        let slots = Arc::new(Slots::new());
        let there = Arc::clone(&slots);
        let (here, there) = race(|| slots.take(1), move || there.take(2));
        let taken = [here, there].map(|slot| slots.put(slot.expect("memory")));
        assert_eq!(taken, [1, 2]);
    });
}
