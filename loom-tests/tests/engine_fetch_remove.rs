//! A session that is removed while the get callback fetches it does not come back (I2): not through the
//! fetch, and not into the cache.
//!
//! The store here orders nothing by itself, and the fetch runs inside another lookup, where a pin fences
//! nothing: only the stamps keep the two apart.
//!
//! * Edges: E11.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `stamp_change_relaxed`, `stamp_check_relaxed`, `stamp_load`, `stamp_read_relaxed`.

use std::sync::Arc;

use loom_tests::engine::{cache, id, payload, session};
use loom_tests::{Note, model, race};
use resumption_cache::{Callbacks, Lookup, Removal};
use resumption_session::{SessionId, SessionIdContext};

#[test]
fn what_was_removed_does_not_come_back() {
    model("engine_fetch_remove", 2, || {
        let deleted = Arc::new(Note::new());
        let store = Arc::clone(&deleted);
        let callbacks = Callbacks::none()
            .on_get(move |_: &SessionIdContext, _: &SessionId| {
                (!store.is_written()).then(|| session(1, 10))
            })
            .on_remove(move |removal: Removal<'_>| {
                if removal.reason.deletes_externally() && *removal.id == id(1) {
                    deleted.write();
                }
            });
        let (_cache, context, _) = cache(|builder| builder.callbacks(callbacks));
        context.insert(session(9, 90)).expect("room");
        // Makes the stamps, whose `OnceLock` the model does not see.
        context.remove(&id(8));
        let there = context.clone();
        race(
            || {
                let looked_at = context.get_with(&id(9), |_| drop(context.get(&id(1))));
                assert_eq!(looked_at, Lookup::Hit(()));
            },
            move || there.remove(&id(1)),
        );
        assert_eq!(payload(&context, 1), Lookup::Miss, "it was removed");
    });
}
