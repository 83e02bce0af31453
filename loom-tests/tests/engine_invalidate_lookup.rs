//! A context is invalidated beside a lookup (I2): the lookup may still find the session, from the cache
//! or from the get callback; one that begins afterwards does not, and the cache has kept nothing.
//!
//! * Edges: E10.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `generation_load_relaxed`, `generation_store_relaxed`.

use loom_tests::engine::{assert_adds_up, cache, id, payload, session};
use loom_tests::{model, race};
use resumption_cache::{Callbacks, Lookup, Refusal};
use resumption_session::{Lifetime, SessionId, SessionIdContext};

#[test]
fn what_is_cached_is_out_of_reach() {
    model("engine_invalidate_lookup", 3, || {
        let (cache, context, clock) = cache(|builder| builder);
        context.insert(session(1, 10)).expect("room");
        clock.advance(Lifetime::from_secs(1));
        let there = context.clone();
        let (found, ()) = race(|| payload(&context, 1), move || there.invalidate());
        assert!(matches!(found, Lookup::Hit(10) | Lookup::Miss), "{found:?}");
        assert_eq!(payload(&context, 1), Lookup::Miss);
        assert_adds_up(&cache, 2);
    });
}

#[test]
fn what_was_fetched_before_is_not_kept() {
    model("engine_invalidate_fetch", 3, || {
        let fetch = |_: &SessionIdContext, _: &SessionId| Some(session(1, 10));
        let callbacks = Callbacks::none().on_get(fetch);
        let (cache, context, clock) = cache(|builder| builder.callbacks(callbacks));
        clock.advance(Lifetime::from_secs(1));
        let there = context.clone();
        let (found, ()) = race(
            || context.get(&id(1)).map(|found| found.payload().expose()[0]),
            move || there.invalidate(),
        );
        let policy = Lookup::Refused(Refusal::Policy);
        assert!(found == Lookup::CallbackHit(10) || found == policy, "{found:?}");
        cache.set_callbacks(Callbacks::none());
        assert_eq!(payload(&context, 1), Lookup::Miss, "kept under the new generation");
        assert_adds_up(&cache, 2);
    });
}
