//! What the map's tests share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use std::num::NonZeroUsize;

use resumption_map::{Departures, Inserted, Key, Map, MapConfig, NewEntry, RefusedWhy};

pub const FOREVER: u64 = u64::MAX;

pub fn key(id: u64) -> Key {
    scoped(0, id)
}

pub fn scoped(scope: u64, id: u64) -> Key {
    Key::new(scope, &id.to_be_bytes()).expect("8 bytes")
}

pub fn bounded<T: Send + Sync + 'static>(capacity: usize) -> Map<T> {
    let capacity = NonZeroUsize::new(capacity).expect("not zero");
    Map::new(MapConfig::bounded(capacity).seed(7)).expect("a possible shape")
}

pub fn entry<T>(value: T) -> NewEntry<'static, T> {
    NewEntry { value, expires: FOREVER, weight: 16, credit: 1, bytes: &[] }
}

pub fn put<T: Send + Sync + 'static>(
    map: &Map<T>,
    id: u64,
    value: T,
) -> Result<Inserted, RefusedWhy> {
    map.insert(key(id), entry(value), 0, &mut Departures::counting()).map_err(|refused| refused.why)
}

pub fn read<T: Send + Sync + Copy + 'static>(map: &Map<T>, id: u64) -> Option<T> {
    map.get_with(key(id), 0, &mut Departures::counting(), |entry| *entry.value()).hit()
}

/// Inserts, and tries again while a thread that the system has interrupted inside an operation keeps
/// memory from being reclaimed.
pub fn put_patiently<'m, T: Send + Sync + Copy + 'static>(
    map: &'m Map<T>,
    key: Key,
    value: T,
    departures: &mut Departures<'m, T>,
) -> Inserted {
    loop {
        match map.insert(key, entry(value), 0, departures) {
            Ok(inserted) => return inserted,
            Err(refused) => assert_eq!(refused.why, RefusedWhy::Reclaim),
        }
        std::thread::yield_now();
    }
}
