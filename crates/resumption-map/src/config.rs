//! How large a map is made.

use core::fmt;
use core::num::NonZeroUsize;

use crate::quota::MAX_SLOTS;
use crate::slab::stride;
use crate::sync::cpus;

/// The most buckets one shard may have: a bucket number is cut out of 32 hash bits.
const MAX_BUCKETS: usize = 1 << 31;

/// The most room beside an entry's value: well within what an entry may weigh.
const MAX_BYTES_IN_PLACE: usize = 1 << 19;

/// A shard's number is cut out of 8 hash bits.
const MAX_SHARDS: usize = 256;

/// How many departed entries may await reclamation at least, in a small map: what departs while a thread,
/// interrupted inside an operation, waits for its next slice of a core.
const MIN_GARBAGE: usize = 16_384;

/// The size and shape of a [`Map`](crate::Map), fixed when it is made.
///
/// Bucket heads are allocated at once (two per expected entry in all shards together, 8 bytes each);
/// memory for entries comes in chunks as they arrive.
#[derive(Clone, Copy, Debug)]
pub struct MapConfig {
    capacity: Option<NonZeroUsize>,
    expected: usize,
    weight_limit: Option<u64>,
    shards: Option<usize>,
    max_shards: usize,
    buckets: Option<usize>,
    garbage: Option<usize>,
    retire_batch: Option<u32>,
    bytes_in_place: usize,
    seed: Option<u64>,
}

impl MapConfig {
    /// A map that holds `entries` entries.
    pub fn bounded(entries: NonZeroUsize) -> Self {
        Self { capacity: Some(entries), ..Self::unbounded(entries.get()) }
    }

    /// A map without a bound on entries, laid out for `expected` of them; lookups slow down when many
    /// times more are held (chains grow).
    pub fn unbounded(expected: usize) -> Self {
        Self {
            capacity: None,
            expected: expected.max(1),
            weight_limit: None,
            shards: None,
            max_shards: MAX_SHARDS,
            buckets: None,
            garbage: None,
            retire_batch: None,
            bytes_in_place: 0,
            seed: None,
        }
    }

    /// Bounds the sum of the entries' weights. Each shard gets an equal part, so entries are evicted a
    /// little before the sum is reached. In any case a shard holds no more than 2 GiB.
    #[must_use]
    pub fn weight_limit(mut self, limit: Option<u64>) -> Self {
        self.weight_limit = limit;
        self
    }

    /// Sets the number of shards (a power of two, 1 to 256) instead of deriving it from the CPUs.
    #[must_use]
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = Some(shards);
        self
    }

    /// Makes no more shards than this when their number is derived from the CPUs: where each shard's part of
    /// a weight limit has to hold several heavy entries.
    #[must_use]
    pub fn at_most_shards(mut self, shards: usize) -> Self {
        self.max_shards = shards.max(1);
        self
    }

    /// Sets the number of buckets in each shard instead of two per expected entry. For tests.
    #[must_use]
    pub fn buckets(mut self, buckets: usize) -> Self {
        self.buckets = Some(buckets);
        self
    }

    /// Makes room for so many bytes beside each entry's value, for
    /// [`NewEntry::bytes`](crate::NewEntry::bytes); rounded up to whole cache lines together with
    /// the rest of the entry, and at most 512 KiB.
    #[must_use]
    pub fn bytes_in_place(mut self, bytes: usize) -> Self {
        self.bytes_in_place = bytes.min(MAX_BYTES_IN_PLACE);
        self
    }

    /// How many bytes of memory an entry takes, its bucket heads not included.
    pub const fn bytes_per_entry<T>(&self) -> usize {
        stride::<T>(self.bytes_in_place)
    }

    /// Sets how many departed entries may await reclamation before inserts are refused, instead of an eighth
    /// of those expected, or 16 384 if that is more.
    #[must_use]
    pub fn garbage_limit(mut self, entries: usize) -> Self {
        self.garbage = Some(entries);
        self
    }

    /// Sets how many departed entries of a shard are handed to reclamation together. For tests.
    #[must_use]
    pub fn retire_batch(mut self, entries: u32) -> Self {
        self.retire_batch = Some(entries.max(1));
        self
    }

    /// Fixes the hash seed. For tests only: ids are hostile input, and a known seed lets an attacker
    /// put them all into one bucket.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    pub(crate) fn layout(&self) -> Result<Layout, ConfigError> {
        let shards = self.shards.unwrap_or_else(|| default_shards(self.expected, self.max_shards));
        if !shards.is_power_of_two() || shards > MAX_SHARDS {
            return Err(ConfigError::Shards { shards });
        }
        let buckets = match self.buckets {
            Some(buckets) => buckets,
            // Two heads per entry: with one, a hit reads half a node more; with four, nothing is won.
            None => self.expected.saturating_mul(2).div_ceil(shards).max(8),
        };
        if buckets == 0 || buckets > MAX_BUCKETS {
            return Err(ConfigError::TooLarge { buckets });
        }
        Ok(Layout {
            shards,
            buckets,
            capacity: self.capacity,
            weight_limit: self.weight_limit,
            garbage_per_shard: self.garbage.map_or_else(
                || ((self.expected / 8).max(MIN_GARBAGE) / shards).max(64),
                |garbage| garbage.div_ceil(shards),
            ),
            retire_batch: self
                .retire_batch
                .unwrap_or_else(|| default_batch(self.expected / shards)),
            bytes_in_place: self.bytes_in_place,
            seed: self.seed,
        })
    }
}

/// Enough shards that inserting threads seldom meet, but at least 64 entries in each, so that a
/// shard's CLOCK has something to choose from.
fn default_shards(expected: usize, most: usize) -> usize {
    let wanted = (4 * cpus()).next_power_of_two().clamp(16, MAX_SHARDS);
    // No shard should come near what it can count.
    let needed = expected.div_ceil(MAX_SLOTS as usize / 4).min(MAX_SHARDS).next_power_of_two();
    let wanted = wanted.max(needed);
    let affordable = (expected / 64).min(most).max(1);
    // The largest power of two that is affordable.
    wanted.min(1 << affordable.ilog2())
}

/// Handing a batch on costs as much as a hundred retirements, so batches are large; yet what waits in
/// them stays a small part of what is held.
#[allow(clippy::cast_possible_truncation, reason = "at most 128")]
fn default_batch(entries_per_shard: usize) -> u32 {
    (entries_per_shard / 16).clamp(32, 128) as u32
}

/// A checked [`MapConfig`].
pub(crate) struct Layout {
    pub(crate) shards: usize,
    pub(crate) buckets: usize,
    pub(crate) capacity: Option<NonZeroUsize>,
    pub(crate) weight_limit: Option<u64>,
    pub(crate) garbage_per_shard: usize,
    pub(crate) retire_batch: u32,
    pub(crate) bytes_in_place: usize,
    pub(crate) seed: Option<u64>,
}

/// Why a map could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The number of shards is not a power of two from 1 to 256.
    Shards {
        /// What was asked for.
        shards: usize,
    },
    /// A shard would need more buckets than can be addressed, or none.
    TooLarge {
        /// The buckets that a shard would have had.
        buckets: usize,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shards { shards } => {
                write!(f, "{shards} shards: not a power of two from 1 to 256")
            }
            Self::TooLarge { buckets } => {
                write!(f, "{buckets} buckets in one shard: not from 1 to {MAX_BUCKETS}")
            }
        }
    }
}

impl core::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_maps_have_one_shard_and_large_ones_a_power_of_two() {
        assert_eq!(default_shards(1, MAX_SHARDS), 1);
        assert_eq!(default_shards(127, MAX_SHARDS), 1);
        assert_eq!(default_shards(128, MAX_SHARDS), 2);
        assert!(default_shards(1_000_000, MAX_SHARDS) >= 16);
        assert_eq!(default_shards(1_000_000, 7), 4);
        for expected in [1, 3, 200, 5_000, 70_000, usize::MAX] {
            assert!(default_shards(expected, MAX_SHARDS).is_power_of_two());
        }
    }

    #[test]
    fn impossible_shapes_are_refused() {
        let three = MapConfig::unbounded(10).shards(3);
        assert_eq!(three.layout().err(), Some(ConfigError::Shards { shards: 3 }));
        let vast = MapConfig::unbounded(usize::MAX);
        assert!(matches!(vast.layout().err(), Some(ConfigError::TooLarge { .. })));
    }
}
