//! 89 to 104: callbacks, and 145: the counters.

use resumption_cache::{RemovalReason, Retention};

use super::{BOTH, Event, Hello, Stack, Version, World, full, resumes, shake};

pub(crate) fn case_089_the_new_callback_hears_once_of_a_session_that_is_there(stack: &dyn Stack) {
    let world = World::new();
    let server = world.serve(stack);
    full(&*server, Version::Tls12);
    assert_eq!(world.events(), [Event::New { held: 1 }]);
}

pub(crate) fn case_090_the_new_callback_hears_of_each_ticket(stack: &dyn Stack) {
    let world = World::new();
    let server = world.serve(stack);
    let ticket = full(&*server, Version::Tls12);
    world.events();
    assert!(resumes(&*server, Version::Tls12, &ticket));
    assert_eq!(world.announced(), 0);
    let ticket = full(&*server, Version::Tls13);
    assert_eq!(world.announced(), 2);
    assert!(resumes(&*server, Version::Tls13, &ticket));
    assert_eq!(world.announced(), stack.tickets_when_resumed());
}

pub(crate) fn case_091_what_the_new_callback_declines_does_not_resume(stack: &dyn Stack) {
    for version in BOTH {
        let world = World::new();
        world.cache.set_callbacks(world.listening(Retention::Discard));
        let server = world.serve(stack);
        let ticket = full(&*server, version);
        assert!(world.cache.is_empty());
        assert!(world.gone().iter().all(|reason| *reason == RemovalReason::Removed));
        assert!(!resumes(&*server, version, &ticket), "{version:?}");
    }
}

/// A server that has made a session, which only its store has.
fn in_the_store_alone(stack: &dyn Stack) -> (World, Box<dyn super::Server>, super::Ticket) {
    let world = World::new();
    world.use_store();
    let server = world.serve(stack);
    let ticket = full(&*server, Version::Tls12);
    world.cache.flush_all();
    assert_eq!((world.cache.len(), world.store.len()), (0, 1));
    (world, server, ticket)
}

pub(crate) fn case_097_what_the_get_callback_found_is_cached(stack: &dyn Stack) {
    let (world, server, ticket) = in_the_store_alone(stack);
    assert!(resumes(&*server, Version::Tls12, &ticket));
    assert!(resumes(&*server, Version::Tls12, &ticket));
    assert_eq!((world.store.asked(), world.cache.len()), (1, 1));
}

pub(crate) fn case_098_a_callback_hit_is_a_miss_and_a_hit(stack: &dyn Stack) {
    let (world, server, ticket) = in_the_store_alone(stack);
    assert!(resumes(&*server, Version::Tls12, &ticket));
    let counted = world.counted();
    assert_eq!((counted.misses, counted.cb_hits, counted.hits), (1, 1, 1));
}

pub(crate) fn case_099_the_get_callback_has_nothing(stack: &dyn Stack) {
    let (world, server, ticket) = in_the_store_alone(stack);
    world.store.copies().iter().for_each(|kept| world.store.forget(kept.id()));
    assert!(!resumes(&*server, Version::Tls12, &ticket));
    let counted = world.counted();
    assert_eq!((counted.misses, counted.cb_hits, counted.hits), (1, 0, 0));
    assert_eq!(world.store.asked(), 1);
}

pub(crate) fn case_104_the_get_callback_is_not_asked_for_nothing(stack: &dyn Stack) {
    for version in BOTH {
        let world = World::new();
        world.use_store();
        let server = world.serve(stack);
        // No session is offered.
        let ticket = full(&*server, version);
        assert_eq!(world.store.asked(), 0, "{version:?}");
        if version == Version::Tls13 {
            // Another server's ticket is.
            let foreign = ticket.with_identity(&[7; 200]);
            assert!(!resumes(&*server, version, &foreign));
            assert_eq!(world.store.asked(), 0);
        }
    }
}

pub(crate) fn case_145_the_counters_are_openssls(stack: &dyn Stack) {
    let world = World::new();
    world.use_store();
    let site = super::Site::default();
    let server = world.serve_as(stack, b"site", &site);
    let elsewhere = world.serve_as(stack, b"elsewhere", &site);
    let of = |world: &World| {
        let counted = world.counted();
        [counted.number, counted.hits, counted.cb_hits, counted.misses, counted.timeouts]
    };
    let ticket = full(&*server, Version::Tls12);
    assert_eq!(of(&world), [1, 0, 0, 0, 0]);
    assert!(resumes(&*server, Version::Tls12, &ticket));
    assert_eq!(of(&world), [1, 1, 0, 0, 0]);
    // Found in the store.
    world.cache.flush_all();
    assert!(resumes(&*server, Version::Tls12, &ticket));
    assert_eq!(of(&world), [1, 2, 1, 1, 0]);
    // In another context: not there, and the store's is refused as another context's.
    assert!(!resumes(&*elsewhere, Version::Tls12, &ticket));
    assert_eq!(of(&world), [2, 2, 1, 2, 0]);
    assert_eq!(world.cache.stats().refused.context, 1);
    // Expired, here and in the store.
    world.advance(7201);
    assert!(!resumes(&*server, Version::Tls12, &ticket));
    let [_, hits, cb_hits, misses, timeouts] = of(&world);
    assert_eq!([hits, cb_hits, misses, timeouts], [2, 1, 2, 1]);
    let stats = world.cache.stats();
    assert_eq!(stats.offered(), 4);
    let shaken = shake(&*server, &Hello::new(Version::Tls12));
    assert!(!shaken.has_resumed());
    assert_eq!(world.cache.stats().offered(), 4, "nothing was offered");
}
