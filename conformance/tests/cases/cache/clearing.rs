//! 82 to 87: clearing by the way.

use resumption_cache::{CacheMode, RemovalReason, SweepSchedule};
use resumption_session::Lifetime;

use super::support::{Bench, HOUR, context, id};

/// So long a lap of housekeeping takes.
const LAP: Lifetime = SweepSchedule::DEFAULT_LAP;

/// Expired sessions that nobody asks for: 1000 of them.
fn with_a_thousand_expired(mode: CacheMode) -> Bench {
    let bench = Bench::new();
    bench.cache.set_mode(mode);
    for number in 0..1000 {
        bench.add(number);
    }
    bench.clock.advance(HOUR);
    bench.advance(1);
    bench
}

/// Lets a lap go by, with an operation in every small part of it.
fn lap_with(bench: &Bench, operation: impl Fn(u64)) {
    let steps = 4000;
    for step in 0..steps {
        bench.clock.advance(Lifetime::from_nanos(2 * LAP.as_nanos() / steps));
        operation(step);
    }
}

#[test]
fn case_082_lookups_that_find_nothing_clear_too() {
    let bench = with_a_thousand_expired(CacheMode::SERVER);
    lap_with(&bench, |step| assert!(!bench.finds(10_000 + step)));
    assert!(bench.cache.is_empty());
    assert_eq!(bench.log.all_for(RemovalReason::Expired).len(), 1000);
}

#[test]
fn case_083_traffic_of_one_context_clears_another() {
    let bench = with_a_thousand_expired(CacheMode::SERVER);
    let other = context(&bench.cache, b"another virtual host");
    lap_with(&bench, |step| assert!(!other.get(&id(step)).is_hit()));
    assert!(bench.cache.is_empty());
}

#[test]
fn case_084_clearing_is_for_every_role_and_no_auto_clear_ends_it() {
    for (mode, left) in [
        (CacheMode::SERVER, 0),
        (CacheMode::CLIENT, 0),
        (CacheMode::OFF, 0),
        (CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR, 1000),
    ] {
        // Added under another mode: of these, one stores nothing.
        let bench = with_a_thousand_expired(CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR);
        bench.cache.set_mode(mode);
        lap_with(&bench, |step| assert!(!bench.finds(10_000 + step)));
        assert_eq!(bench.cache.len(), left, "{mode:?}");
    }
}

#[test]
fn case_085_a_cache_without_traffic_is_cleared_by_maintenance() {
    let bench = with_a_thousand_expired(CacheMode::SERVER);
    for _ in 0..20 {
        bench.clock.advance(Lifetime::from_nanos(LAP.as_nanos() / 10));
        bench.cache.maintain();
    }
    assert!(bench.cache.is_empty());
    // And what nobody has cleared never resumes.
    let bench = with_a_thousand_expired(CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR);
    assert_eq!(bench.found(0..1000), []);
}

/// Two operations at one instant: the second finds the step done.
#[test]
fn case_086_a_step_is_done_once() {
    let bench = with_a_thousand_expired(CacheMode::SERVER);
    let before = bench.cache.len();
    assert!(!bench.finds(10_000));
    // The step that was due, and those by which it was late, one an operation.
    let mut operations = 0;
    let mut last = before;
    let mut idle = 0;
    while idle < 5 {
        assert!(!bench.finds(10_000));
        idle = if bench.cache.len() == last { idle + 1 } else { 0 };
        last = bench.cache.len();
        operations += 1;
    }
    let buckets = 20_480_usize.next_power_of_two() * 2;
    assert!(operations <= buckets / SweepSchedule::STEP + 10, "{operations}");
}

#[test]
fn case_087_what_one_operation_clears_is_bounded() {
    let bench = with_a_thousand_expired(CacheMode::SERVER);
    let mut most = 0;
    // A lap is 10 s, in whose course every place comes by.
    for _ in 0..10_000 {
        let before = bench.cache.len();
        bench.clock.advance(Lifetime::from_millis(1));
        assert!(!bench.finds(10_000));
        most = most.max(before - bench.cache.len());
    }
    assert!(bench.cache.is_empty());
    // 64 places of a table with two for each of 20 480: a handful.
    assert!((1..=64).contains(&most), "{most}");
}
