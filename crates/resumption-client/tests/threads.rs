//! Many threads at once: each ticket is handed out once, and none that is lost was ever free to be.

mod common;

use std::collections::HashSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use common::{HOUR, assert_adds_up, configuration, plain, server, take, ticket};

const THREADS: usize = 16;

/// Runs `work` on all threads at once and gives what each returned.
fn on_all_threads<R: Send>(work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (start, work) = (&start, &work);
                scope.spawn(move || {
                    start.wait();
                    work(thread)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

#[test]
fn each_ticket_is_handed_out_once_to_sixteen_threads() {
    let (cache, sessions, _clock) = plain();
    let server = server("a");
    for round in 0..200 {
        let wanted: HashSet<_> = (0..8).map(|number| round * 8 + number).collect();
        for number in round * 8..round * 8 + 8 {
            sessions.insert(&server, &ticket(number, HOUR)).expect("room");
        }
        let taken: Vec<u64> =
            on_all_threads(|_| take(&sessions, &server)).into_iter().flatten().collect();
        assert_eq!(taken.len(), 8, "as many as there were: nobody went away empty-handed");
        assert_eq!(taken.into_iter().collect::<HashSet<_>>(), wanted);
    }
    assert_adds_up(&cache);
}

#[test]
fn no_ticket_is_handed_out_twice_while_others_come() {
    const EACH: u64 = 2_000;
    let (cache, sessions, _clock) = plain();
    let other = configuration(&cache, b"other");
    let servers = ["a", "b"].map(server);
    let next = AtomicU64::new(0);
    let taken = on_all_threads(|thread| {
        let mut taken = Vec::new();
        for step in 0..EACH {
            // Which is whose is in the number: even ones are of the first server.
            let of = usize::try_from((step + thread as u64) % 2).expect("0 or 1");
            let sessions = if thread % 4 < 2 { &sessions } else { &other };
            if thread % 2 == 0 {
                let number = next.fetch_add(1, Ordering::Relaxed) * 4 + of as u64 * 2;
                let number = number + u64::from(thread % 4 >= 2);
                sessions.insert(&servers[of], &ticket(number, HOUR)).expect("room");
            } else if let Some(number) = take(sessions, &servers[of]) {
                assert_eq!(number % 4, of as u64 * 2 + u64::from(thread % 4 >= 2), "a stranger's");
                taken.push(number);
            }
        }
        taken
    });
    let taken: Vec<u64> = taken.into_iter().flatten().collect();
    let distinct: HashSet<_> = taken.iter().collect();
    assert_eq!(distinct.len(), taken.len(), "twice");
    assert!(!taken.is_empty());
    let stats = cache.stats();
    assert_eq!(stats.stored, next.load(Ordering::Relaxed));
    assert_eq!(stats.found, taken.len() as u64);
    assert_adds_up(&cache);
}

/// Between them, threads that first meet a server at once lose no more than they displace: when all is
/// over, there are as many tickets as places, or as were put.
#[test]
fn first_connections_at_once_leave_their_tickets() {
    let (_cache, sessions, _clock) = plain();
    let mut lost = 0;
    for round in 0..500 {
        let server = server(&format!("{round}.example"));
        on_all_threads(|thread| {
            if thread < 4 {
                sessions.insert(&server, &ticket(thread as u64, HOUR)).expect("room");
            }
        });
        let left = std::iter::from_fn(|| take(&sessions, &server)).count();
        assert!((1..=4).contains(&left));
        lost += 4 - left;
    }
    // Two that each make an index may use one place; that is all that may be lost.
    assert!(lost < 500, "{lost} of 2000 tickets were lost");
}
