//! 18 to 27: removing.

use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};
use std::thread;

use resumption_cache::{Callbacks, Context, Inserted, Removal, RemovalReason};

use super::support::{Bench, Gone, HOUR, id, marked, session};

#[test]
fn case_018_removing_a_cached_session() {
    let bench = Bench::new();
    bench.add(1);
    let held = bench.context.get(&id(1)).hit().unwrap();
    assert!(bench.context.remove(&id(1)));
    assert_eq!(bench.cache.len(), 0);
    assert!(!held.is_resumable());
    let told = Gone { id: id(1), session: Some((1, false)), reason: RemovalReason::Removed };
    assert_eq!(bench.log.drain(), [told]);
}

#[test]
fn case_019_removing_what_is_not_cached_says_so() {
    let bench = Bench::new();
    let mut stranger = session(&bench.context, 1);
    assert!(!bench.context.remove_session(&mut stranger));
    assert!(!stranger.view().is_resumable());
    assert!(bench.context.insert(stranger).is_err());
}

#[test]
fn case_020_the_callback_hears_of_it_nevertheless() {
    let bench = Bench::new();
    bench.context.remove(&id(1));
    let told = Gone { id: id(1), session: None, reason: RemovalReason::Removed };
    assert_eq!(bench.log.drain(), [told]);
}

/// Removing goes by the id, so a copy ends its original; the callback is given what was cached.
fn removed_through_a_copy() -> Bench {
    let bench = Bench::new();
    bench.context.insert(marked(&bench.context, 1, 100, HOUR)).unwrap();
    let mut copy = marked(&bench.context, 1, 200, HOUR);
    assert!(bench.context.remove_session(&mut copy));
    bench
}

#[test]
fn case_023_the_callback_is_given_what_was_cached_and_not_the_copy() {
    let bench = removed_through_a_copy();
    assert_eq!(bench.log.reasons(), [(Some(100), RemovalReason::Removed)]);
}

#[test]
fn case_024_removing_through_a_copy_ends_the_original() {
    let bench = Bench::new();
    bench.add(1);
    let original = bench.context.get(&id(1)).hit().unwrap();
    let mut copy = original.to_session();
    assert!(bench.context.remove_session(&mut copy));
    assert!(!copy.view().is_resumable());
    assert!(!original.is_resumable());
    assert!(!bench.finds(1));
}

#[test]
fn case_025_what_a_lookup_holds_stays_readable() {
    let bench = Bench::of(64);
    bench.add(1);
    let (found, was_found) = channel();
    let (removed, was_removed) = channel();
    thread::scope(|scope| {
        let bench = &bench;
        scope.spawn(move || {
            let held = bench.context.get(&id(1)).hit().unwrap();
            found.send(()).unwrap();
            was_removed.recv().unwrap();
            assert_eq!(super::support::number(held.payload()), 1);
            assert!(!held.is_resumable());
        });
        was_found.recv().unwrap();
        assert!(bench.context.remove(&id(1)));
        // Churn that would reuse the memory, if it were free.
        for number in 2..2000 {
            bench.add(number);
        }
        bench.cache.maintain();
        removed.send(()).unwrap();
    });
}

#[test]
fn case_026_removing_twice_is_told_twice() {
    let bench = Bench::new();
    bench.add(1);
    assert!(bench.context.remove(&id(1)));
    assert!(!bench.context.remove(&id(1)));
    let removed = RemovalReason::Removed;
    assert_eq!(bench.log.reasons(), [(Some(1), removed), (None, removed)]);
}

/// A cache whose remove callback, the first time that it hears `reason`, calls the cache itself.
fn meddling(capacity: usize, reason: RemovalReason) -> Bench {
    let bench = Bench::of(capacity);
    let own: Arc<OnceLock<Context>> = Arc::default();
    // A clone that the cache's own callback owns would keep the cache alive for ever; so it is taken
    // out when it has been used.
    own.set(bench.context.clone()).unwrap();
    let cell = std::sync::Mutex::new(Some(own));
    let listener = bench.log.listener();
    bench.cache.set_callbacks(Callbacks::none().on_remove(move |removal: Removal<'_>| {
        listener(removal);
        if removal.reason != reason {
            return;
        }
        let taken = cell.lock().unwrap().take();
        let Some(context) = taken.as_ref().and_then(|own| own.get()) else { return };
        assert_eq!(context.insert(session(context, 77)).unwrap(), Inserted::New);
        assert!(context.get(&id(77)).is_hit());
        assert!(context.remove(&id(77)));
        context.cache().flush_expired();
    }));
    bench
}

#[test]
fn case_027_the_remove_callback_may_call_the_cache() {
    let bench = meddling(10, RemovalReason::Removed);
    bench.add(1);
    assert!(bench.context.remove(&id(1)));
    assert!(bench.log.reasons().contains(&(Some(77), RemovalReason::Removed)));

    let bench = meddling(2, RemovalReason::Evicted);
    for number in 1..=3 {
        bench.add(number);
    }
    assert!(bench.log.reasons().contains(&(Some(77), RemovalReason::Removed)));

    let bench = meddling(10, RemovalReason::Flushed);
    bench.add(1);
    assert_eq!(bench.cache.flush_all(), 1);
    assert!(bench.log.reasons().contains(&(Some(77), RemovalReason::Removed)));
    assert_eq!(bench.cache.stats().callback_panics, 0);
}
