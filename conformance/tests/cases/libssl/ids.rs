//! 141, 142: ids that an application makes.

use resumption_cache::Callbacks;
use resumption_session::SessionIdContext;

use super::server::Host;
use crate::wire::{Hello, Version, World, shake};

/// A server whose cache has a generator that says it made an id of this length.
fn generating(len: Option<usize>) -> (World, Host) {
    let world = World::new();
    let generator = move |_: &SessionIdContext, buffer: &mut [u8; 32]| {
        assert_eq!(*buffer, [0; 32], "zeroed before");
        buffer[..4].copy_from_slice(b"four");
        len
    };
    world.cache.set_callbacks(Callbacks::none().on_generate_id(generator));
    let host = Host::new(&world.context(b"site"), |_| (), |adapter| adapter);
    (world, host)
}

#[test]
fn case_141_a_generator_makes_1_to_32_bytes_or_the_handshake_fails() {
    for len in [None, Some(0), Some(33)] {
        let (world, host) = generating(len);
        let shaken = shake(&host, &Hello::new(Version::Tls12));
        assert!(shaken.failed.is_some() && world.cache.is_empty(), "{len:?}");
    }
    let (world, host) = generating(Some(4));
    let ticket = shake(&host, &Hello::new(Version::Tls12)).ticket();
    assert_eq!(ticket.id(), b"four");
    assert!(shake(&host, &Hello::new(Version::Tls12).offering(&ticket)).has_resumed());
    assert_eq!(world.counted().hits, 1);
}

#[test]
fn case_142_an_id_that_is_taken_fails_the_handshake() {
    let (world, host) = generating(Some(4));
    assert!(!shake(&host, &Hello::new(Version::Tls12)).has_resumed());
    assert!(shake(&host, &Hello::new(Version::Tls12)).failed.is_some());
    assert_eq!(world.cache.len(), 1);
}
