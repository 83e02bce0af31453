//! A lookup brings a session in from the get callback while another one is inserted under its id (I1):
//! one of them stays, and both are accounted for (I3).
//!
//! * Edges: E1, E4, E11.
//! * Reclaimer: Poison.
//! * Modes: shadow, 2 pre-emptions. Too large without a bound.
//! * Kills: `head_reread`.

use loom_tests::engine::{assert_adds_up, cache, id, payload, session};
use loom_tests::{model, race};
use resumption_cache::{Callbacks, Lookup};
use resumption_session::{SessionId, SessionIdContext};

#[test]
fn one_of_the_two_stays() {
    model("engine_fill_insert", 2, || {
        let fetch = |_: &SessionIdContext, _: &SessionId| Some(session(1, 10));
        let callbacks = Callbacks::none().on_get(fetch);
        let (cache, context, _) = cache(|builder| builder.callbacks(callbacks));
        let there = context.clone();
        let (found, inserted) = race(
            || context.get(&id(1)).map(|found| found.payload().expose()[0]),
            move || there.insert(session(1, 20)).is_ok(),
        );
        assert!(inserted);
        assert!(matches!(found.hit(), Some(10 | 20)), "{found:?}");
        assert_eq!(cache.len(), 1);
        assert!(matches!(payload(&context, 1), Lookup::Hit(10 | 20)));
        assert_adds_up(&cache, 2);
    });
}
