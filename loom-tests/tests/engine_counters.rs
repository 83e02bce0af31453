//! Counters add up: a thread that takes over the block of one that has ended counts on from there.
//!
//! * Edges: E12.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `leave_block_relaxed`, `take_block_relaxed`.

use loom_tests::engine::{assert_adds_up, cache, payload};
use loom_tests::{model, race3};
use resumption_cache::{Context, Handshake, Lookup};

#[test]
fn no_count_is_lost_when_a_block_changes_hands() {
    model("engine_counters", 3, || {
        let (cache, context, _) = cache(|builder| builder);
        let (one, other) = (context.clone(), context);
        let ((), here, there) = race3(|| (), move || payload(&one, 1), move || payload(&other, 1));
        assert_eq!((here, there), (Lookup::Miss, Lookup::Miss));
        assert_adds_up(&cache, 2);
    });
}

#[test]
fn no_handshake_of_a_context_is_lost_with_it() {
    model("engine_handshakes", 3, || {
        let (cache, context, _) = cache(|builder| builder);
        let (one, other) = (context.clone(), context.clone());
        let count = |context: &Context| context.count(Handshake::Accept);
        race3(|| (), move || count(&one), move || count(&other));
        assert_eq!(context.stats().handshakes.accept, 2);
        assert_eq!(cache.stats().handshakes.accept, 2);
    });
}
