//! 144, 154, 155: ids that look alike, references, wiping.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use resumption_cache::Context;
use resumption_session::{SecretBytes, Session, SessionId};

use super::support::{Bench, HOUR, START, id, number};

/// 20 000 ids, made of a number that is well mixed or of the manual's own prefix and a number.
fn ids(prefixed: bool) -> Vec<SessionId> {
    let make = |number: u64| {
        let mut bytes = [0; 32];
        if prefixed {
            bytes[..6].copy_from_slice(b"www-18");
            bytes[6..14].copy_from_slice(&number.to_le_bytes());
        } else {
            for (at, chunk) in bytes.chunks_mut(8).enumerate() {
                let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(13);
                let mixed = (mixed ^ (at as u64 + 1)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                chunk.copy_from_slice(&mixed.to_le_bytes());
            }
        }
        SessionId::from(bytes)
    };
    (0..20_000).map(make).collect()
}

/// How long it takes to add and find them all.
fn time_of(ids: &[SessionId]) -> Duration {
    let bench = Bench::with(|builder| builder.callbacks(resumption_cache::Callbacks::none()));
    let begun = Instant::now();
    for id in ids {
        let payload = SecretBytes::new(vec![0; 64]);
        let made = Session::new(*id, *bench.context.bytes(), START, HOUR, payload);
        bench.context.insert(made).unwrap();
    }
    for id in ids {
        assert!(bench.context.get_with(id, |_| ()).is_hit());
    }
    begun.elapsed()
}

/// In OpenSSL the one takes 560 times as long as the other, so that a bound of three is far from noise;
/// the least of several runs, taken in turns, leaves out what else the machine does.
#[test]
fn case_144_ids_with_a_common_prefix_are_as_fast_as_others() {
    let (random, prefixed) = (ids(false), ids(true));
    let mut least = [Duration::MAX; 2];
    for _ in 0..5 {
        for (least, ids) in least.iter_mut().zip([&random, &prefixed]) {
            *least = time_of(ids).min(*least);
        }
    }
    assert!(least[1] < 3 * least[0], "random, prefixed: {least:?}");
}

#[test]
fn case_154_a_reference_outlives_a_removal_and_a_loan_ends_with_the_lookup() {
    let bench = Bench::new();
    bench.add(1);
    let lent = bench.context.get_with(&id(1), |session| number(session.payload()));
    assert_eq!(lent.hit(), Some(1));
    let owned = bench.context.get(&id(1)).hit().unwrap();
    assert!(bench.context.remove(&id(1)));
    bench.cache.maintain();
    assert_eq!(number(owned.payload()), 1);
}

const SECRET: u8 = 0x5e;
const LEN: usize = 500;

/// Caches a session of a secret, and says where the cache keeps that.
fn secret_of(context: &Context) -> u64 {
    let payload = SecretBytes::new(vec![SECRET; LEN]);
    context.insert(Session::new(id(1), *context.bytes(), START, HOUR, payload)).unwrap();
    let address = context.get_with(&id(1), |session| session.payload().expose().as_ptr().addr());
    address.hit().unwrap() as u64
}

/// At how many places there eight bytes of it follow one another.
fn left_at(address: u64) -> usize {
    let mut seen = vec![0; LEN];
    File::open("/proc/self/mem").unwrap().read_exact_at(&mut seen, address).unwrap();
    seen.windows(8).filter(|bytes| **bytes == [SECRET; 8]).count()
}

#[test]
fn case_155_when_the_last_reference_goes_the_secret_is_gone() {
    let bench = Bench::new();
    let address = secret_of(&bench.context);
    let held = bench.context.get(&id(1)).hit().unwrap();
    bench.context.remove(&id(1));
    bench.cache.maintain();
    assert_eq!(left_at(address), LEN - 7, "whoever holds it can read it");
    drop(held);
    assert_eq!(bench.cache.maintain(), 0);
    assert_eq!(left_at(address), 0);
}
