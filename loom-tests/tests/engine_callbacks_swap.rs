//! Callbacks are swapped whole: a lookup beside a swap uses the former or the new set, and of two swaps
//! the last one counts for everything.
//!
//! * Edges: none: the flags are relaxed, and the sets are arc-swap's to publish.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `set_without_lock`.

use loom_tests::engine::{assert_adds_up, cache, payload, quiet, session};
use loom_tests::{model, race};
use resumption_cache::{CacheMode, Callbacks, Lookup};
use resumption_session::{SessionId, SessionIdContext};

fn finding() -> Callbacks {
    Callbacks::none().on_get(|_: &SessionIdContext, _: &SessionId| Some(session(1, 10)))
}

#[test]
fn a_lookup_beside_a_swap_uses_one_set() {
    model("engine_callbacks_lookup", 3, || {
        let (cache, context, _) = cache(|builder| builder);
        let there = cache.clone();
        let (found, former) = race(|| payload(&context, 1), move || there.set_callbacks(finding()));
        assert!(former.get_callback().is_none());
        assert!(matches!(found, Lookup::CallbackHit(10) | Lookup::Miss), "{found:?}");
        assert!(payload(&context, 1).is_hit(), "set before this lookup began");
        assert_adds_up(&cache, 2);
    });
}

#[test]
fn of_two_swaps_the_last_one_counts() {
    model("engine_callbacks_swap", 3, || {
        // Nothing is cached, so that each lookup has to ask.
        let (cache, context, _) =
            cache(|builder| builder.mode(quiet() | CacheMode::NO_INTERNAL_STORE));
        let there = cache.clone();
        race(|| cache.set_callbacks(finding()), move || there.set_callbacks(Callbacks::none()));
        let last = cache.callbacks().get_callback().is_some();
        assert_eq!(payload(&context, 1).is_hit(), last, "asked as the last set says");
    });
}
