//! The cache against an oracle, which follows what the remove callback reports and checks it.
//!
//! Properties:
//! * a lookup answers what the oracle says, and only sessions of its context, in its life;
//! * a taken, removed, invalidated or replaced session is never found again;
//! * each session that entered leaves once, for a reason that fits;
//! * nothing is evicted while there is room, and never what has just come;
//! * counters add up after every step, and agree with what was seen.

mod common;

use std::collections::HashMap;

use common::{Log, START, build, entries, number};
use proptest::prelude::*;
use resumption_cache::{
    CacheMode, Context, InsertRefusal, Inserted, Lookup, ManualClock, Refusal, RemovalReason, Role,
    SessionCache, SessionRef,
};
use resumption_session::{
    Lifetime, SecretBytes, Session, SessionId, SessionIdContext, Timestamp, Usage,
};

const CONTEXTS: usize = 2;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Advance { secs: u64 },
    FlushAll,
    FlushExpired,
    Get { context: usize, id: u8 },
    GetWith { context: usize, id: u8 },
    Insert { context: usize, id: u8, lifetime: u64, age: i64, usage: Usage, by: By },
    InsertAgain { context: usize, id: u8 },
    Invalidate { context: usize },
    Maintain,
    Remove { context: usize, id: u8 },
    SetCapacity { entries: usize },
    SetMode { mode: CacheMode },
    Take { context: usize, id: u8 },
    TakeWith { context: usize, id: u8 },
}

#[derive(Clone, Copy, Debug)]
enum By {
    Hand,
    Server,
}

fn operation() -> impl Strategy<Value = Operation> {
    let place = || (0..CONTEXTS, 0_u8..24);
    let modes = [
        CacheMode::SERVER,
        CacheMode::SERVER,
        CacheMode::BOTH,
        CacheMode::CLIENT,
        CacheMode::OFF,
        CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR,
        CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP,
        CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE,
        CacheMode::SERVER | CacheMode::UPDATE_TIME,
    ];
    let usage = prop_oneof![3 => Just(Usage::Reusable), 1 => Just(Usage::SingleUse)];
    let by = prop_oneof![2 => Just(By::Hand), 1 => Just(By::Server)];
    prop_oneof![
        4 => (0_u64..30).prop_map(|secs| Operation::Advance { secs }),
        1 => Just(Operation::FlushAll),
        2 => Just(Operation::FlushExpired),
        12 => place().prop_map(|(context, id)| Operation::Get { context, id }),
        8 => place().prop_map(|(context, id)| Operation::GetWith { context, id }),
        30 => (place(), 0_u64..120, -2_i64..60, usage, by).prop_map(
            |((context, id), lifetime, age, usage, by)| {
                Operation::Insert { context, id, lifetime, age, usage, by }
            }
        ),
        4 => place().prop_map(|(context, id)| Operation::InsertAgain { context, id }),
        1 => (0..CONTEXTS).prop_map(|context| Operation::Invalidate { context }),
        1 => Just(Operation::Maintain),
        6 => place().prop_map(|(context, id)| Operation::Remove { context, id }),
        1 => (1_usize..20).prop_map(|entries| Operation::SetCapacity { entries }),
        2 => proptest::sample::select(modes.to_vec())
            .prop_map(|mode| Operation::SetMode { mode }),
        6 => place().prop_map(|(context, id)| Operation::Take { context, id }),
        6 => place().prop_map(|(context, id)| Operation::TakeWith { context, id }),
    ]
}

/// A session that is in the cache, as the oracle knows it.
#[derive(Clone, Copy, Debug)]
struct Held {
    context: usize,
    id: u8,
    number: u64,
    expires: Timestamp,
    usage: Usage,
    /// Its context was invalidated since.
    stale: bool,
}

struct Oracle {
    held: Vec<Held>,
    not_before: [Timestamp; CONTEXTS],
    mode: CacheMode,
    capacity: usize,
    numbers: u64,
    departed: HashMap<RemovalReason, u64>,
    inserted: u64,
    offered: u64,
}

struct Bench {
    cache: SessionCache,
    contexts: Vec<Context>,
    clock: ManualClock,
    log: Log,
    oracle: Oracle,
    shards: usize,
}

fn short_id(id: u8) -> SessionId {
    SessionId::new(&[id]).expect("one byte")
}

impl Oracle {
    fn current(&self, context: usize, id: u8) -> Option<Held> {
        let is = |held: &&Held| held.context == context && held.id == id && !held.stale;
        self.held.iter().find(is).copied()
    }

    fn leaves(&mut self, number: u64, reason: RemovalReason) -> Held {
        let at = self.held.iter().position(|held| held.number == number);
        // Also how a session that is its own victim shows: it is noted after its insert.
        let at = at.unwrap_or_else(|| panic!("{number} left for {reason}, and was not there"));
        *self.departed.entry(reason).or_default() += 1;
        self.held.remove(at)
    }

    fn count(&self, reason: RemovalReason) -> u64 {
        self.departed.get(&reason).copied().unwrap_or(0)
    }
}

impl Bench {
    fn new(capacity: usize, shards: usize) -> Self {
        let log = Log::default();
        let (cache, clock) = build(|builder| {
            builder.capacity(entries(capacity)).shards(shards).callbacks(log.callbacks())
        });
        let contexts = (0..CONTEXTS)
            .map(|number| {
                let bytes = SessionIdContext::new(&number.to_le_bytes()).expect("short");
                cache.context(bytes).expect("few")
            })
            .collect();
        let oracle = Oracle {
            held: Vec::new(),
            not_before: [Timestamp::EPOCH; CONTEXTS],
            mode: CacheMode::SERVER,
            capacity,
            numbers: 0,
            departed: HashMap::new(),
            inserted: 0,
            offered: 0,
        };
        Self { cache, contexts, clock, log, oracle, shards }
    }

    fn now(&self) -> Timestamp {
        self.cache.now()
    }

    /// What may leave by the way in any operation; `expected` is what must leave in this one.
    fn follow_departures(&mut self, mut expected: Vec<(u64, RemovalReason)>, evicts: bool) {
        let now = self.now();
        let room = self.oracle.capacity.saturating_sub(self.oracle.held.len());
        for gone in self.log.drain() {
            let Some(number) = gone.number else {
                // A removal of nothing.
                let position = expected.iter().position(|(number, _)| *number == u64::MAX);
                expected.remove(position.expect("asked for"));
                continue;
            };
            let held = self.oracle.leaves(number, gone.reason);
            assert_eq!(short_id(held.id), gone.id);
            assert_eq!(self.contexts[held.context].bytes(), &gone.context);
            if let Some(at) = expected.iter().position(|one| *one == (number, gone.reason)) {
                expected.remove(at);
                continue;
            }
            match gone.reason {
                RemovalReason::Expired => assert!(held.expires < now, "{held:?} is not expired"),
                RemovalReason::Invalidated => assert!(held.stale, "{held:?} was not invalidated"),
                RemovalReason::Evicted => {
                    assert!(evicts, "only an insert or maintenance evicts");
                    // A shard may keep the place of a taken session for its own next one.
                    assert!(room < self.shards, "{held:?} was evicted, there was room for {room}");
                }
                reason => panic!("{held:?} left for {reason}, which nobody asked for"),
            }
        }
        assert!(expected.is_empty(), "not reported: {expected:?}");
    }

    fn expected_lookup(&self, context: usize, id: u8, usage: Usage) -> Lookup<u64> {
        let Some(held) = self.oracle.current(context, id) else { return Lookup::Miss };
        if !self.oracle.mode.looks_up() {
            return Lookup::Miss;
        }
        if held.expires < self.now() {
            return Lookup::Expired;
        }
        if held.usage == Usage::SingleUse && usage == Usage::Reusable {
            return Lookup::Refused(Refusal::SingleUse);
        }
        Lookup::Hit(held.number)
    }

    fn get(&mut self, context: usize, id: u8, lent: bool) {
        let expected = self.expected_lookup(context, id, Usage::Reusable);
        let place = &self.contexts[context];
        let found = if lent {
            place.get_with(&short_id(id), |session| number(session.payload()))
        } else {
            place.get(&short_id(id)).map(|session| {
                assert!(session.is_resumable());
                number(session.payload())
            })
        };
        assert_eq!(found, expected);
        self.oracle.offered += 1;
        let gone = match (expected, self.oracle.current(context, id)) {
            (Lookup::Expired, Some(held)) => vec![(held.number, RemovalReason::Expired)],
            _ => vec![],
        };
        self.follow_departures(gone, false);
    }

    fn take(&mut self, context: usize, id: u8, lent: bool) {
        let expected = self.expected_lookup(context, id, Usage::SingleUse);
        let place = &self.contexts[context];
        let found = if lent {
            place.take_with(&short_id(id), |session| {
                assert!(session.is_resumable(), "for its taker");
                number(session.payload())
            })
        } else {
            place.take(&short_id(id)).map(|session| {
                assert!(!session.is_resumable() && !session.view().is_resumable());
                number(session.payload())
            })
        };
        assert_eq!(found, expected);
        self.oracle.offered += 1;
        // Without internal lookups the copy is discarded all the same.
        let gone = self.oracle.current(context, id).map(|held| {
            let reason = if held.expires < self.now() {
                RemovalReason::Expired
            } else {
                RemovalReason::Taken
            };
            (held.number, reason)
        });
        self.follow_departures(gone.into_iter().collect(), false);
    }

    fn remove(&mut self, context: usize, id: u8) {
        let current = self.oracle.current(context, id);
        let removed = self.contexts[context].remove(&short_id(id));
        assert_eq!(removed, current.is_some());
        let gone = current.map_or((u64::MAX, RemovalReason::Removed), |held| {
            (held.number, RemovalReason::Removed)
        });
        self.follow_departures(vec![gone], false);
    }

    fn insert(&mut self, context: usize, id: u8, lifetime: u64, age: i64, usage: Usage, by: By) {
        let now = self.now();
        let created = Timestamp::from_unix_secs(now.as_unix_secs().saturating_add_signed(-age));
        self.oracle.numbers += 1;
        let number = self.oracle.numbers;
        let session = Session::new(
            short_id(id),
            *self.contexts[context].bytes(),
            created,
            Lifetime::from_secs(lifetime),
            SecretBytes::new(number.to_le_bytes().to_vec()),
        )
        .with_usage(usage);
        let mode = self.oracle.mode;
        let dated = if mode.updates_time() { now } else { created };
        let expires = dated.saturating_add(Lifetime::from_secs(lifetime));
        let off = match by {
            By::Hand => mode.is_off(),
            By::Server => !mode.stores(Role::Server),
        };
        let refusal = if off {
            Some(Refusal::CachingOff)
        } else if created < self.oracle.not_before[context] {
            Some(Refusal::Policy)
        } else if dated > now {
            Some(Refusal::FromTheFuture)
        } else if expires < now {
            Some(Refusal::AlreadyExpired)
        } else {
            None
        };
        let place = &self.contexts[context];
        let answer = match by {
            By::Hand => place.insert(session),
            By::Server => place.insert_negotiated(Role::Server, session),
        };
        if let Some(refusal) = refusal {
            let error = answer.expect_err("the oracle refuses it");
            assert_eq!(error.why(), InsertRefusal::Refused(refusal));
            assert_eq!(
                common::number(error.into_session().payload().as_secret()),
                number,
                "given back"
            );
            self.follow_departures(vec![], false);
            return;
        }
        let answer = answer.expect("the oracle admits it");
        if matches!(by, By::Server) && !mode.stores_internally() {
            assert_eq!(answer, Inserted::External);
            self.follow_departures(vec![], false);
            return;
        }
        let current = self.oracle.current(context, id);
        let replaced = current.filter(|held| held.expires >= now);
        let expected = if replaced.is_some() { Inserted::Replaced } else { Inserted::New };
        assert_eq!(answer, expected);
        let gone = current.map(|held| {
            let reason =
                if replaced.is_some() { RemovalReason::Replaced } else { RemovalReason::Expired };
            (held.number, reason)
        });
        let before = self.oracle.held.len();
        self.follow_departures(gone.into_iter().collect(), true);
        self.oracle.held.push(Held { context, id, number, expires, usage, stale: false });
        self.oracle.inserted += 1;
        let (after, capacity) = (self.oracle.held.len(), self.oracle.capacity);
        // A capacity that has shrunk is reached lazily, and a shard that holds nothing has no victim.
        let most = before.max(capacity) + usize::from(self.shards > 1);
        assert!(after <= most, "grew from {before} to {after}, capacity {capacity}");
    }

    fn insert_again(&mut self, context: usize, id: u8) {
        let now = self.now();
        let expected = self.expected_lookup(context, id, Usage::Reusable);
        let place = self.contexts[context].clone();
        let found: Option<SessionRef<'_>> = place.get(&short_id(id)).hit();
        self.oracle.offered += 1;
        if let (Lookup::Expired, Some(held)) = (expected, self.oracle.current(context, id)) {
            self.follow_departures(vec![(held.number, RemovalReason::Expired)], false);
        } else {
            self.follow_departures(vec![], false);
        }
        let Some(found) = found else { return };
        let number = number(found.payload());
        assert_eq!(expected, Lookup::Hit(number));
        assert_eq!(place.insert_again(&found), Ok(Inserted::Unchanged));
        if !self.oracle.mode.updates_time() {
            self.follow_departures(vec![], false);
            return;
        }
        let lifetime = found.lifetime();
        let usage = found.usage();
        drop(found);
        self.follow_departures(vec![(number, RemovalReason::Replaced)], true);
        let expires = now.saturating_add(lifetime);
        self.oracle.held.push(Held { context, id, number, expires, usage, stale: false });
        self.oracle.inserted += 1;
    }

    fn flush(&mut self, all: bool) {
        let now = self.now();
        let gone: Vec<_> = self
            .oracle
            .held
            .iter()
            .filter_map(|held| {
                let reason = if held.expires < now {
                    RemovalReason::Expired
                } else if held.stale {
                    RemovalReason::Invalidated
                } else if all {
                    RemovalReason::Flushed
                } else {
                    return None;
                };
                Some((held.number, reason))
            })
            .collect();
        let flushed = if all { self.cache.flush_all() } else { self.cache.flush_expired() };
        assert_eq!(flushed, gone.len() as u64);
        self.follow_departures(gone, false);
    }

    fn run(&mut self, operation: Operation) {
        match operation {
            Operation::Advance { secs } => self.clock.advance(Lifetime::from_secs(secs)),
            Operation::FlushAll => self.flush(true),
            Operation::FlushExpired => self.flush(false),
            Operation::Get { context, id } => self.get(context, id, false),
            Operation::GetWith { context, id } => self.get(context, id, true),
            Operation::Insert { context, id, lifetime, age, usage, by } => {
                self.insert(context, id, lifetime, age, usage, by);
            }
            Operation::InsertAgain { context, id } => self.insert_again(context, id),
            Operation::Invalidate { context } => {
                self.contexts[context].invalidate();
                self.oracle.not_before[context] = self.now();
                for held in self.oracle.held.iter_mut().filter(|held| held.context == context) {
                    held.stale = true;
                }
            }
            Operation::Maintain => {
                self.cache.maintain();
                self.follow_departures(vec![], true);
            }
            Operation::Remove { context, id } => self.remove(context, id),
            Operation::SetCapacity { entries: number } => {
                let former = self.cache.set_capacity(entries(number));
                assert_eq!(former, entries(self.oracle.capacity));
                self.oracle.capacity = number;
            }
            Operation::SetMode { mode } => {
                assert_eq!(self.cache.set_mode(mode), self.oracle.mode);
                self.oracle.mode = mode;
            }
            Operation::Take { context, id } => self.take(context, id, false),
            Operation::TakeWith { context, id } => self.take(context, id, true),
        }
        self.check_sums();
    }

    fn check_sums(&self) {
        let stats = self.cache.stats();
        assert_eq!(self.cache.len(), self.oracle.held.len());
        assert_eq!(stats.entries, self.oracle.held.len() as u64);
        assert_eq!(stats.offered(), self.oracle.offered);
        assert_eq!(stats.insertions, self.oracle.inserted);
        for (reason, counted) in [
            (RemovalReason::Evicted, stats.evictions),
            (RemovalReason::Expired, stats.expirations),
            (RemovalReason::Flushed, stats.flushed),
            (RemovalReason::Invalidated, stats.invalidated),
            (RemovalReason::Removed, stats.removals),
            (RemovalReason::Replaced, stats.replaced),
            (RemovalReason::Taken, stats.taken),
        ] {
            assert_eq!(counted, self.oracle.count(reason), "{reason}");
        }
        common::assert_adds_up(&self.cache);
    }

    /// The end: each session that is left is reported as shut down, or as invalidated.
    fn end(self) {
        let Self { cache, contexts, log, mut oracle, .. } = self;
        drop((cache, contexts));
        for gone in log.drain() {
            let held = oracle.leaves(gone.number.expect("a session"), gone.reason);
            let expected =
                if held.stale { RemovalReason::Invalidated } else { RemovalReason::ShutDown };
            assert_eq!(gone.reason, expected);
        }
        assert!(oracle.held.is_empty(), "not reported at the end: {:?}", oracle.held);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_cache_does_what_the_oracle_says(
        capacity in 1_usize..20,
        shards in proptest::sample::select(vec![1_usize, 4]),
        operations in proptest::collection::vec(operation(), 1..250),
    ) {
        let mut bench = Bench::new(capacity, shards);
        assert_eq!(bench.now(), START);
        for operation in operations {
            bench.run(operation);
        }
        bench.end();
    }
}
