//! Random sequences of operations, beside a plain list for each server.

mod common;

use std::collections::{HashMap, VecDeque};
use std::num::{NonZeroU8, NonZeroUsize};

use common::{assert_adds_up, build, configuration, received, server, ticket};
use proptest::prelude::*;
use resumption_cache::Capacity;
use resumption_client::{ClientCache, ClientSessions, NotKept};
use resumption_session::{Lifetime, ProtocolVersion, Timestamp};

#[derive(Clone, Debug)]
enum Step {
    Advance(u64),
    Invalidate { configuration: usize },
    InsertOlder { at: At, secs: u64 },
    InsertTicket { at: At, secs: u64 },
    RemoveOlder { at: At },
    Reusable { at: At },
    TakeTicket { at: At },
}

/// A configuration and a server.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct At {
    configuration: usize,
    server: usize,
}

fn at() -> impl Strategy<Value = At> {
    (0..2usize, 0..3usize).prop_map(|(configuration, server)| At { configuration, server })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..40u64).prop_map(Step::Advance),
        1 => (0..2usize).prop_map(|configuration| Step::Invalidate { configuration }),
        2 => (at(), 0..100u64).prop_map(|(at, secs)| Step::InsertOlder { at, secs }),
        8 => (at(), 0..100u64).prop_map(|(at, secs)| Step::InsertTicket { at, secs }),
        1 => at().prop_map(|at| Step::RemoveOlder { at }),
        2 => at().prop_map(|at| Step::Reusable { at }),
        6 => at().prop_map(|at| Step::TakeTicket { at }),
    ]
}

/// What should be known of one server.
#[derive(Default)]
struct Known {
    /// The number and the last instant of each ticket, oldest first.
    tickets: VecDeque<(u64, Timestamp)>,
    older: Option<(u64, Timestamp)>,
}

struct Oracle {
    places: usize,
    known: HashMap<At, Known>,
}

impl Oracle {
    fn insert_ticket(&mut self, at: At, number: u64, ends: Timestamp) {
        let tickets = &mut self.known.entry(at).or_default().tickets;
        if tickets.len() == self.places {
            tickets.pop_front();
        }
        tickets.push_back((number, ends));
    }

    /// The newest that has not expired; what is newer than that has expired and goes.
    fn take(&mut self, at: At, now: Timestamp) -> Option<u64> {
        let tickets = &mut self.known.entry(at).or_default().tickets;
        std::iter::from_fn(|| tickets.pop_back())
            .find(|(_, ends)| now <= *ends)
            .map(|(number, _)| number)
    }

    fn reusable(&mut self, at: At, now: Timestamp) -> Option<u64> {
        let older = &mut self.known.entry(at).or_default().older;
        *older = older.filter(|(_, ends)| now <= *ends);
        older.map(|(number, _)| number)
    }
}

fn run(places: u8, steps: Vec<Step>) -> Result<(), TestCaseError> {
    // More than enough room, in an index that does not take long to make.
    let room = Capacity::of_entries(NonZeroUsize::new(1_000).expect("not zero"));
    let (cache, clock) = build(|builder| builder.capacity(room));
    let cache: ClientCache =
        cache.with_tickets_per_server(NonZeroU8::new(places).expect("not zero"));
    let configurations: [ClientSessions; 2] =
        [configuration(&cache, b"one"), configuration(&cache, b"two")];
    let servers = ["a", "b", "c"].map(server);
    let mut oracle = Oracle { places: places.into(), known: HashMap::new() };
    let default = cache.cache().timeouts().for_new_session();
    for (number, step) in (0..).zip(steps) {
        let now = cache.cache().now();
        match step {
            Step::Advance(secs) => clock.advance(Lifetime::from_secs(secs)),
            Step::Invalidate { configuration } => {
                configurations[configuration].invalidate();
                oracle.known.retain(|at, _| at.configuration != configuration);
            }
            Step::InsertOlder { at, secs } => {
                let hint = Lifetime::from_secs(secs);
                let older = received(ProtocolVersion::Tls12, number, hint);
                let inserted = configurations[at.configuration].insert(&servers[at.server], &older);
                prop_assert_eq!(inserted, Ok(()));
                let life = if hint.is_zero() { default } else { hint };
                oracle.known.entry(at).or_default().older =
                    Some((number, now.saturating_add(life)));
            }
            Step::InsertTicket { at, secs } => {
                let life = Lifetime::from_secs(secs);
                let inserted = configurations[at.configuration]
                    .insert(&servers[at.server], &ticket(number, life));
                if life.is_zero() {
                    prop_assert_eq!(inserted, Err(NotKept::NoLifetime));
                } else {
                    prop_assert_eq!(inserted, Ok(()));
                    oracle.insert_ticket(at, number, now.saturating_add(life));
                }
            }
            Step::RemoveOlder { at } => {
                configurations[at.configuration].remove_reusable(&servers[at.server]);
                oracle.known.entry(at).or_default().older = None;
            }
            Step::Reusable { at } => {
                let found =
                    common::reusable(&configurations[at.configuration], &servers[at.server]);
                prop_assert_eq!(found, oracle.reusable(at, now));
            }
            Step::TakeTicket { at } => {
                let taken = common::take(&configurations[at.configuration], &servers[at.server]);
                prop_assert_eq!(taken, oracle.take(at, now));
            }
        }
    }
    assert_adds_up(&cache);
    Ok(())
}

proptest! {
    /// Without want of room, what is offered is exactly what the list says.
    #[test]
    fn offers_are_those_of_a_plain_list(
        places in 1..=9u8,
        steps in proptest::collection::vec(step(), 1..200),
    ) {
        run(places, steps)?;
    }
}
