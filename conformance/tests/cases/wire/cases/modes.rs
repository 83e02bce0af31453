//! 68 to 77: the mode.

use resumption_cache::{CacheMode, RemovalReason};

use super::{BOTH, Event, Hello, Stack, Version, World, full, resumes, shake};

pub(crate) fn case_068_a_new_session_is_cached_and_resumes(stack: &dyn Stack) {
    let world = World::in_mode(CacheMode::SERVER);
    let server = world.serve(stack);
    let ticket = full(&*server, Version::Tls12);
    assert_eq!(world.cache.len(), 1);
    assert!(resumes(&*server, Version::Tls12, &ticket));
    assert_eq!(world.counted().hits, 1);
}

/// In this mode a server keeps nothing, nobody is told, and what a client may have been given is no use.
fn nothing_is_kept(stack: &dyn Stack, mode: CacheMode) {
    for version in BOTH {
        let world = World::in_mode(mode);
        let server = world.serve(stack);
        let shaken = shake(&*server, &Hello::new(version));
        assert!(!shaken.has_resumed());
        if stack.withholds_what_is_not_kept() {
            assert_eq!(shaken.tickets.len(), 0, "{version:?}");
        }
        for ticket in &shaken.tickets {
            assert!(!resumes(&*server, version, ticket), "{version:?}");
        }
        assert_eq!((world.cache.len(), world.events()), (0, vec![]), "{version:?}");
    }
}

pub(crate) fn case_069_off_keeps_nothing_and_gives_nothing_to_resume(stack: &dyn Stack) {
    nothing_is_kept(stack, CacheMode::OFF);
}

pub(crate) fn case_070_off_finds_nothing_of_what_is_cached(stack: &dyn Stack) {
    for version in BOTH {
        let world = World::new();
        let server = world.serve(stack);
        let ticket = full(&*server, version);
        let held = world.cache.len();
        world.cache.set_mode(CacheMode::OFF);
        assert!(!resumes(&*server, version, &ticket), "{version:?}");
        assert_eq!(world.counted().hits, 0);
        if version == Version::Tls12 {
            // A ticket of TLS 1.3 is used up by being offered.
            assert_eq!(world.cache.len(), held);
            world.cache.set_mode(CacheMode::SERVER);
            assert!(resumes(&*server, version, &ticket));
        }
    }
}

pub(crate) fn case_071_a_server_in_client_mode_stores_nothing(stack: &dyn Stack) {
    nothing_is_kept(stack, CacheMode::CLIENT);
}

pub(crate) fn case_072_without_internal_store_only_what_is_added_by_hand_resumes(
    stack: &dyn Stack,
) {
    for version in BOTH {
        let world = World::in_mode(CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE);
        world.use_store();
        let server = world.serve(stack);
        let ticket = full(&*server, version);
        assert_eq!(world.cache.len(), 0);
        assert!(world.announced() > 0);
        // Without a store to ask, nothing resumes; then what that store kept is added by hand.
        let copies = world.store.copies();
        world.cache.set_callbacks(world.listening(resumption_cache::Retention::Keep));
        assert!(!resumes(&*server, version, &ticket), "{version:?}");
        for copy in copies {
            world.context(b"site").insert(copy).unwrap();
        }
        assert!(resumes(&*server, version, &ticket), "{version:?}");
    }
}

pub(crate) fn case_073_without_internal_lookup_the_get_callback_is_asked_at_once(
    stack: &dyn Stack,
) {
    let world = World::in_mode(CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP);
    world.use_store();
    let server = world.serve(stack);
    let ticket = full(&*server, Version::Tls12);
    assert_eq!(world.cache.len(), 1);
    assert!(resumes(&*server, Version::Tls12, &ticket));
    assert!(resumes(&*server, Version::Tls12, &ticket));
    let counted = world.counted();
    assert_eq!((world.store.asked(), counted.cb_hits, counted.misses), (2, 2, 0));
    // With nothing in the store, what is cached here does not help.
    world.cache.set_callbacks(world.listening(resumption_cache::Retention::Keep));
    assert!(!resumes(&*server, Version::Tls12, &ticket));
    assert_eq!(world.counted().misses, 0);
}

pub(crate) fn case_074_what_the_get_callback_found_is_cached_unless_nothing_is_stored(
    stack: &dyn Stack,
) {
    let lookup = CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP;
    let store = CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE;
    for (mode, held) in [(lookup, 1), (store, 0)] {
        let world = World::in_mode(mode);
        world.use_store();
        let server = world.serve(stack);
        let ticket = full(&*server, Version::Tls12);
        world.cache.flush_all();
        assert!(resumes(&*server, Version::Tls12, &ticket));
        assert_eq!((world.cache.len(), world.store.asked()), (held, 1), "{mode:?}");
    }
}

pub(crate) fn case_075_without_internal_anything_the_callbacks_do_it_all(stack: &dyn Stack) {
    for version in BOTH {
        let world = World::in_mode(CacheMode::SERVER | CacheMode::NO_INTERNAL);
        world.use_store();
        let server = world.serve(stack);
        let ticket = full(&*server, version);
        assert!(resumes(&*server, version, &ticket), "{version:?}");
        let counted = world.counted();
        assert_eq!((world.cache.len(), counted.hits, counted.cb_hits), (0, 1, 1), "{version:?}");
    }
}

pub(crate) fn case_077_a_mode_takes_effect_with_the_next_handshake(stack: &dyn Stack) {
    let world = World::new();
    let server = world.serve(stack);
    let ticket = full(&*server, Version::Tls12);
    for (mode, resumed) in [
        (CacheMode::SERVER, true),
        (CacheMode::OFF, false),
        (CacheMode::BOTH, true),
        (CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP, false),
        (CacheMode::SERVER, true),
    ] {
        world.cache.set_mode(mode);
        assert_eq!(resumes(&*server, Version::Tls12, &ticket), resumed, "{mode:?}");
    }
    let evicted = world.events().contains(&Event::Gone(RemovalReason::Evicted));
    assert!(!evicted);
}
