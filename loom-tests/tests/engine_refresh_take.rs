//! A session is taken while its life is being renewed (I4, I6): once taken, it does not come back, and
//! there is no moment in which it is not there to be taken.
//!
//! * Edges: E1, E4, E8.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `replace_without_exchange`.

use loom_tests::engine::{assert_adds_up, cache, id, payload, quiet, session};
use loom_tests::{model, race};
use resumption_cache::CacheMode;

#[test]
fn what_was_taken_is_not_renewed() {
    model("engine_refresh_take", 3, || {
        let (cache, context, _) = cache(|builder| builder.mode(quiet() | CacheMode::UPDATE_TIME));
        context.insert(session(1, 10)).expect("room");
        let there = context.clone();
        let ((), taken) = race(
            || {
                if let Some(held) = context.get(&id(1)).hit() {
                    // Renewed, or taken before: both are fine.
                    let _ = context.insert_again(&held);
                }
            },
            move || there.take(&id(1)).is_hit(),
        );
        assert!(taken, "renewed, and not there meanwhile");
        assert!(!payload(&context, 1).is_hit(), "taken, and back again");
        assert_adds_up(&cache, 3);
    });
}
