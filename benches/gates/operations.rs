//! What is counted.

use std::hint::black_box;
use std::num::NonZeroUsize;

use resumption_cache::{Capacity, Context, Role, SessionCache};
use resumption_map::{Departures, Key, Map, MapConfig, NewEntry};
use resumption_session::{Lifetime, SecretRef, SessionId, SessionIdContext, SessionView};

/// How often an operation is done while it is counted: whole batches of retired entries.
pub(crate) const REPETITIONS: usize = 4096;

/// How many entries are held meanwhile.
const ENTRIES: usize = 20_000;
/// Takes and puts alternate in runs of this length, so that each finds what the other left.
const RUN: usize = 64;
pub(crate) const PAYLOAD: usize = 200;
const SEED: u64 = 7;

type Id = [u8; 32];
type Payloads = Map<()>;

/// An operation that can be counted.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) run: fn(),
}

/// In the order of the recorded table.
pub(crate) const ALL: &[Operation] = &[
    Operation { name: "map_get", run: map_get },
    Operation { name: "map_miss", run: map_miss },
    Operation { name: "map_put", run: map_put },
    Operation { name: "map_put_full", run: map_put_full },
    Operation { name: "map_take", run: map_take },
    Operation { name: "cache_get", run: cache_get },
    Operation { name: "cache_miss", run: cache_miss },
    Operation { name: "cache_put", run: cache_put },
    Operation { name: "cache_put_full", run: cache_put_full },
    Operation { name: "cache_take", run: cache_take },
    Operation { name: "empty", run: empty },
];

/// Ids that look random; the same in every run.
pub(crate) fn ids(from: usize, count: usize) -> Vec<Id> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(from as u64 + 1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..count)
        .map(|_| {
            let mut id = [0; 32];
            for part in id.chunks_exact_mut(8) {
                part.copy_from_slice(&next().to_le_bytes());
            }
            id
        })
        .collect()
}

/// The harness by itself, to be subtracted by whoever wants to.
fn empty() {
    counted_empty(&ids(0, REPETITIONS));
}

#[inline(never)]
fn counted_empty(ids: &[Id]) {
    for id in ids {
        black_box(id);
    }
}

fn map(held: &[Id]) -> Payloads {
    let capacity = NonZeroUsize::new(ENTRIES).expect("not zero");
    // The number of shards is fixed, so that machines agree.
    let map = Map::new(MapConfig::bounded(capacity).shards(16).seed(SEED).bytes_in_place(PAYLOAD))
        .expect("possible");
    put_all(&map, held);
    map
}

fn put_all(map: &Payloads, ids: &[Id]) {
    for id in ids {
        map_put_one(map, id);
    }
}

fn take_all(map: &Payloads, ids: &[Id]) {
    for id in ids {
        map_take_one(map, id);
    }
}

#[inline]
fn map_put_one(map: &Payloads, id: &Id) {
    let key = Key::new(1, id).expect("32 bytes");
    let bytes = black_box([0x5a; PAYLOAD].as_slice());
    let entry = NewEntry { value: (), bytes, expires: u64::MAX, weight: 200, credit: 1 };
    let inserted = map.insert(key, entry, 1, &mut Departures::counting());
    assert!(inserted.is_ok());
}

#[inline]
fn map_take_one(map: &Payloads, id: &Id) {
    let key = Key::new(1, id).expect("32 bytes");
    let found = map.take_with(key, 1, &mut Departures::counting(), |entry| entry.bytes()[0]);
    assert!(found.hit().is_some());
}

fn map_get() {
    let held = ids(0, ENTRIES);
    let map = map(&held);
    counted_map_get(&map, &held[..REPETITIONS], true);
}

fn map_miss() {
    let map = map(&ids(0, ENTRIES));
    counted_map_get(&map, &ids(1, REPETITIONS), false);
}

#[inline(never)]
fn counted_map_get(map: &Payloads, ids: &[Id], there: bool) {
    for id in ids {
        let key = Key::new(1, id).expect("32 bytes");
        let found = map.get_with(key, 1, &mut Departures::counting(), |entry| entry.bytes()[0]);
        assert_eq!(found.hit().is_some(), there);
    }
}

fn map_put() {
    let held = ids(0, ENTRIES);
    let map = map(&held);
    for _warm_up in 0..2 {
        take_all(&map, &held);
        put_all(&map, &held);
    }
    for run in held[..REPETITIONS].chunks(RUN) {
        take_all(&map, run);
        counted_map_put(&map, run);
    }
}

fn map_put_full() {
    let map = map(&ids(0, ENTRIES));
    put_all(&map, &ids(1, ENTRIES));
    counted_map_put(&map, &ids(2, REPETITIONS));
}

#[inline(never)]
fn counted_map_put(map: &Payloads, ids: &[Id]) {
    for id in ids {
        map_put_one(map, id);
    }
}

fn map_take() {
    let held = ids(0, ENTRIES);
    let map = map(&held);
    for _warm_up in 0..2 {
        take_all(&map, &held);
        put_all(&map, &held);
    }
    for run in held[..REPETITIONS].chunks(RUN) {
        counted_map_take(&map, run);
        put_all(&map, run);
    }
}

#[inline(never)]
fn counted_map_take(map: &Payloads, ids: &[Id]) {
    for id in ids {
        map_take_one(map, id);
    }
}

/// A cache that holds sessions.
struct Held {
    context: Context,
    _cache: SessionCache,
}

fn cache(held: &[Id]) -> Held {
    let cache = SessionCache::builder()
        .capacity(Capacity::of_entries(NonZeroUsize::new(ENTRIES).expect("not zero")))
        .shards(16)
        .build()
        .expect("possible");
    let bytes = SessionIdContext::new(b"gates").expect("short");
    let context = cache.context(bytes).expect("the first");
    cache_put_all(&context, held);
    Held { context, _cache: cache }
}

pub(crate) fn cache_put_all(context: &Context, ids: &[Id]) {
    for id in ids {
        cache_put_one(context, id);
    }
}

fn cache_take_all(context: &Context, ids: &[Id]) {
    for id in ids {
        cache_take_one(context, id);
    }
}

#[inline]
fn cache_put_one(context: &Context, id: &Id) {
    let payload = SecretRef::new(black_box([0x5a; PAYLOAD].as_slice()));
    let (id, lifetime) = (SessionId::from(*id), Lifetime::from_secs(7200));
    let session = SessionView::new(&id, context.bytes(), context.now(), lifetime, payload);
    let began_in = context.generation();
    assert!(context.insert_negotiated_under(began_in, Role::Server, session).is_ok());
}

#[inline]
fn cache_take_one(context: &Context, id: &Id) {
    let taken = context.take_with(&SessionId::from(*id), |session| session.payload().expose()[0]);
    assert!(taken.hit().is_some());
}

fn cache_get() {
    let held = ids(0, ENTRIES);
    let cache = cache(&held);
    counted_cache_get(&cache.context, &held[..REPETITIONS], true);
}

fn cache_miss() {
    let cache = cache(&ids(0, ENTRIES));
    counted_cache_get(&cache.context, &ids(1, REPETITIONS), false);
}

#[inline(never)]
fn counted_cache_get(context: &Context, ids: &[Id], there: bool) {
    for id in ids {
        let id = SessionId::from(*id);
        let found = context.get_with(&id, |session| session.payload().expose()[0]);
        assert_eq!(found.hit().is_some(), there);
    }
}

fn cache_put() {
    let held = ids(0, ENTRIES);
    let cache = cache(&held);
    for _warm_up in 0..2 {
        cache_take_all(&cache.context, &held);
        cache_put_all(&cache.context, &held);
    }
    for run in held[..REPETITIONS].chunks(RUN) {
        cache_take_all(&cache.context, run);
        counted_cache_put(&cache.context, run);
    }
}

fn cache_put_full() {
    let cache = cache(&ids(0, ENTRIES));
    cache_put_all(&cache.context, &ids(1, ENTRIES));
    counted_cache_put(&cache.context, &ids(2, REPETITIONS));
}

#[inline(never)]
fn counted_cache_put(context: &Context, ids: &[Id]) {
    for id in ids {
        cache_put_one(context, id);
    }
}

fn cache_take() {
    let held = ids(0, ENTRIES);
    let cache = cache(&held);
    for _warm_up in 0..2 {
        cache_take_all(&cache.context, &held);
        cache_put_all(&cache.context, &held);
    }
    for run in held[..REPETITIONS].chunks(RUN) {
        counted_cache_take(&cache.context, run);
        cache_put_all(&cache.context, run);
    }
}

#[inline(never)]
fn counted_cache_take(context: &Context, ids: &[Id]) {
    for id in ids {
        cache_take_one(context, id);
    }
}
