//! Properties of writes:
//! * of what waits under one name, the last is written, and nothing that is outdated;
//! * sessions are dropped when there is no room, the oldest first; removals are not dropped for them;
//! * a removal is tried until it is done or the session has ended by itself;
//! * what was removed does not come back through this process;
//! * what is taken from the queue never reaches the store.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use resumption_cache::{Callbacks, Role};
use resumption_external::{BreakerState, Prefetched, StoreUse, Wanted};
use resumption_session::{Lifetime, SecretBytes, Session, SessionObject, Timestamp, Usage};
use support::{AWAY, Call, FULL, Fleet, Host, LIFE, Mode, START, context, id, reusable, ticket};
use tokio::time::{Instant, advance};

async fn want_take(host: &Host, number: u8) -> bool {
    let wanted = [Wanted::Take(id(number))];
    host.shared.prefetch(&context(), &wanted).await == Prefetched::Ready(id(number))
}

async fn want_get(host: &Host, number: u8) -> bool {
    let wanted = [Wanted::Get(id(number))];
    host.shared.prefetch(&context(), &wanted).await == Prefetched::Ready(id(number))
}

/// Lets the tasks do what they can do now.
async fn pause() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn of_what_waits_under_one_name_the_last_is_written() {
    let fleet = Fleet::new();
    let host = fleet.host();
    host.shared.set_use(StoreUse::On);
    // Put, removed, put again; and put, removed.
    host.negotiate(reusable(1));
    host.context.remove(&id(1));
    host.negotiate(reusable(1));
    host.negotiate(reusable(2));
    host.context.remove(&id(2));
    host.settle().await;
    assert_eq!(fleet.store.log(), [Call::Put, Call::Remove]);
    assert_eq!(fleet.store.len(), 1);
    let stats = host.stats();
    assert_eq!((stats.puts.stored, stats.puts.superseded), (1, 2));
    assert_eq!((stats.removals.done, stats.removals.superseded), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_oldest_sessions_are_dropped_and_no_removal_for_them() {
    let fleet = Fleet::new();
    let host = fleet.host_where(|options| options.queued_puts(2, 1 << 20));
    for number in 1..=3 {
        host.context.remove(&id(number));
    }
    for number in 1..=5 {
        host.negotiate(reusable(number));
    }
    let stats = host.stats();
    assert_eq!((stats.puts.queued, stats.puts.dropped), (2, 3));
    // The removals in whose place the dropped sessions stood wait again.
    assert_eq!((stats.removals.queued, stats.removals.dropped), (3, 0));
    host.settle().await;
    assert_eq!((fleet.store.calls(Call::Put), fleet.store.calls(Call::Remove)), (2, 3));
    assert!(want_get(&fleet.host(), 5).await);
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_bounded_in_bytes_as_well() {
    let fleet = Fleet::new();
    let host = fleet.host_where(|options| options.queued_puts(1000, 1000));
    for number in 1..=100 {
        host.negotiate(reusable(number));
    }
    let puts = host.stats().puts;
    assert!((1..10).contains(&puts.queued) && puts.queued + puts.dropped == 100, "{puts:?}");
}

#[tokio::test(start_paused = true)]
async fn removals_beyond_all_bounds_are_dropped_and_said_to_be() {
    let fleet = Fleet::new();
    let host = fleet.host_where(|options| options.queued_removals(3));
    for number in 1..=5 {
        host.context.remove(&id(number));
    }
    let removals = host.stats().removals;
    assert_eq!((removals.queued, removals.dropped), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn an_invalidated_context_displaces_no_removal_that_was_asked_for() {
    let fleet = Fleet::new();
    let host = fleet.host_where(|options| options.queued_removals(10));
    for number in 1..=100 {
        host.negotiate(reusable(number));
    }
    host.settle().await;
    host.context.remove(&id(1));
    fleet.clock.advance(Lifetime::from_secs(1));
    host.context.invalidate();
    host.cache.flush_expired();
    let removals = host.stats().removals;
    assert_eq!((removals.queued, removals.dropped, removals.left_to_end), (5, 0, 95));
    host.settle().await;
    assert_eq!(fleet.store.len(), 95);
    // Here, what was left to its end does not resume.
    for number in 1..=100 {
        want_get(&host, number).await;
        assert!(!host.gets(id(number)));
    }
    assert_eq!(host.stats().stash.picked_up, 95);
}

#[tokio::test(start_paused = true)]
async fn what_is_invalidated_on_its_way_to_the_store_is_not_written() {
    let fleet = Fleet::new();
    let host = fleet.host();
    host.negotiate(reusable(1));
    assert_eq!(host.stats().puts.queued, 1);
    fleet.clock.advance(Lifetime::from_secs(1));
    host.context.invalidate();
    host.cache.flush_expired();
    assert_eq!(host.stats().puts.queued, 0);
    host.settle().await;
    assert_eq!(fleet.store.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_removal_is_tried_until_it_is_done() {
    let fleet = Fleet::new();
    let (one, other) = (fleet.host(), fleet.host());
    one.negotiate(reusable(1));
    one.settle().await;
    fleet.store.set(Mode::Fails(AWAY));
    one.context.remove(&id(1));
    advance(Duration::from_secs(30)).await;
    pause().await;
    let removals = one.stats().removals;
    assert!(removals.queued == 1 && removals.failures.unavailable > 3, "{removals:?}");
    // Not even if the store answers questions: it is not asked.
    fleet.store.set(Mode::Fine);
    assert!(!want_get(&one, 1).await && !one.gets(id(1)));
    assert_eq!((fleet.store.calls(Call::Get), one.stats().lookups.being_removed), (0, 1));
    one.settle().await;
    assert_eq!((fleet.store.len(), one.stats().removals.done), (0, 1));
    assert!(!want_get(&other, 1).await);
}

#[tokio::test(start_paused = true)]
async fn a_removal_is_moot_when_the_session_has_ended() {
    let fleet = Fleet::new();
    let host = fleet.host();
    host.negotiate(reusable(1));
    host.settle().await;
    fleet.store.set(Mode::Fails(AWAY));
    host.context.remove(&id(1));
    fleet.clock.advance(Lifetime::from_secs(601));
    host.settle().await;
    let removals = host.stats().removals;
    assert_eq!((removals.moot, removals.done), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_while_it_is_asked_for_does_not_come_back() {
    let fleet = Fleet::new();
    let (one, other) = (fleet.host(), fleet.host());
    one.negotiate(reusable(1));
    one.settle().await;
    fleet.store.set(Mode::Slow(Duration::from_millis(5)));
    let shared = other.shared.clone();
    let asking =
        tokio::spawn(async move { shared.prefetch(&context(), &[Wanted::Get(id(1))]).await });
    pause().await;
    other.context.remove(&id(1));
    assert_eq!(asking.await.expect("no panic"), Prefetched::Nothing);
    assert!(!other.gets(id(1)));
    assert_eq!(other.stats().answers.outdated, 1);
    // Nor from where it lies ready.
    one.negotiate(reusable(2));
    one.settle().await;
    assert!(want_get(&other, 2).await);
    other.context.remove(&id(2));
    assert!(!other.gets(id(2)) && other.stats().stash.entries == 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_from_the_queue_never_reaches_the_store() {
    let fleet = Fleet::new();
    let host = fleet.host();
    host.negotiate(ticket(1));
    // Before the writer had its turn: the client came back at once.
    assert!(want_take(&host, 1).await);
    assert!(host.takes(id(1)));
    host.settle().await;
    assert_eq!(fleet.store.calls(Call::Put), 0);
    assert!(!want_take(&host, 1).await && !host.takes(id(1)));
    let stats = host.stats();
    assert_eq!((stats.puts.taken_back, stats.lookups.from_queue), (1, 1));

    // Without a prefetch too.
    host.negotiate(ticket(2));
    assert!(host.takes(id(2)) && !host.takes(id(2)));
    // A reusable one is copied.
    host.negotiate(reusable(3));
    assert!(want_get(&host, 3).await);
    host.settle().await;
    assert_eq!(fleet.store.log().iter().filter(|call| **call == Call::Put).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_take_waits_for_the_write_of_what_it_wants() {
    let fleet = Fleet::new();
    let host = fleet.host();
    fleet.store.set(Mode::Slow(Duration::from_millis(5)));
    host.negotiate(ticket(1));
    pause().await;
    assert_eq!(host.stats().puts.writing, 1);
    let start = Instant::now();
    assert!(want_take(&host, 1).await && host.takes(id(1)));
    assert_eq!(start.elapsed(), Duration::from_millis(10), "the write, and the take");

    fleet.store.set(Mode::Hangs);
    host.negotiate(ticket(2));
    pause().await;
    let start = Instant::now();
    assert!(!want_take(&host, 2).await && !host.takes(id(2)));
    assert_eq!(start.elapsed(), support::DEADLINE);
    assert_eq!(host.stats().lookups.write_too_slow, 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_store_handed_out_is_not_removed_from_it() {
    let fleet = Fleet::new();
    let (one, other) = (fleet.host(), fleet.host());
    for host in [&one, &other] {
        host.negotiate(ticket(1));
    }
    one.settle().await;
    other.settle().await;
    assert!(want_take(&one, 1).await && one.takes(id(1)));
    one.settle().await;
    assert_eq!(fleet.store.calls(Call::Remove), 0);
    assert_eq!(one.stats().removals.unneeded, 1, "the cache's own copy was discarded");
    // Whether the store handed it out is not known: then it is.
    fleet.store.set(Mode::Fails(AWAY));
    other.negotiate(ticket(2));
    assert!(other.shared.drain(Duration::from_millis(1)).await);
    assert!(!want_take(&other, 2).await && !other.takes(id(2)));
    fleet.store.set(Mode::Fine);
    other.settle().await;
    assert_eq!(other.stats().removals.done, 1);
}

#[tokio::test(start_paused = true)]
async fn what_left_for_want_of_room_stays_in_the_store() {
    let fleet = Fleet::new();
    let host = fleet.host();
    host.negotiate(reusable(1));
    host.settle().await;
    host.cache.flush_all();
    host.settle().await;
    assert_eq!((fleet.store.len(), fleet.store.calls(Call::Remove)), (1, 0));
    assert!(want_get(&host, 1).await && host.gets(id(1)));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_left_alone_until_a_probe_succeeds() {
    let fleet = Fleet::new();
    let host = fleet.host();
    fleet.store.set(Mode::Fails(FULL));
    for number in 1..=100 {
        host.negotiate(reusable(number));
        pause().await;
    }
    let stats = host.stats();
    assert_eq!(stats.write_breaker.state, BreakerState::Open);
    assert_eq!((stats.puts.failures.refused, fleet.store.calls(Call::Put)), (16, 16));
    assert_eq!(stats.puts.queued, 84, "the rest waits");
    // Lookups have a breaker of their own: a store that is full still answers.
    assert_eq!(stats.lookup_breaker.state, BreakerState::Closed);

    advance(Duration::from_millis(500)).await;
    pause().await;
    assert_eq!(fleet.store.calls(Call::Put), 17, "one probe, and then twice the pause");
    fleet.store.set(Mode::Fine);
    host.settle().await;
    let stats = host.stats();
    assert_eq!((stats.puts.stored, stats.write_breaker.opened), (83, 2));
    assert_eq!(stats.write_breaker.state, BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn lookups_are_left_alone_until_a_probe_succeeds() {
    let fleet = Fleet::new();
    let (one, host) = (fleet.host(), fleet.host());
    one.negotiate(reusable(200));
    one.settle().await;
    fleet.store.set(Mode::Fails(AWAY));
    for number in 1..=50 {
        assert!(!want_get(&host, number).await);
    }
    let lookups = host.stats().lookups;
    assert_eq!((lookups.asked, lookups.breaker_open), (16, 34));
    fleet.store.set(Mode::Hangs);
    advance(Duration::from_millis(500)).await;
    // One handshake pays for the probe; the others do not.
    let start = Instant::now();
    let shared = host.shared.clone();
    let probe =
        tokio::spawn(async move { shared.prefetch(&context(), &[Wanted::Get(id(1))]).await });
    pause().await;
    assert_eq!(host.stats().lookup_breaker.state, BreakerState::HalfOpen);
    assert!(!want_get(&host, 2).await);
    assert_eq!(start.elapsed(), Duration::ZERO);
    probe.await.expect("no panic");
    assert_eq!(start.elapsed(), support::DEADLINE);
    fleet.store.set(Mode::Fine);
    advance(Duration::from_secs(1)).await;
    assert!(want_get(&host, 200).await);
    assert_eq!(host.stats().lookup_breaker.state, BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn the_switch_stops_everything_but_remembering_removals() {
    let fleet = Fleet::new();
    let host = fleet.host();
    host.negotiate(reusable(1));
    host.settle().await;
    let asked_before = fleet.store.log().len();
    assert_eq!(host.shared.set_use(StoreUse::Off), StoreUse::On);
    host.negotiate(reusable(2));
    host.context.remove(&id(1));
    assert!(!want_get(&host, 3).await);
    pause().await;
    assert_eq!(fleet.store.log().len(), asked_before);
    let stats = host.stats();
    assert_eq!((stats.puts.switched_off, stats.lookups.switched_off), (1, 1));
    assert_eq!((stats.removals.queued, stats.store_use), (1, StoreUse::Off));
    assert!(!host.shared.drain(Duration::from_secs(1)).await);
    assert_eq!(host.shared.set_use(StoreUse::On), StoreUse::Off);
    host.settle().await;
    assert_eq!(fleet.store.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_panics_loses_its_batch_and_no_more() {
    let fleet = Fleet::new();
    let host = fleet.host();
    fleet.store.set(Mode::Panics);
    host.negotiate(reusable(1));
    host.context.remove(&id(2));
    pause().await;
    let stats = host.stats();
    assert_eq!((stats.puts.failures.total(), stats.puts.queued), (1, 0));
    fleet.store.set(Mode::Fine);
    host.negotiate(reusable(3));
    host.settle().await;
    assert_eq!((host.stats().puts.stored, host.stats().removals.done), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sealed_stays_here() {
    struct Local;
    impl SessionObject for Local {
        fn weight(&self) -> usize {
            1
        }
        fn encode(&self) -> Option<SecretBytes> {
            None
        }
    }
    let fleet = Fleet::new();
    let host = fleet.host();
    let session = Session::of_object(id(1), context(), START, LIFE, Arc::new(Local));
    host.negotiate(session);
    host.settle().await;
    assert!(host.gets(id(1)));
    assert_eq!((host.stats().puts.unsealable, fleet.store.len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_panics_loses_its_batch_and_no_more() {
    struct Poisonous;
    impl SessionObject for Poisonous {
        fn weight(&self) -> usize {
            1
        }
        fn encode(&self) -> Option<SecretBytes> {
            std::panic::resume_unwind(Box::new("as it was told"))
        }
    }
    let fleet = Fleet::new();
    let host = fleet.host();
    host.context.remove(&id(2));
    host.negotiate(Session::of_object(id(1), context(), START, LIFE, Arc::new(Poisonous)));
    host.settle().await;
    host.negotiate(reusable(3));
    host.settle().await;
    let stats = host.stats();
    assert_eq!((stats.puts.failures.unavailable, stats.puts.stored), (1, 1));
    assert_eq!((stats.removals.failures.unavailable, stats.removals.done), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_an_object_travels_as_bytes_and_is_freed() {
    struct Portable(Arc<AtomicUsize>);
    impl SessionObject for Portable {
        fn weight(&self) -> usize {
            100
        }
        fn encode(&self) -> Option<SecretBytes> {
            Some(SecretBytes::new(b"der".to_vec()))
        }
    }
    impl Drop for Portable {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let fleet = Fleet::new();
    let (one, other) = (fleet.host(), fleet.host());
    let freed = Arc::new(AtomicUsize::new(0));
    let object = Arc::new(Portable(Arc::clone(&freed)));
    let session =
        Session::of_object(id(1), context(), START, LIFE, object).with_usage(Usage::SingleUse);
    // Past the cache, so that only the queue holds it.
    let callbacks = one.shared.callbacks();
    callbacks.new_callback().expect("set").new_session(session.view());
    drop(session);
    assert_eq!(freed.load(Ordering::Relaxed), 0);
    one.settle().await;
    assert_eq!(freed.load(Ordering::Relaxed), 1, "the queue has let it go");
    assert!(want_take(&other, 1).await);
    let found = other.context.take(&id(1)).hit().expect("ready");
    assert!(found.view().object().is_none());
    assert_eq!(found.view().payload().expose(), b"der");
}

#[tokio::test(start_paused = true)]
async fn a_session_lives_in_the_store_as_long_as_the_operator_says() {
    let fleet = Fleet::new();
    let minute = Lifetime::from_secs(60);
    let (one, other) = (fleet.host_where(|options| options.longest_life(minute)), fleet.host());
    one.negotiate(reusable(1));
    one.settle().await;
    assert!(want_get(&other, 1).await);
    let found = other.context.get(&id(1)).hit().expect("ready");
    assert_eq!(found.view().ends(), Timestamp::from_unix_secs(1_000_060));
}

#[tokio::test(start_paused = true)]
async fn the_tasks_end_with_the_last_clone() {
    let fleet = Fleet::new();
    let host = fleet.host();
    host.negotiate(reusable(1));
    host.settle().await;
    let clone = host.shared.clone();
    assert!(Arc::strong_count(&fleet.store) > 1);
    host.cache.set_callbacks(Callbacks::none());
    drop(host);
    pause().await;
    assert!(Arc::strong_count(&fleet.store) > 1, "a clone is left");
    drop(clone);
    pause().await;
    assert_eq!(Arc::strong_count(&fleet.store), 1);
}

#[tokio::test(start_paused = true)]
async fn callbacks_can_be_called_from_any_thread() {
    let fleet = Fleet::new();
    let host = Arc::new(fleet.host());
    let threads: Vec<_> = (0..4u8)
        .map(|thread| {
            let host = Arc::clone(&host);
            std::thread::spawn(move || {
                for number in 0..50 {
                    let session = reusable(thread * 50 + number);
                    host.context.insert_negotiated(Role::Server, session).expect("room");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
    host.settle().await;
    assert_eq!((host.stats().puts.stored, fleet.store.len()), (200, 200));
}
