//! Many threads at once: each ticket is handed out once.

mod common;

use std::collections::HashSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use resumption_cache::InsertRefusal;
use resumption_client::NotKept;

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
                match sessions.insert(&servers[of], &ticket(number, HOUR)) {
                    // More threads than cores: one that is interrupted holds memory up for a moment.
                    Ok(()) | Err(NotKept::Cache(InsertRefusal::Stalled)) => (),
                    Err(other) => panic!("{other:?}"),
                }
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
    assert_eq!(stats.stored + stats.rejected, next.load(Ordering::Relaxed));
    assert_eq!(stats.found, taken.len() as u64);
    assert_adds_up(&cache);
}

/// Each of several first connections may make an index of the server, and one of those stays: a ticket may
/// be lost to that, but not all, and none comes twice.
#[test]
fn first_connections_at_once_leave_tickets() {
    let (_cache, sessions, _clock) = plain();
    for round in 0..500 {
        let server = server(&format!("{round}.example"));
        on_all_threads(|thread| {
            if thread < 4 {
                sessions.insert(&server, &ticket(thread as u64, HOUR)).expect("room");
            }
        });
        let left: Vec<_> = std::iter::from_fn(|| take(&sessions, &server)).collect();
        assert!(!left.is_empty());
        assert_eq!(left.iter().collect::<HashSet<_>>().len(), left.len(), "{left:?}");
    }
}
