//! The map under the cache, by itself: what the engine adds is the distance between the two.

use std::num::NonZeroUsize;

use resumption_map::{Departures, Found, Key, Map, MapConfig, NewEntry, Verdict};

use super::{Able, FLUSH, Life, NOW, Peer, touch};
use crate::ids::Id;

/// What a session of ordinary credit gets at its insertion.
const CREDIT: u8 = 1;
/// Buckets that one slice of a flush visits, as the engine does.
const SLICE: usize = 256;

pub(crate) struct BareMap(Map<()>);

/// What a lookup found, if it was to be found.
fn hit(found: Found<u64>) -> Option<u64> {
    match found {
        Found::Hit(touched) => Some(touched),
        _ => None,
    }
}

impl Peer for BareMap {
    const NAME: &'static str = "resumption-map";
    const NOTE: &'static str = "the map alone: bound and expiry; no clock, statistics or wiping";
    const ABLE: Able = Able::CACHE;

    type Local = ();

    fn with_capacity(capacity: usize) -> Self {
        let entries = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
        let shape = MapConfig::bounded(entries).bytes_in_place(200);
        Self(Map::new(shape).expect("the default shape is possible"))
    }

    fn local(&self) {}

    fn get(&self, (): &mut (), id: &Id) -> Option<u64> {
        let key = Key::new(0, id)?;
        hit(self.0.get_with(key, NOW, &mut Departures::counting(), |entry| touch(entry.bytes())))
    }

    fn insert(&self, (): &mut (), id: &Id, payload: &[u8], life: Life) -> bool {
        let Some(key) = Key::new(0, id) else { return false };
        let weight = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let entry =
            NewEntry { value: (), bytes: payload, expires: life.end(), weight, credit: CREDIT };
        self.0.insert(key, entry, NOW, &mut Departures::counting()).is_ok()
    }

    fn take(&self, (): &mut (), id: &Id) -> Option<u64> {
        let key = Key::new(0, id)?;
        hit(self.0.take_with(key, NOW, &mut Departures::counting(), |entry| touch(entry.bytes())))
    }

    fn flush(&self) {
        for shard in 0..self.0.shards() {
            let mut from = Some(0);
            while let Some(bucket) = from {
                let mut departures = Departures::counting();
                let keep = |_: resumption_map::EntryView<'_, _>| Verdict::Keep;
                from = self.0.sweep_shard(shard, bucket, SLICE, FLUSH, keep, &mut departures);
            }
        }
        self.0.maintain();
    }
}
