//! A removal and a lookup that finds the session expired: the remove callback hears of it once, with one
//! reason (I3).
//!
//! * Edges: E4.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions. Too large without a bound.
//! * Kills: `report_without_winning`.

use loom_tests::engine::{Told, assert_adds_up, cache, id, payload, session};
use loom_tests::{model, race};
use resumption_cache::{Callbacks, Lookup};
use resumption_session::Lifetime;

#[test]
fn a_departure_is_told_once() {
    model("engine_remove_expire", 3, || {
        let told = Told::default();
        let callbacks = Callbacks::none().on_remove(told.listener());
        let (cache, context, clock) = cache(|builder| builder.callbacks(callbacks));
        context.insert(session(1, 10)).expect("room");
        clock.advance(Lifetime::from_secs(3601));
        let there = context.clone();
        let (looked_up, removed) = race(|| payload(&context, 1), move || there.remove(&id(1)));
        let expired = looked_up == Lookup::Expired;
        assert!(expired ^ removed, "expired: {expired}, removed: {removed}");
        assert_eq!(told.count(), 1, "how often the callback was told");
        assert_adds_up(&cache, 1);
    });
}
