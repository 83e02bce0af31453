//! What a session takes in memory besides its payload.

use std::num::NonZeroUsize;

use allocation_counter::measure;
use resumption_cache::{Capacity, SessionCache};
use resumption_session::SessionIdContext;

use crate::operations::{PAYLOAD, cache_put_all, ids};

const SHARDS: usize = 16;

/// The slabs' chunks double. With so many entries a shard, the last one is nearly full, so that what is
/// counted is the entries and not where in a doubling they happen to end.
const ENTRIES: usize = SHARDS * 7_800;

/// What a cache of this many sessions has allocated, over their number, less the payload.
pub(crate) fn bytes_per_session() -> u64 {
    let ids = ids(0, ENTRIES);
    let capacity = Capacity::of_entries(NonZeroUsize::new(ENTRIES).expect("not zero"));
    let mut kept = None;
    let allocated = measure(|| {
        let cache = SessionCache::builder().capacity(capacity).shards(SHARDS).build();
        let cache = cache.expect("possible");
        let context = cache.context(SessionIdContext::new(b"gates").expect("short"));
        let context = context.expect("the first");
        cache_put_all(&context, &ids);
        kept = Some((cache, context));
    });
    drop(kept);
    u64::try_from(allocated.bytes_current).unwrap_or(0) / ENTRIES as u64 - PAYLOAD as u64
}
