//! Weights: what entries cost, in a unit small enough to be fair and large enough for 16 bits.

use crate::quota::MAX_WEIGHT;

/// Weights are kept in multiples of this, rounded up.
pub(crate) const WEIGHT_UNIT: u64 = 16;

/// A weight in units; `None` when one entry is too heavy to be described (beyond 1 MiB less one unit).
pub(crate) fn to_units(weight: u32) -> Option<u16> {
    u16::try_from(u64::from(weight).div_ceil(WEIGHT_UNIT)).ok()
}

/// A shard's part of a limit, in units; in any case no more than a shard can count.
pub(crate) fn units_per_shard(limit: Option<u64>, shards: usize) -> u64 {
    limit.map_or(MAX_WEIGHT, |limit| limit / WEIGHT_UNIT / shards as u64).min(MAX_WEIGHT)
}
