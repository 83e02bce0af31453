//! The map under the cache, by itself: what the engine adds is the distance between the two rows.

use std::num::NonZeroUsize;

use resumption_map::{Departures, Found, Key, Map, MapConfig, NewEntry};

use super::{Bound, Peer, touch};
use crate::ids::Id;

/// Entries expire far beyond any `now` that is used here, but the comparison is made.
const NOW: u64 = 1;
const EXPIRES: u64 = 1 << 40;
/// What a session of ordinary credit gets at its insertion.
const CREDIT: u8 = 1;

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
    const NOTE: &'static str = "in place; bound and expiry; no clock, statistics or wiping";
    const BOUND: Bound = Bound::Entries;

    fn with_capacity(capacity: usize) -> Self {
        let entries = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
        let shape = MapConfig::bounded(entries).bytes_in_place(200);
        Self(Map::new(shape).expect("the default shape is possible"))
    }

    fn get(&self, id: &Id) -> Option<u64> {
        let key = Key::new(0, id)?;
        hit(self.0.get_with(key, NOW, &mut Departures::counting(), |entry| touch(entry.bytes())))
    }

    fn insert(&self, id: &Id, payload: &[u8]) -> bool {
        let Some(key) = Key::new(0, id) else { return false };
        let weight = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let entry =
            NewEntry { value: (), bytes: payload, expires: EXPIRES, weight, credit: CREDIT };
        self.0.insert(key, entry, NOW, &mut Departures::counting()).is_ok()
    }

    fn take(&self, id: &Id) -> Option<u64> {
        let key = Key::new(0, id)?;
        hit(self.0.take_with(key, NOW, &mut Departures::counting(), |entry| touch(entry.bytes())))
    }
}
