//! 62, 63, 79 to 81: what is expired, and when it leaves.

use std::num::NonZeroUsize;

use resumption_cache::{CacheMode, Capacity, RemovalReason};

use super::{Stack, Version, World, full, resumes};

/// A session that has expired is offered.
fn offered_too_late(stack: &dyn Stack, version: Version) {
    let world = World::new();
    let server = world.serve(stack);
    let ticket = full(&*server, version);
    let held = world.cache.len();
    world.advance(7200);
    world.events();
    world.advance(1);
    // The clearing by the way would have it as soon as it comes by.
    world.cache.set_mode(CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR);
    assert!(!resumes(&*server, version, &ticket));
    let counted = world.counted();
    assert_eq!((counted.timeouts, counted.hits, counted.misses), (1, 0, 0));
    assert_eq!(world.gone(), [RemovalReason::Expired]);
    // One left, and as many as at first came with the new handshake.
    assert_eq!(world.cache.len(), 2 * held - 1);
}

pub(crate) fn case_062_an_expired_session_of_tls_1_2_leaves_and_is_counted(stack: &dyn Stack) {
    offered_too_late(stack, Version::Tls12);
}

pub(crate) fn case_063_an_expired_session_of_tls_1_3_leaves_too(stack: &dyn Stack) {
    offered_too_late(stack, Version::Tls13);
}

/// A small cache with sessions that have expired and that nobody offers, and a lap's worth of
/// handshakes: the reasons for which sessions left.
fn left_by_the_way(stack: &dyn Stack, version: Version, mode: CacheMode) -> Vec<RemovalReason> {
    let hundred = Capacity::of_entries(NonZeroUsize::new(100).unwrap());
    let world = World::with(|builder| builder.capacity(hundred).mode(mode));
    let server = world.serve(stack);
    full(&*server, version);
    world.advance(7201);
    // Of 10 seconds, in steps: more of them than a lap has.
    for _ in 0..20 {
        world.advance(1);
        full(&*server, version);
    }
    world.gone()
}

pub(crate) fn case_079_an_expired_session_leaves_by_the_way_in_tls_1_2(stack: &dyn Stack) {
    let gone = left_by_the_way(stack, Version::Tls12, CacheMode::SERVER);
    assert_eq!(gone, [RemovalReason::Expired]);
}

pub(crate) fn case_080_an_expired_session_leaves_by_the_way_in_tls_1_3(stack: &dyn Stack) {
    let gone = left_by_the_way(stack, Version::Tls13, CacheMode::SERVER);
    assert_eq!(gone, [RemovalReason::Expired; 2]);
}

pub(crate) fn case_081_without_auto_clear_it_does_not(stack: &dyn Stack) {
    let mode = CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR;
    for version in super::BOTH {
        assert_eq!(left_by_the_way(stack, version, mode), []);
    }
}
