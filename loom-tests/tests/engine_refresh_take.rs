//! A session is taken while its life is being renewed (I4): once taken, it does not come back.
//!
//! * Edges: E4, E8.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `refresh_what_has_left`.

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
            // In the moment of the renewal it may miss.
            move || there.take(&id(1)).is_hit(),
        );
        assert!(!(taken && payload(&context, 1).is_hit()), "taken, and back again");
        assert_adds_up(&cache, if taken { 3 } else { 2 });
    });
}
