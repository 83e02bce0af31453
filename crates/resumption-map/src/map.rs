//! The map itself: what it owns, how large it is, and how it ends.

use core::num::NonZeroUsize;
use std::sync::Arc;

use crate::config::{ConfigError, MapConfig};
use crate::key::{HashParts, Key};
use crate::node::Node;
use crate::quota::Pool;
use crate::reclaim::{Epoch, Reclaim};
use crate::shard::{Apart, Shard};
use crate::sync::{self, HintU64, HintUsize, Ordering};
use crate::weight::{WEIGHT_UNIT, units_per_shard};

/// A sharded lock-free map from ids to values, with bounded memory, expiry, eviction and single-use
/// take. It knows nothing of TLS, clocks or I/O: `now` and `expires` are numbers of the caller's, and an
/// entry is expired iff `expires < now`.
///
/// # Consistency
/// For each key, operations are linearizable: `get`, `insert`, `take`, `remove`, eviction and expiry each
/// take effect at one load or one compare-exchange of one word. Between different keys no common
/// order is promised. A lookup that overlaps a departure may still find the entry; one that begins
/// after it never does. Replacing shows no gap.
///
/// # Progress
/// No operation takes a lock. A lookup reads one chain and waits for nobody. Writers retry only when
/// another writer got further.
///
/// # Memory
/// Live entries never exceed the capacity. Departed ones are reclaimed when no guard can see them any
/// more; a thread stopped inside an operation delays that, and then inserts are refused
/// ([`RefusedWhy::Reclaim`](crate::RefusedWhy::Reclaim)) instead of memory growing. Values are dropped
/// by writers, by [`maintain`](Self::maintain) and with the last handle, never by a lookup.
pub struct Map<T: Send + Sync + 'static, R: Reclaim = Epoch> {
    pub(crate) core: Arc<Core<T>>,
    pub(crate) reclaim: R,
}

/// The part that deferred actions may outlive the map with.
pub(crate) struct Core<T> {
    pub(crate) shards: Box<[Shard<T>]>,
    hasher: ahash::RandomState,
    pub(crate) retire_batch: u32,
    pub(crate) garbage_per_shard: usize,
    pub(crate) bytes_in_place: usize,
    /// Read by inserts, written when the limits change.
    pub(crate) limits: Apart<Limits>,
    pub(crate) pool: Apart<Pool>,
    /// Where the next sweep goes on, counting buckets through all shards.
    pub(crate) sweep_cursor: Apart<HintUsize>,
}

/// What can be changed at run time. Written rarely, by one caller at a time or the last one wins.
pub(crate) struct Limits {
    /// 0: none.
    capacity: HintUsize,
    weight: HintU64,
    pub(crate) weight_units_per_shard: HintU64,
    /// How many places of taken entries a shard may keep for its next inserts.
    pub(crate) idle_places: HintUsize,
    /// Whether shards may hold idle places drawn from the pool in advance. A hint.
    pub(crate) places_left_over: HintUsize,
}

impl<T: Send + Sync + 'static, R: Reclaim> Map<T, R> {
    /// Makes an empty map.
    ///
    /// # Errors
    /// [`ConfigError`] when the shape is impossible.
    ///
    /// # Cost
    /// Allocates and clears the bucket heads, 16 bytes for each expected entry.
    pub fn new(config: MapConfig) -> Result<Self, ConfigError> {
        let layout = config.layout()?;
        let shards = (0..layout.shards)
            .map(|index| {
                #[allow(clippy::cast_possible_truncation, reason = "at most 256 shards")]
                Shard::new(index as u32, layout.buckets, layout.bytes_in_place, !R::STRICT)
            })
            .collect();
        let capacity = layout.capacity.map(NonZeroUsize::get);
        let core = Core {
            shards,
            hasher: sync::hasher(layout.seed),
            retire_batch: layout.retire_batch,
            garbage_per_shard: layout.garbage_per_shard,
            bytes_in_place: config.bytes_per_entry::<T>() - size_of::<Node<T>>(),
            limits: Apart(Limits {
                capacity: HintUsize::new(capacity.unwrap_or(0)),
                weight: HintU64::new(layout.weight_limit.unwrap_or(u64::MAX)),
                weight_units_per_shard: HintU64::new(units_per_shard(
                    layout.weight_limit,
                    layout.shards,
                )),
                idle_places: HintUsize::new(idle_places(capacity, layout.shards)),
                places_left_over: HintUsize::new(0),
            }),
            pool: Apart(Pool::new(capacity)),
            sweep_cursor: Apart(HintUsize::new(0)),
        };
        Ok(Self { core: Arc::new(core), reclaim: R::default() })
    }

    /// How many entries are held, expired ones that no one has met included. Exact at rest.
    ///
    /// # Cost
    /// One load for each shard.
    pub fn len(&self) -> usize {
        self.core.shards.iter().map(|shard| shard.writers.0.quota.occupied() as usize).sum()
    }

    /// Whether no entry is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sum of the entries' weights, each rounded up to a multiple of 16. Exact at rest.
    ///
    /// # Cost
    /// One load for each shard.
    pub fn weight(&self) -> u64 {
        let units: u64 = self.core.shards.iter().map(|shard| shard.writers.0.quota.weight()).sum();
        units * WEIGHT_UNIT
    }

    /// The most entries that are held; `None` when unlimited.
    pub fn capacity(&self) -> Option<NonZeroUsize> {
        NonZeroUsize::new(self.core.limits.0.capacity.load(Ordering::Relaxed))
    }

    /// Changes the capacity while the map is in use. Beyond about four times what the map was made for,
    /// lookups slow down, since the number of buckets stays. Below the number of entries held, the surplus
    /// is evicted by later inserts and by [`maintain`](Self::maintain), a few at a time.
    pub fn set_capacity(&self, entries: Option<NonZeroUsize>) {
        let entries = entries.map(NonZeroUsize::get);
        let limits = &self.core.limits.0;
        // The swap orders concurrent callers, so that their differences add up.
        let before = limits.capacity.swap(entries.unwrap_or(0), Ordering::Relaxed);
        limits.idle_places.store(idle_places(entries, self.core.shards.len()), Ordering::Relaxed);
        // Places drawn in advance, when more were left, are looked for before anything is evicted.
        limits.places_left_over.store(1, Ordering::Relaxed);
        self.core.pool.0.resize(NonZeroUsize::new(before).map(NonZeroUsize::get), entries);
    }

    /// The bound on the sum of weights; `None` when there is none.
    pub fn weight_limit(&self) -> Option<u64> {
        let limit = self.core.limits.0.weight.load(Ordering::Relaxed);
        (limit != u64::MAX).then_some(limit)
    }

    /// Changes the bound on the sum of weights while the map is in use; a surplus is evicted by later
    /// inserts, each in its own shard.
    pub fn set_weight_limit(&self, limit: Option<u64>) {
        let limits = &self.core.limits.0;
        limits.weight.store(limit.unwrap_or(u64::MAX), Ordering::Relaxed);
        limits
            .weight_units_per_shard
            .store(units_per_shard(limit, self.core.shards.len()), Ordering::Relaxed);
    }

    /// How many bytes an entry may have beside its value.
    pub fn bytes_in_place(&self) -> usize {
        self.core.bytes_in_place
    }

    /// How many shards there are.
    pub fn shards(&self) -> usize {
        self.core.shards.len()
    }

    /// How many buckets all shards have together.
    pub fn buckets(&self) -> usize {
        self.core.shards.len() * self.core.shards[0].buckets()
    }

    /// How many buckets one shard has; 0 when there is no such shard.
    pub fn buckets_in(&self, shard: usize) -> usize {
        self.core.shards.get(shard).map_or(0, Shard::buckets)
    }

    /// How many departed entries still occupy memory because a reader may see them, or because nobody
    /// has dropped them yet.
    ///
    /// # Cost
    /// Two loads for each shard.
    pub fn garbage(&self) -> usize {
        self.core.shards.iter().map(Shard::garbage).sum()
    }

    /// How many entries' worth of memory has ever been in use at once.
    pub fn slots(&self) -> usize {
        self.core.shards.iter().map(|shard| shard.slab.0.used() as usize).sum()
    }

    /// The shard and the hash of a key.
    #[inline]
    pub(crate) fn locate(&self, key: &Key) -> (&Shard<T>, HashParts) {
        let hash = HashParts::new(self.core.hasher.hash_one(key));
        (&self.core.shards[hash.shard(self.core.shards.len())], hash)
    }
}

/// A small part of a shard's share, so that hardly any capacity lies idle.
fn idle_places(capacity: Option<usize>, shards: usize) -> usize {
    capacity.map_or(64, |capacity| (capacity / shards / 64).clamp(1, 8))
}

impl<T: Send + Sync + 'static, R: Reclaim> Drop for Map<T, R> {
    /// Nobody borrows the map, so no guard can see its entries, and what sits in deferred actions comes
    /// back by advancing. Only a thread that is just ending may still be pinned: briefly, unless it has
    /// lost its CPU there, which is worth waiting for. What did not come back would keep the core, every
    /// secret in it included, until all threads that used the map have ended. After that the map owns
    /// its core alone, and all values are dropped here, on this thread.
    fn drop(&mut self) {
        for round in 0.. {
            if self.maintain() == 0 || !sync::wait(round) {
                break;
            }
        }
    }
}

impl<T> Drop for Core<T> {
    fn drop(&mut self) {
        for shard in &mut self.shards {
            shard.reclaim(usize::MAX);
            // SAFETY: exclusive access: neither the map nor a deferred action holds the core any more.
            unsafe { shard.drop_values() };
        }
    }
}

impl<T: Send + Sync + 'static, R: Reclaim> core::fmt::Debug for Map<T, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Map")
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
