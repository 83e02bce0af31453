//! Properties of lookups:
//! * a session put by one host resumes on another, a single-use one once in the fleet;
//! * no callback waits, and no handshake waits longer than the deadline or asks more than its budget;
//! * identical questions are asked once, and what is absent is remembered for a moment;
//! * what was sealed otherwise, or for elsewhere, is a miss of its own kind;
//! * what lies ready is wiped when nobody comes for it.

mod support;

use std::time::Duration;

use resumption_cache::Lookup;
use resumption_callbacks::ExternalTake;
use resumption_external::{Prefetched, Unasked, Wanted};
use resumption_session::{Lifetime, SessionId, SessionIdContext};
use support::{Call, DEADLINE, Fleet, Host, Mode, all, context, id, reusable, ring, ticket};
use tokio::time::{Instant, advance};

async fn prefetch(host: &Host, wanted: &[Wanted]) -> Prefetched {
    host.shared.prefetch(&context(), wanted).await
}

async fn want_get(host: &Host, number: u8) -> bool {
    prefetch(host, &[Wanted::Get(id(number))]).await == Prefetched::Ready(id(number))
}

async fn want_take(host: &Host, number: u8) -> bool {
    prefetch(host, &[Wanted::Take(id(number))]).await == Prefetched::Ready(id(number))
}

/// Two hosts, and a ticket that the first has put into the store.
async fn shared_ticket() -> (Fleet, Host, Host) {
    let fleet = Fleet::new();
    let (one, other) = (fleet.host(), fleet.host());
    one.negotiate(ticket(1));
    one.settle().await;
    (fleet, one, other)
}

#[tokio::test(start_paused = true)]
async fn a_reusable_session_resumes_on_every_host_again_and_again() {
    let fleet = Fleet::new();
    let (one, other) = (fleet.host(), fleet.host());
    one.negotiate(reusable(1));
    one.settle().await;
    for _ in 0..3 {
        assert!(want_get(&other, 1).await);
        assert!(other.gets(id(1)));
    }
    assert!(one.gets(id(1)));
    assert_eq!(fleet.store.calls(Call::Get), 1, "it lay ready, and then the cache had it");
    assert_eq!(other.stats().stash.picked_up, 1);
}

#[tokio::test(start_paused = true)]
async fn a_single_use_session_resumes_once_in_the_whole_fleet() {
    let (fleet, one, other) = shared_ticket().await;
    let third = fleet.host();
    // Offered to all three at once, the one that made it among them.
    let shared = [&one, &other, &third].map(|host| host.shared.clone());
    let asked = shared.map(|shared| -> std::pin::Pin<Box<dyn Future<Output = _> + Send>> {
        Box::pin(async move { shared.prefetch(&context(), &[Wanted::Take(id(1))]).await })
    });
    all(asked.into()).await;
    let taken = [&one, &other, &third].map(|host| host.takes(id(1)));
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1, "{taken:?}");
    for host in [&one, &other, &third] {
        assert!(!want_take(host, 1).await && !host.takes(id(1)));
        host.stats();
    }
    assert_eq!(fleet.store.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn no_callback_waits_for_a_store_that_hangs() {
    let (fleet, one, other) = shared_ticket().await;
    fleet.store.set(Mode::Hangs);
    let start = Instant::now();
    other.negotiate(ticket(2));
    assert!(!other.takes(id(1)) && !other.gets(id(3)));
    one.context.remove(&id(1));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_waits_for_the_deadline_and_no_longer() {
    let (fleet, _one, other) = shared_ticket().await;
    fleet.store.set(Mode::Hangs);
    let start = Instant::now();
    assert!(!want_take(&other, 1).await);
    assert_eq!(start.elapsed(), DEADLINE);
    // Who asks gives up at the same instant as who waits.
    tokio::task::yield_now().await;
    assert_eq!(other.stats().answers.failures.timed_out, 1);

    // It may have been taken by the question that nobody heard the answer to: it is not asked for again,
    // and the cache does not decide either.
    fleet.store.set(Mode::Fine);
    assert!(!want_take(&other, 1).await && !other.takes(id(1)));
    assert_eq!(fleet.store.calls(Call::Take), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_time_is_used_however_late() {
    let (fleet, _one, other) = shared_ticket().await;
    fleet.store.set(Mode::Slow(Duration::from_millis(19)));
    let start = Instant::now();
    assert!(want_take(&other, 1).await);
    assert_eq!(start.elapsed(), Duration::from_millis(19));
    assert!(other.takes(id(1)));
}

#[tokio::test(start_paused = true)]
async fn a_handshake_asks_once_whatever_it_offers() {
    let (fleet, _one, other) = shared_ticket().await;
    let many: Vec<_> = (0..900u32)
        .map(|number| {
            let bytes: [u8; 32] = core::array::from_fn(|at| number.to_le_bytes()[at % 4]);
            Wanted::Take(SessionId::from(bytes))
        })
        .collect();
    assert_eq!(prefetch(&other, &many).await, Prefetched::Nothing);
    let lookups = other.stats().lookups;
    assert_eq!((lookups.wanted, lookups.asked, lookups.over_budget), (8, 1, 7));
    assert_eq!(fleet.store.calls(Call::Take), 1);

    let generous = fleet.host_where(|options| options.lookups_per_handshake(3));
    let wanted = [Wanted::Take(id(8)), Wanted::Get(id(9)), Wanted::Take(id(1))];
    assert_eq!(prefetch(&generous, &wanted).await, Prefetched::Ready(id(1)));
    assert_eq!(generous.stats().lookups.asked, 3);
}

#[tokio::test(start_paused = true)]
async fn identical_questions_are_asked_once_for_all() {
    let (fleet, one, other) = shared_ticket().await;
    one.negotiate(reusable(2));
    one.settle().await;
    fleet.store.set(Mode::Slow(Duration::from_millis(5)));
    for wanted in [Wanted::Get(id(2)), Wanted::Take(id(1))] {
        let asked = (0..50).map(|_| -> std::pin::Pin<Box<dyn Future<Output = _> + Send>> {
            let shared = other.shared.clone();
            Box::pin(async move { shared.prefetch(&context(), &[wanted]).await })
        });
        let ready = all(asked.collect()).await;
        assert!(ready.iter().all(|ready| *ready != Prefetched::Nothing));
    }
    assert_eq!((fleet.store.calls(Call::Get), fleet.store.calls(Call::Take)), (1, 1));
    let lookups = other.stats().lookups;
    assert_eq!((lookups.asked, lookups.joined), (2, 98));
    // All fifty were told that it is ready, and one has it.
    let taken = (0..50).filter(|_| other.takes(id(1))).count();
    assert_eq!(taken, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_absent_is_remembered_for_a_moment() {
    let fleet = Fleet::new();
    let (one, other) = (fleet.host(), fleet.host());
    assert!(!want_get(&other, 1).await);
    one.negotiate(reusable(1));
    one.settle().await;
    advance(Duration::from_millis(999)).await;
    assert!(!want_get(&other, 1).await);
    assert_eq!((fleet.store.calls(Call::Get), other.stats().lookups.known_absent), (1, 1));
    advance(Duration::from_millis(1)).await;
    assert!(want_get(&other, 1).await);
    // What is negotiated here is known to be there.
    assert!(!want_get(&other, 2).await);
    other.negotiate(reusable(2));
    assert!(want_get(&other, 2).await);
}

#[tokio::test(start_paused = true)]
async fn only_so_many_ask_at_once() {
    let fleet = Fleet::new();
    let host = fleet.host_where(|options| options.concurrent_lookups(3));
    fleet.store.set(Mode::Slow(Duration::from_millis(5)));
    let asked = (1..=10).map(|number| -> std::pin::Pin<Box<dyn Future<Output = _> + Send>> {
        let shared = host.shared.clone();
        Box::pin(async move { shared.prefetch(&context(), &[Wanted::Get(id(number))]).await })
    });
    all(asked.collect()).await;
    let lookups = host.stats().lookups;
    assert_eq!((lookups.asked, lookups.over_concurrency), (3, 7));
    assert!(!want_get(&host, 11).await);
    assert_eq!(host.stats().lookups.asked, 4, "the places are free again");
}

/// Puts one session, lets `spoil` at the store, and asks; what the answer was counted as.
async fn rejected(spoil: impl FnOnce(&Fleet, &Host)) -> resumption_external::Rejected {
    let fleet = Fleet::new();
    let (one, other) = (fleet.host(), fleet.host());
    one.negotiate(reusable(1));
    one.settle().await;
    spoil(&fleet, &other);
    assert!(!want_get(&other, 1).await && !other.gets(id(1)));
    let answers = other.stats().answers;
    assert_eq!((answers.rejected.total(), answers.found, answers.absent), (1, 0, 0));
    // That the store answered nonsense is no reason not to ask it other things.
    assert_eq!(other.stats().lookup_breaker.opened, 0);
    answers.rejected
}

#[tokio::test(start_paused = true)]
async fn what_does_not_open_is_a_miss_of_its_own_kind() {
    let altered =
        |at: usize| move |fleet: &Fleet, _: &Host| fleet.store.alter(|value| value[at] ^= 1);
    assert_eq!(rejected(altered(0)).await.moved, 1);
    assert_eq!(rejected(altered(8)).await.not_a_seal, 1);
    assert_eq!(rejected(altered(11)).await.unknown_format, 1);
    assert_eq!(rejected(altered(12)).await.unknown_key, 1);
    assert_eq!(rejected(altered(60)).await.forged, 1);
    assert_eq!(
        rejected(|fleet, _| fleet.store.alter(|value| value.truncate(40))).await.truncated,
        1
    );
    assert_eq!(rejected(|fleet, _| fleet.store.alter(Vec::clear)).await.truncated, 1);
    let garbage = |fleet: &Fleet, _: &Host| fleet.store.alter(|value| *value = vec![b'x'; 5000]);
    assert_eq!(rejected(garbage).await.moved, 1);
    let late = |fleet: &Fleet, _: &Host| fleet.clock.advance(Lifetime::from_secs(601));
    assert_eq!(rejected(late).await.expired, 1);
    let retired = |_: &Fleet, host: &Host| host.shared.rotate(ring(&[9], &[2]));
    assert_eq!(rejected(retired).await.unknown_key, 1);
}

#[tokio::test(start_paused = true)]
async fn another_sessions_value_under_this_name_is_a_miss() {
    let fleet = Fleet::new();
    let (one, other) = (fleet.host(), fleet.host());
    one.negotiate(reusable(1));
    one.settle().await;
    let name = *fleet.store.copy_of_values().keys().next().expect("put");
    one.context.remove(&id(1));
    one.settle().await;
    one.negotiate(reusable(2));
    one.settle().await;
    fleet.store.move_to(name);
    assert!(!want_get(&other, 1).await && !other.gets(id(1)));
    assert_eq!(other.stats().answers.rejected.moved, 1);
}

#[tokio::test(start_paused = true)]
async fn another_context_neither_finds_nor_opens() {
    let (_fleet, _one, other) = shared_ticket().await;
    let bank = SessionIdContext::new(b"bank").expect("a context");
    let wanted = [Wanted::Take(id(1))];
    assert_eq!(other.shared.prefetch(&bank, &wanted).await, Prefetched::Nothing);
    assert!(want_take(&other, 1).await, "and has not spent it");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_picks_up_is_wiped() {
    let (_fleet, _one, other) = shared_ticket().await;
    assert!(want_take(&other, 1).await);
    advance(Duration::from_millis(4999)).await;
    assert_eq!(other.stats().stash.entries, 1);
    advance(Duration::from_millis(1)).await;
    // By the task that sweeps: nothing else looks.
    tokio::task::yield_now().await;
    let stash = other.stats().stash;
    assert_eq!((stash.entries, stash.bytes, stash.abandoned), (0, 0, 1));
    assert!(!other.takes(id(1)));
}

#[tokio::test(start_paused = true)]
async fn a_stash_that_is_full_gives_up_what_is_oldest() {
    let fleet = Fleet::new();
    let (one, other) = (
        fleet.host(),
        fleet.host_where(|options| options.stash(2, 1 << 20, Duration::from_secs(5))),
    );
    for number in 1..=3 {
        one.negotiate(ticket(number));
    }
    one.settle().await;
    for number in 1..=3 {
        assert!(want_take(&other, number).await);
    }
    assert_eq!([1, 2, 3].map(|number| other.takes(id(number))), [false, true, true]);
    assert_eq!(other.stats().stash.abandoned, 1);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_ends_early_loses_no_answer_for_others() {
    let (fleet, _one, other) = shared_ticket().await;
    fleet.store.set(Mode::Slow(Duration::from_millis(5)));
    let shared = other.shared.clone();
    let early =
        tokio::spawn(async move { shared.prefetch(&context(), &[Wanted::Take(id(1))]).await });
    tokio::task::yield_now().await;
    early.abort();
    assert!(early.await.is_err());
    assert!(want_take(&other, 1).await, "joins the question of the handshake that ended");
    assert!(other.takes(id(1)));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_panics_fails() {
    let (fleet, _one, other) = shared_ticket().await;
    fleet.store.set(Mode::Panics);
    let start = Instant::now();
    assert!(!want_take(&other, 1).await);
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(other.stats().answers.failures.unavailable, 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_asked_for_is_decided_as_the_operator_says() {
    let fleet = Fleet::new();
    let strict = fleet.host();
    let lenient = fleet.host_where(|options| options.unasked(Unasked::DecideLocally));
    for host in [&strict, &lenient] {
        host.negotiate(ticket(1));
        host.settle().await;
    }
    assert!(matches!(support::callback_takes(&strict.shared, id(1)), ExternalTake::Absent));
    assert!(!strict.context.take(&id(1)).is_hit());
    assert!(matches!(lenient.context.take(&id(1)), Lookup::Hit(_)), "its own copy, unmarked");
    // What it took is taken for the others too, as soon as that is written.
    lenient.settle().await;
    assert_eq!(fleet.store.len(), 0);
    // Where the store was asked and had nothing, it alone decides.
    lenient.negotiate(ticket(2));
    lenient.settle().await;
    assert!(want_take(&strict, 2).await && strict.takes(id(2)));
    assert!(!want_take(&lenient, 2).await);
    assert!(!lenient.context.take(&id(2)).is_hit());
}

#[tokio::test(start_paused = true)]
async fn names_are_rotated_without_a_miss() {
    let fleet = Fleet::new();
    let (one, other) = (fleet.host(), fleet.host());
    one.negotiate(ticket(1));
    one.negotiate(ticket(2));
    one.settle().await;
    for host in [&one, &other] {
        host.shared.rotate(ring(&[1], &[3, 2]));
    }
    assert!(want_take(&other, 1).await && other.takes(id(1)));
    one.context.remove(&id(2));
    one.settle().await;
    assert_eq!(fleet.store.len(), 0, "removed under its former name");
    assert_eq!(other.stats().lookups.asked, 1, "two names are one question");
}
