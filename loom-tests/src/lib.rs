//! The harness of the models.
//!
//! `cargo xtask loom` builds them with `--cfg resumption_loom`: the map's atomics and cells are then
//! loom's, and [`model`] explores interleavings. Without the cfg, `cargo test` runs each body once on
//! ordinary threads, so that a model which does not compile or does not hold at all shows early.
//!
//! Models run the map with a strict reclaimer ([`Poison`](resumption_map::reclaim)), which frees at the
//! first moment that any correct scheme could and panics on every later access; the files named
//! `epoch_*` run it with the reclamation that ships.
//!
//! All models are modules of one test program, so that the map is compiled once and two models run at a
//! time. Each says in its head which edges of `ORDERINGS.md` it exercises, with which reclaimer and in
//! which modes it runs, and which mutants it kills; `cargo xtask tidy` compares that with `ORDERINGS.md`,
//! and `cargo xtask loom` runs in mode `rmw` those that say so.

#![forbid(unsafe_code)]

pub mod engine;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize as Unseen;
use std::sync::atomic::Ordering::Relaxed;

use resumption_map::{Cause, Departures, Inserted, Key, MapConfig, NewEntry, Verdict};

/// The reclaimer of most models.
#[cfg(resumption_loom)]
pub type Strict = resumption_map::reclaim::Poison;
/// The reclaimer of most models.
#[cfg(not(resumption_loom))]
pub type Strict = resumption_map::reclaim::Epoch;

/// The map of most models.
pub type Map<T> = resumption_map::Map<T, Strict>;

/// The map with the reclamation that ships.
pub type EpochMap<T> = resumption_map::Map<T, resumption_map::reclaim::Epoch>;

/// One shard, one bucket, every departed entry handed to reclamation by itself: the smallest map there
/// is, so that all entries meet in one list.
pub fn tiny(capacity: usize) -> MapConfig {
    let capacity = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
    MapConfig::bounded(capacity).shards(1).buckets(1).retire_batch(1).seed(1)
}

/// The key of an id.
pub fn key(id: u8) -> Key {
    Key::new(0, &[id]).unwrap_or_else(|| unreachable!("one byte"))
}

/// An entry for ever.
pub fn entry<T>(value: T) -> NewEntry<'static, T> {
    NewEntry { value, expires: u64::MAX, weight: 16, credit: 0, bytes: &[] }
}

/// A map of this shape.
///
/// # Panics
/// When there is no such shape.
pub fn map_of<T: Send + Sync + 'static>(config: MapConfig) -> Arc<Map<T>> {
    Arc::new(Map::new(config).expect("a possible shape"))
}

/// A tiny map with these ids, and ample room for more; the last one stands at the head.
pub fn map_with(ids: &[u8]) -> Arc<Map<u64>> {
    let map = map_of(tiny(8));
    for &id in ids {
        insert(&map, id, value_of(id));
    }
    map
}

/// The value that [`map_with`] gives to an id.
pub fn value_of(id: u8) -> u64 {
    u64::from(id) * 10
}

/// Inserts where there is room; says what that did, and how many entries it replaced.
///
/// # Panics
/// When the map refuses.
pub fn insert(map: &Map<u64>, id: u8, value: u64) -> (Inserted, u64) {
    let mut departures = Departures::counting();
    let inserted = map.insert(key(id), entry(value), 0, &mut departures).expect("room");
    (inserted, departures.count(Cause::Replaced))
}

/// Looks up at time 0.
pub fn get(map: &Map<u64>, id: u8) -> Option<u64> {
    map.get_with(key(id), 0, &mut Departures::counting(), |entry| *entry.value()).hit()
}

/// Takes at time 0.
pub fn take(map: &Map<u64>, id: u8) -> Option<u64> {
    map.take_with(key(id), 0, &mut Departures::counting(), |entry| *entry.value()).hit()
}

/// Removes, and says whether something was there.
pub fn remove(map: &Map<u64>, id: u8) -> bool {
    map.remove(key(id), &mut Departures::counting())
}

/// Sweeps everything away; says how many entries departed by this sweep.
pub fn sweep_all(map: &Map<u64>) -> u64 {
    let mut departures = Departures::counting();
    map.sweep(usize::MAX, 0, |_| Verdict::Remove, &mut departures);
    departures.count(Cause::Condemned)
}

/// Asserts that exactly these entries, in order of their ids, are live, and that the count says so.
///
/// # Panics
/// When that is not so.
pub fn assert_holds(map: &Map<u64>, expected: &[(u8, u64)]) {
    let mut held: Vec<_> = map.snapshot().map(|handle| (handle.id()[0], *handle)).collect();
    held.sort_unstable();
    assert_eq!(held, expected, "the live entries");
    assert_eq!(map.len(), expected.len(), "the count");
}

/// Explores `body`, whose name is for the report: with at most `preemptions` pre-emptions in mode
/// `shadow`, and without a bound in mode `rmw` (`RESUMPTION_LOOM_MODE=rmw`).
#[cfg(resumption_loom)]
pub fn model(name: &str, preemptions: usize, body: impl Fn() + Sync + Send + 'static) {
    let rmw = std::env::var("RESUMPTION_LOOM_MODE").is_ok_and(|mode| mode == "rmw");
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = (!rmw).then_some(preemptions);
    // Epoch models pass the default of 1 000 branches in one execution.
    builder.max_branches = 50_000;
    builder.checkpoint_interval = 500;
    stop_at_the_first_panic();
    watch_the_time(name);
    let executions = Arc::new(Unseen::new(0));
    let counted = Arc::clone(&executions);
    let started = std::time::Instant::now();
    builder.check(move || {
        counted.fetch_add(1, Relaxed);
        body();
    });
    println!(
        "model {name}: {} executions, {:.1} s",
        executions.load(Relaxed),
        started.elapsed().as_secs_f64()
    );
}

/// A model that fails leaves the map as it is, and unwinding would drop it, perhaps for ever: the
/// message is printed, and that is all.
#[cfg(resumption_loom)]
fn stop_at_the_first_panic() {
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            print(panic);
            // Loom ends its threads by panics too, without a message.
            if panic.payload().is::<&str>() || panic.payload().is::<String>() {
                std::process::abort();
            }
        }));
    });
}

/// Ends the program when a model takes longer than `RESUMPTION_LOOM_LIMIT` seconds: with a fault in it,
/// code may well run in circles, and not only through what loom counts.
#[cfg(resumption_loom)]
fn watch_the_time(name: &str) {
    use std::time::{Duration, Instant};

    let Ok(limit) = std::env::var("RESUMPTION_LOOM_LIMIT") else { return };
    let limit = Duration::from_secs(limit.parse().expect("RESUMPTION_LOOM_LIMIT is seconds"));
    let (name, started) = (name.to_owned(), Instant::now());
    std::thread::spawn(move || {
        while let Some(left) = limit.checked_sub(started.elapsed()) {
            std::thread::park_timeout(left);
        }
        eprintln!("model {name}: out of time");
        std::process::abort();
    });
}

/// Runs `body` once.
#[cfg(not(resumption_loom))]
pub fn model(_name: &str, _preemptions: usize, body: impl Fn() + Sync + Send + 'static) {
    body();
}

#[cfg(resumption_loom)]
pub use loom::thread;
#[cfg(not(resumption_loom))]
pub use std::thread;

/// Runs both sides at once and returns both results.
///
/// # Panics
/// When a side panics.
pub fn race<A: 'static, B: Send + 'static>(
    here: impl FnOnce() -> A,
    there: impl FnOnce() -> B + Send + 'static,
) -> (A, B) {
    let other = thread::spawn(there);
    let a = here();
    let b = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    (a, b)
}

/// Runs three sides at once and returns the three results.
///
/// # Panics
/// When a side panics.
pub fn race3<A: 'static, B: Send + 'static, C: Send + 'static>(
    here: impl FnOnce() -> A,
    there: impl FnOnce() -> B + Send + 'static,
    elsewhere: impl FnOnce() -> C + Send + 'static,
) -> (A, B, C) {
    let third = thread::spawn(elsewhere);
    let (a, b) = race(here, there);
    let c = third.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    (a, b, c)
}

/// Does something while an entry is being looked at: operations in there pin a second time, and that
/// fences nothing.
///
/// # Panics
/// When the entry that is to be looked at is not there.
pub fn inside<X>(map: &Map<u64>, looked_at: u8, body: impl FnOnce() -> X) -> X {
    let mut departures = Departures::counting();
    map.get_with(key(looked_at), 0, &mut departures, |_| body()).hit().expect("it is there")
}

#[cfg(resumption_loom)]
type Seen = loom::sync::atomic::AtomicUsize;
#[cfg(not(resumption_loom))]
type Seen = Unseen;

/// A number that is written and read without any ordering of its own: a reader sees what was written
/// only if something else orders the two.
#[derive(Debug)]
pub struct Note(Seen);

impl Note {
    /// A note that says 0.
    #[allow(clippy::new_without_default, reason = "loom's atomics have no default")]
    pub fn new() -> Self {
        Self(Seen::new(0))
    }

    /// Writes 1.
    pub fn write(&self) {
        self.0.store(1, Relaxed);
    }

    /// Whether 1 was written, as far as this thread can know.
    pub fn is_written(&self) -> bool {
        self.0.load(Relaxed) == 1
    }
}

/// Shares a map so that the model sees which thread is the last to let go of it.
#[cfg(resumption_loom)]
pub type Shared<T> = loom::sync::Arc<T>;
/// Shares a map so that the model sees which thread is the last to let go of it.
#[cfg(not(resumption_loom))]
pub type Shared<T> = Arc<T>;

/// A value that counts its drops, in a counter that the model does not see.
#[derive(Debug)]
pub struct Dropping(Arc<Unseen>);

impl Dropping {
    /// A value, and how often it was dropped.
    pub fn new() -> (Self, Drops) {
        let drops = Arc::default();
        (Self(Arc::clone(&drops)), Drops(drops))
    }

    /// Asserts that this was not dropped yet.
    ///
    /// # Panics
    /// When it was.
    pub fn assert_alive(&self) {
        let drops = self.0.load(Relaxed);
        assert_eq!(drops, 0, "dropped while a reader sees it");
    }
}

impl Drop for Dropping {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// How often a [`Dropping`] was dropped.
#[derive(Debug)]
pub struct Drops(Arc<Unseen>);

impl Drops {
    /// The number.
    pub fn count(&self) -> usize {
        self.0.load(Relaxed)
    }
}
