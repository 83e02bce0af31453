//! Whoever finds an entry gone sees what its remover did before (I2): a caller that revokes a key
//! elsewhere and then removes its session can rely on nobody missing the session without seeing that.
//! The remover works inside a lookup, as in `insert_get`.
//!
//! * Edges: E2, E3, E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `depart_relaxed`.

use std::sync::Arc;

use loom_tests::{Note, get, inside, map_with, model, race, remove};

#[test]
fn a_departure_publishes_what_came_before_it() {
    model("departure_seen", 3, || {
        let map = map_with(&[9, 1]);
        let revoked = Arc::new(Note::new());
        let (there, note) = (Arc::clone(&map), Arc::clone(&revoked));
        race(
            || assert!(get(&map, 1).is_some() || revoked.is_written(), "gone, and not revoked"),
            move || {
                inside(&there, 9, || {
                    note.write();
                    assert!(remove(&there, 1));
                });
            },
        );
        assert_eq!(map.len(), 1);
    });
}
