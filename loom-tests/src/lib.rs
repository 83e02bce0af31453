//! The harness of the models.
//!
//! `cargo xtask loom` builds them with `--cfg resumption_loom`: the map's atomics and cells are then
//! loom's, and [`model`] explores interleavings. Without the cfg, `cargo test` runs each body once on
//! ordinary threads, so that a model which does not compile or does not hold at all shows early.
//!
//! Models run the map with a strict reclaimer ([`Poison`](resumption_map::reclaim)), which frees at the
//! first moment that any correct scheme could and panics on every later access; the files named
//! `epoch_*` run it with the reclamation that ships.

#![forbid(unsafe_code)]

use std::num::NonZeroUsize;

use resumption_map::{Key, MapConfig, NewEntry};

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

/// Explores `body`, whose name is for the report: with at most `preemptions` pre-emptions in mode
/// `shadow`, and without a bound in mode `rmw` (`RESUMPTION_LOOM_MODE=rmw`).
#[cfg(resumption_loom)]
pub fn model(name: &str, preemptions: usize, body: impl Fn() + Sync + Send + 'static) {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let rmw = std::env::var("RESUMPTION_LOOM_MODE").is_ok_and(|mode| mode == "rmw");
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = (!rmw).then_some(preemptions);
    // Epoch models pass the default of 1 000 branches in one execution.
    builder.max_branches = 50_000;
    builder.checkpoint_interval = 500;
    let executions = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&executions);
    let started = std::time::Instant::now();
    builder.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        body();
    });
    println!(
        "model {name}: {} executions, {:.1} s",
        executions.load(Ordering::Relaxed),
        started.elapsed().as_secs_f64()
    );
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
