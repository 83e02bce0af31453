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
use resumption_session::{Lifetime, SecretBytes, Session, SessionView};

const SECRET: u8 = 0x5e;

/// In how many places from `secret` on eight of its bytes follow one another.
///
/// One alone proves nothing: the allocator's own notes in freed memory are partly random.
fn left_of(memory: &File, secret: Secret) -> usize {
    let mut seen = vec![0; secret.len];
    memory.read_exact_at(&mut seen, secret.address).expect("the heap does not shrink by so little");
    seen.windows(8).filter(|bytes| **bytes == [SECRET; 8]).count()
}

/// Where a cached session's secret is.
#[derive(Clone, Copy)]
struct Secret {
    address: u64,
    len: usize,
}

impl Secret {
    /// What [`left_of`] says of a whole secret.
    fn whole(self) -> usize {
        self.len - 7
    }
}

/// Caches a session of a secret, and says where the cache keeps that.
fn insert(context: &Context, number: u64, len: usize) -> Secret {
    let payload = SecretBytes::new(vec![SECRET; len]);
    let session = Session::new(id(number), *context.bytes(), context.now(), HOUR, payload);
    context.insert(session).expect("room");
    let address = |session: SessionView<'_>| session.payload().expose().as_ptr().addr() as u64;
    let address = context.get_with(&id(number), address).hit().expect("just inserted");
    Secret { address, len }
}

fn secrets_of_departed_sessions_are_gone(len: usize) {
    let memory = File::open("/proc/self/mem").expect("Linux");
    let (cache, context, clock) = plain(100);

    let taken = insert(&context, 1, len);
    assert_eq!(left_of(&memory, taken), taken.whole());
    let held = context.take(&id(1)).hit().expect("cached");
    cache.maintain();
    assert_eq!(left_of(&memory, taken), taken.whole(), "whoever holds it can read it");
    drop(held);
    assert_eq!(cache.maintain(), 0);
    assert_eq!(left_of(&memory, taken), 0);

    let removed = insert(&context, 2, len);
    context.remove(&id(2));
    assert_eq!(cache.maintain(), 0);
    assert_eq!(left_of(&memory, removed), 0);

    // Nobody asks for it, and nobody calls for maintenance: lookups of something else, for as long
    // as a lap of housekeeping takes, are enough.
    let expired = insert(&context, 3, len);
    clock.advance(Lifetime::from_secs(3601));
    for _ in 0..200 {
        clock.advance(Lifetime::from_millis(200));
        context.get_with(&id(1000), |_| ());
    }
    assert!(cache.is_empty());
    assert_eq!(left_of(&memory, expired), 0);
}

#[test]
fn the_secrets_of_departed_sessions_are_gone_after_maintenance() {
    // Small ones lie in the cache's own memory, large ones apart from it.
    secrets_of_departed_sessions_are_gone(200);
    secrets_of_departed_sessions_are_gone(1000);

    let memory = File::open("/proc/self/mem").expect("Linux");
    let (cache, context, _clock) = plain(100);
    let large = insert(&context, 4, 1000);
    drop((context, cache));
    assert_eq!(left_of(&memory, large), 0, "still cached when the cache ended");
}
