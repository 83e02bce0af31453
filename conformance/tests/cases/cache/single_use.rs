//! 132 and 138: taking, and how long a lineage lasts.

use std::sync::Barrier;
use std::thread;

use resumption_cache::{Lookup, RemovalReason};
use resumption_session::{Lifetime, ProtocolVersion, Usage};

use super::support::{Bench, id, lived, session};

#[test]
fn case_132_of_64_threads_one_takes_a_single_use_session() {
    const CROWD: usize = 64;
    let bench = Bench::new();
    for round in 0..20 {
        let single = session(&bench.context, round).with_usage(Usage::SingleUse);
        bench.context.insert(single).unwrap();
        let barrier = Barrier::new(CROWD);
        let taken = thread::scope(|scope| {
            let takers: Vec<_> = (0..CROWD)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        bench.context.take(&id(round)).is_hit()
                    })
                })
                .collect();
            takers.into_iter().map(|taker| taker.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(taken, 1);
        assert_eq!(bench.log.all_for(RemovalReason::Taken), [round]);
    }
    assert_eq!(bench.cache.stats().misses, 20 * (CROWD as u64 - 1));
}

#[test]
fn case_138_resuming_for_ever_ends_with_the_lineage() {
    const DAY: Lifetime = Lifetime::from_secs(86_400);
    let bench = Bench::new();
    let authenticated = bench.clock_now();
    let mut resumed = 0;
    // Every half a day a session of a day is resumed, and another comes in its place.
    loop {
        let next = lived(&bench.context, resumed, DAY)
            .with_version(ProtocolVersion::Tls13)
            .with_usage(Usage::SingleUse)
            .with_authenticated_at(authenticated);
        if bench.context.insert(next).is_err() {
            break;
        }
        bench.advance(43_200);
        match bench.context.take(&id(resumed)) {
            Lookup::Hit(session) => {
                assert_eq!(session.authenticated_at(), authenticated);
                assert_eq!(session.lifetime(), DAY);
            }
            _ => break,
        }
        resumed += 1;
        assert!(resumed < 100, "for ever");
    }
    assert_eq!(resumed, 14, "seven days");
}
