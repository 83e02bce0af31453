//! Bytes as operations, against the oracles.

use resumption_map::reclaim::Epoch;

use crate::{cache, map};

/// Operations of one input; more say nothing new and take long.
const MOST: usize = 512;

/// Ids in each scope of the map: more than fit.
const IDS: u8 = 12;

/// The first bytes are the map's shape.
pub(super) fn map_operations(data: &[u8]) {
    let Some((shape, rest)) = data.split_first_chunk() else { return };
    let operations = map::Operation::all_from(rest, IDS).take(MOST);
    map::Check::<Epoch>::run(map::Shape::from_bytes(*shape), operations);
}

/// The first bytes are the cache's shape.
pub(super) fn cache_operations(data: &[u8]) {
    let Some((shape, rest)) = data.split_first_chunk() else { return };
    let operations = cache::Operation::all_from(rest).take(MOST);
    cache::Bench::run(cache::Shape::from_bytes(*shape), operations);
}
