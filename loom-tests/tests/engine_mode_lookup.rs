//! The mode changes under a lookup: it goes by the former or by the new one, and one that begins
//! afterwards goes by the new one.
//!
//! * Edges: none: the mode is one relaxed word.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `mode_without_exchange`.

use loom_tests::engine::{assert_adds_up, cache, payload, quiet, session};
use loom_tests::{model, race};
use resumption_cache::{CacheMode, Lookup};

#[test]
fn a_lookup_goes_by_one_mode() {
    model("engine_mode_lookup", 3, || {
        let (cache, context, _) = cache(|builder| builder);
        context.insert(session(1, 10)).expect("room");
        let there = cache.clone();
        let (found, former) = race(|| payload(&context, 1), move || there.set_mode(CacheMode::OFF));
        assert_eq!(former, quiet());
        assert!(matches!(found, Lookup::Hit(10) | Lookup::Miss), "{found:?}");
        assert_eq!(payload(&context, 1), Lookup::Miss, "the cache is off");
        assert_adds_up(&cache, 2);
    });
}

#[test]
fn of_two_changes_each_gives_back_the_one_before() {
    model("engine_mode_mode", 3, || {
        let (cache, _, _) = cache(|builder| builder);
        let there = cache.clone();
        let client = quiet() | CacheMode::CLIENT;
        let (here, there) = race(|| cache.set_mode(CacheMode::OFF), move || there.set_mode(client));
        let last = cache.mode();
        assert!(
            (here, there, last) == (quiet(), CacheMode::OFF, client)
                || (here, there, last) == (client, quiet(), CacheMode::OFF),
            "{here:?}, {there:?}, {last:?}"
        );
    });
}
