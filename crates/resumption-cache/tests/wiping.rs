//! When the secrets of departed sessions are gone from memory.
//!
//! One test in a process of its own, which looks at freed memory through a file; see the test of
//! the same name in `resumption-session`.
#![cfg(all(target_os = "linux", not(miri)))]

mod common;

use std::fs::File;
use std::os::unix::fs::FileExt;

use common::{HOUR, id, plain};
use resumption_cache::Context;
use resumption_session::{Lifetime, SecretBytes, Session};

const LEN: usize = 1000;
const SECRET: u8 = 0x5e;
/// What [`left_at`] says of a whole secret.
const ALL: usize = LEN - 7;

/// In how many places from `address` on eight bytes of the secret follow one another.
///
/// One alone proves nothing: the allocator's own notes in freed memory are partly random.
fn left_at(memory: &File, address: u64) -> usize {
    let mut seen = [0; LEN];
    memory.read_exact_at(&mut seen, address).expect("the heap does not shrink by so little");
    seen.windows(8).filter(|bytes| **bytes == [SECRET; 8]).count()
}

/// Caches a session of a secret, and says where that is.
fn insert(context: &Context, number: u64) -> u64 {
    let bytes = vec![SECRET; LEN];
    let address = bytes.as_ptr().addr() as u64;
    let payload = SecretBytes::new(bytes);
    let session = Session::new(id(number), *context.bytes(), context.now(), HOUR, payload);
    context.insert(session).expect("room");
    address
}

#[test]
fn the_secrets_of_departed_sessions_are_gone_after_maintenance() {
    let memory = File::open("/proc/self/mem").expect("Linux");
    let (cache, context, clock) = plain(100);

    let taken = insert(&context, 1);
    assert_eq!(left_at(&memory, taken), ALL, "never copied");
    let held = context.take(&id(1)).hit().expect("cached");
    cache.maintain();
    assert_eq!(left_at(&memory, taken), ALL, "whoever holds it can read it");
    drop(held);
    assert_eq!(cache.maintain(), 0);
    assert_eq!(left_at(&memory, taken), 0);

    let removed = insert(&context, 2);
    context.remove(&id(2));
    assert_eq!(cache.maintain(), 0);
    assert_eq!(left_at(&memory, removed), 0);

    // Nobody asks for it, and nobody calls for maintenance: lookups of something else, for as long
    // as a lap of housekeeping takes, are enough.
    let expired = insert(&context, 3);
    clock.advance(Lifetime::from_secs(3601));
    for _ in 0..200 {
        clock.advance(Lifetime::from_millis(200));
        context.get_with(&id(1000), |_| ());
    }
    assert!(cache.is_empty());
    assert_eq!(left_at(&memory, expired), 0);

    let address = insert(&context, 4);
    drop((context, cache));
    assert_eq!(left_at(&memory, address), 0);
}
