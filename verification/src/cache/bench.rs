//! A cache beside its oracle, step by step.
//!
//! Properties:
//! * a lookup answers what the oracle says, and only sessions of its context, in its life;
//! * a taken, removed, invalidated or replaced session is never found again, nor inserted again;
//! * each session that entered leaves once, for a reason that fits;
//! * nothing is evicted while there is room, and never what has just come;
//! * what is held stays readable, and knows whether it is still resumable;
//! * counters add up after every step, and agree with what was seen;
//! * the structure of the map is whole after every step.

use std::collections::{HashMap, VecDeque};
use std::num::{NonZeroU64, NonZeroUsize};

use resumption_cache::{
    CacheMode, Capacity, Context, Generation, ManualClock, RemovalReason, SessionCache, SessionRef,
};
use resumption_session::{Lifetime, ProtocolVersion, SessionId, SessionIdContext, Timestamp};

use super::log::{Log, number};
use super::operation::{CONTEXTS, Operation, Place};
use super::oracle::Oracle;

/// When every run begins.
const START: Timestamp = Timestamp::from_unix_secs(1_700_000_000);

/// Sessions held at once.
const HELD: usize = 3;

/// The shape of the cache under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Sessions at first; at least 1.
    pub capacity: usize,
    /// A power of two.
    pub shards: usize,
}

impl Shape {
    /// The shape that these bytes say; all bytes say one.
    pub fn from_bytes([capacity, shards]: [u8; 2]) -> Self {
        Self { capacity: 1 + usize::from(capacity % 19), shards: 1 << (shards % 3) }
    }
}

/// A session that is held, and what the oracle knows it by while it is cached.
pub(super) struct Kept<'c> {
    pub(super) session: SessionRef<'c>,
    pub(super) number: u64,
    pub(super) object: u64,
    pub(super) context: usize,
}

/// A cache and its oracle.
pub struct Bench<'c> {
    pub(super) cache: &'c SessionCache,
    pub(super) contexts: &'c [Context],
    pub(super) clock: ManualClock,
    pub(super) log: Log,
    pub(super) oracle: Oracle,
    pub(super) shards: usize,
    pub(super) kept: VecDeque<Kept<'c>>,
    pub(super) noted: Vec<Generation>,
}

pub(super) fn short_id(id: u8) -> SessionId {
    SessionId::new(&[id]).unwrap_or_else(|_| unreachable!("one byte"))
}

fn entries(capacity: usize) -> Capacity {
    Capacity::of_entries(NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN))
}

/// Each context as it is, and for connections of two versions.
fn contexts(cache: &SessionCache) -> Vec<Context> {
    (0..CONTEXTS)
        .flat_map(|number| {
            let bytes = SessionIdContext::new(&number.to_le_bytes()).expect("short");
            let any = cache.context(bytes).expect("few");
            let only = |version| any.clone().for_version(version);
            let (tls12, tls13) = (only(ProtocolVersion::Tls12), only(ProtocolVersion::Tls13));
            [any, tls12, tls13]
        })
        .collect()
}

impl<'c> Bench<'c> {
    /// Makes a cache of `shape` and does all of `operations` with it.
    ///
    /// # Panics
    /// When the cache does otherwise than the oracle says.
    pub fn run(shape: Shape, operations: impl IntoIterator<Item = Operation>) {
        let (log, clock) = (Log::default(), ManualClock::new(START));
        let cache = SessionCache::builder()
            .clock(clock.clone())
            .capacity(entries(shape.capacity))
            .shards(shape.shards)
            .payload_in_place(super::oracle::ASKED_IN_PLACE)
            .callbacks(log.callbacks())
            .build()
            .expect("a possible shape");
        let contexts = contexts(&cache);
        let mut bench = Bench {
            cache: &cache,
            contexts: &contexts,
            clock,
            log: log.clone(),
            oracle: Oracle {
                held: Vec::new(),
                not_before: [Timestamp::EPOCH; CONTEXTS],
                invalidated: [0; CONTEXTS],
                mode: CacheMode::SERVER,
                timeout: cache.timeout(),
                entries: Some(shape.capacity),
                bytes: None,
                numbers: 0,
                objects: 0,
                departed: HashMap::new(),
                inserted: 0,
                offered: 0,
            },
            shards: shape.shards,
            kept: VecDeque::new(),
            noted: generations(&contexts),
        };
        for operation in operations {
            bench.step(operation);
        }
        let oracle = bench.rest();
        drop((contexts, cache));
        end(&log, oracle);
    }

    /// Lets all sessions go that are held: then nothing that has departed stays.
    fn rest(mut self) -> Oracle {
        self.kept.clear();
        assert_eq!(self.cache.maintain(), 0, "garbage at rest");
        self.follow(vec![], Evicts::Anybody);
        self.check_sums();
        self.oracle
    }

    fn step(&mut self, operation: Operation) {
        match operation {
            Operation::Advance { secs } => self.clock.advance(Lifetime::from_secs(secs.into())),
            Operation::FlushAll => self.flush(Flush::Everything),
            Operation::FlushAt { secs } => {
                self.flush(Flush::ExpiredAt(self.secs_ago(-secs.max(-127))));
            }
            Operation::FlushExpired => self.flush(Flush::Expired),
            Operation::Get(place) => _ = self.get(place),
            Operation::GetWith(place) => self.get_with(place),
            Operation::Hold(place) => {
                if let Some(kept) = self.get(place) {
                    self.kept.push_back(kept);
                }
                if self.kept.len() > HELD {
                    self.kept.pop_front();
                }
            }
            Operation::Insert(entry) => self.insert(entry),
            Operation::InsertAgain(place) => {
                if let Some(kept) = self.get(place) {
                    self.insert_again(&kept);
                }
            }
            Operation::InsertHeldAgain => {
                if let Some(kept) = self.kept.pop_front() {
                    self.insert_again(&kept);
                }
            }
            Operation::Invalidate { context } => self.invalidate(context),
            Operation::Maintain => {
                self.cache.maintain();
                self.follow(vec![], Evicts::Anybody);
            }
            Operation::NoteGenerations => {
                self.noted = generations(self.contexts);
                self.oracle.invalidated = [0; CONTEXTS];
            }
            Operation::Release => drop(self.kept.pop_front()),
            Operation::Remove(place) => self.remove(place),
            Operation::SetBack { secs } => {
                let back = self.now().as_nanos() - Lifetime::from_secs(secs.into()).as_nanos();
                self.clock.set(Timestamp::from_nanos(back));
            }
            Operation::SetCapacity { entries, bytes } => self.set_capacity(entries, bytes),
            Operation::SetMode { mode } => {
                assert_eq!(self.cache.set_mode(mode), self.oracle.mode);
                self.oracle.mode = mode;
            }
            Operation::SetTimes { place, age, lifetime } => {
                let lifetime = Lifetime::from_secs(lifetime.into());
                self.set_times(place, self.secs_ago(age), lifetime);
            }
            Operation::SetTimeout { secs } => {
                let timeout = Lifetime::from_secs(secs.into());
                assert_eq!(self.cache.set_timeout(timeout), self.oracle.timeout);
                self.oracle.timeout = timeout;
            }
            Operation::Take(place) => self.take(place),
            Operation::TakeWith(place) => self.take_with(place),
        }
        self.check_sums();
    }

    pub(super) fn now(&self) -> Timestamp {
        self.cache.now()
    }

    /// The context as a connection at `place` has it.
    pub(super) fn context(&self, place: Place) -> &'c Context {
        let variant = match place.version {
            None => 0,
            Some(ProtocolVersion::Tls12) => 1,
            Some(_) => 2,
        };
        &self.contexts[3 * place.context + variant]
    }

    fn invalidate(&mut self, context: usize) {
        self.contexts[3 * context].invalidate();
        let not_before = &mut self.oracle.not_before[context];
        *not_before = (*not_before).max(self.cache.now());
        self.oracle.invalidated[context] += 1;
        for held in self.oracle.held.iter_mut().filter(|held| held.context == context) {
            held.stale = true;
        }
    }

    fn set_capacity(&mut self, entries: Option<u8>, bytes: Option<u16>) {
        let mut capacity = entries
            .and_then(|entries| NonZeroUsize::new(entries.into()))
            .map_or(Capacity::unlimited(), Capacity::of_entries);
        if let Some(bytes) = bytes.and_then(|bytes| NonZeroU64::new(bytes.into())) {
            capacity = capacity.with_bytes(bytes);
        }
        let former = self.cache.set_capacity(capacity);
        assert_eq!(former.entries().map(NonZeroUsize::get), self.oracle.entries);
        assert_eq!(former.bytes().map(NonZeroU64::get), self.oracle.bytes);
        self.oracle.entries = entries.map(usize::from);
        self.oracle.bytes = bytes.map(u64::from);
    }

    /// So many seconds ago; negative ones are to come.
    fn secs_ago(&self, secs: i8) -> Timestamp {
        let span = Lifetime::from_secs(secs.unsigned_abs().into());
        if secs < 0 {
            return self.now().saturating_add(span);
        }
        Timestamp::from_nanos(self.now().as_nanos() - span.as_nanos())
    }

    fn flush(&mut self, flush: Flush) {
        let (mut now, mut flushed_before) = (self.now(), Timestamp::EPOCH);
        if let Flush::ExpiredAt(then) = flush {
            (now, flushed_before) = (now.min(then), then);
        }
        let reason = |held: &super::oracle::Held| {
            if held.expires < now {
                Some(RemovalReason::Expired)
            } else if held.stale {
                Some(RemovalReason::Invalidated)
            } else {
                let flushed = matches!(flush, Flush::Everything) || held.expires < flushed_before;
                flushed.then_some(RemovalReason::Flushed)
            }
        };
        let held = self.oracle.held.iter();
        let gone: Vec<_> = held.filter_map(|held| Some((held.number, reason(held)?))).collect();
        let flushed = match flush {
            Flush::Everything => self.cache.flush_all(),
            Flush::Expired => self.cache.flush_expired(),
            Flush::ExpiredAt(then) => self.cache.flush_expired_at(then),
        };
        assert_eq!(flushed, gone.len() as u64);
        self.follow(gone, Evicts::Nobody);
    }

    /// Follows what was reported; `expected` is what must have left in this operation, others may have by
    /// the way.
    pub(super) fn follow(&mut self, mut expected: Vec<(u64, RemovalReason)>, evicts: Evicts) {
        let now = self.now();
        for gone in self.log.drain() {
            let Some(number) = gone.number else {
                // A removal of nothing.
                let position = expected.iter().position(|(number, _)| *number == NOTHING);
                expected.remove(position.expect("asked for"));
                continue;
            };
            let held = self.oracle.leaves(number, gone.reason);
            assert_eq!(short_id(held.id), gone.id);
            assert_eq!(self.contexts[3 * held.context].bytes(), &gone.context);
            if let Some(at) = expected.iter().position(|one| *one == (number, gone.reason)) {
                expected.remove(at);
                continue;
            }
            match gone.reason {
                RemovalReason::Expired => assert!(held.expires < now, "{held:?} is not expired"),
                RemovalReason::Invalidated => assert!(held.stale, "{held:?} was not invalidated"),
                RemovalReason::Evicted => {
                    assert!(evicts == Evicts::Anybody, "{held:?} was evicted: there was room");
                }
                reason => panic!("{held:?} left for {reason}, which nobody asked for"),
            }
        }
        assert!(expected.is_empty(), "not reported: {expected:?}");
    }

    fn check_sums(&self) {
        let stats = self.cache.stats();
        assert_eq!(stats.entries, self.oracle.held.len() as u64);
        assert_eq!(stats.offered(), self.oracle.offered);
        assert_eq!(stats.insertions, self.oracle.inserted);
        assert_eq!(stats.bytes, self.oracle.held.iter().map(super::oracle::Held::weight).sum());
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
        assert_eq!(stats.insertions, stats.entries + stats.departures(), "{stats:?}");
        for kept in &self.kept {
            assert_eq!(number(kept.session.payload()), kept.number, "still readable");
            assert_eq!(kept.session.is_resumable(), self.is_current(kept));
        }
        if let Err(fault) = self.cache.validate() {
            panic!("the structure is broken: {fault}");
        }
    }

    /// Whether the very object that is held is in the cache, and not invalidated.
    pub(super) fn is_current(&self, kept: &Kept<'_>) -> bool {
        self.oracle.held.iter().any(|held| held.object == kept.object && !held.stale)
    }
}

/// Stands for the session in a report of a removal that removed none.
pub(super) const NOTHING: u64 = u64::MAX;

/// What to flush.
#[derive(Clone, Copy)]
enum Flush {
    Everything,
    Expired,
    ExpiredAt(Timestamp),
}

/// Whom an operation may evict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evicts {
    Anybody,
    Nobody,
}

fn generations(contexts: &[Context]) -> Vec<Generation> {
    contexts.iter().step_by(3).map(Context::generation).collect()
}

/// The end: each session that is left is reported as shut down, or as invalidated.
fn end(log: &Log, mut oracle: Oracle) {
    for gone in log.drain() {
        let held = oracle.leaves(gone.number.expect("a session"), gone.reason);
        let expected =
            if held.stale { RemovalReason::Invalidated } else { RemovalReason::ShutDown };
        assert_eq!(gone.reason, expected);
    }
    assert!(oracle.held.is_empty(), "not reported at the end: {:?}", oracle.held);
}
