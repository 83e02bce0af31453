//! A sharded lock-free map with bounded memory, expiry, eviction and single-use take.
//!
//! The mechanism below a TLS session cache, without any TLS in it: no clock, no I/O, no policy, no
//! callbacks. Time is a number that the caller gives, isolation is a number in the key, and whatever
//! leaves the map is given back to the caller.
//!
//! # Shape
//! A shard is an array of bucket heads; a bucket is a list after Harris, entered at its head or in
//! place of another node; a node is a header of one cache line with the value inline behind it, in a slot
//! of a slab. All state of an entry is one word. Departed nodes go through stacks of their shard and
//! an epoch's grace period back to the slab. Eviction is CLOCK with a credit for each entry; expiry is
//! checked on every lookup and swept in bounded slices.
//!
//! ```
//! use resumption_map::{Departures, Key, Map, MapConfig, NewEntry};
//!
//! let map: Map<String> = Map::new(MapConfig::unbounded(1_000))?;
//! let key = Key::new(0, b"an id").expect("1 to 32 bytes");
//! let mut departures = Departures::counting();
//! let entry = NewEntry { value: "a session".into(), expires: 300, weight: 64, credit: 1, bytes: &[] };
//! map.insert(key, entry, 0, &mut departures).expect("there is room");
//!
//! assert_eq!(map.get_with(key, 300, &mut departures, |entry| entry.value().len()).hit(), Some(9));
//! assert!(map.take(key, 300, &mut departures).hit().is_some());
//! assert!(map.take(key, 300, &mut departures).hit().is_none(), "handed out once");
//! # Ok::<(), resumption_map::ConfigError>(())
//! ```

mod config;
mod depart;
mod departures;
mod draft;
mod edges;
mod garbage;
mod handle;
mod huge_pages;
mod insert;
mod key;
mod list;
mod lookup;
mod map;
#[cfg(resumption_loom)]
#[doc(hidden)]
pub mod model;
mod node;
mod node_ref;
mod operation;
mod quota;
pub mod reclaim;
mod renew;
mod room;
mod shard;
mod slab;
mod slot;
mod sweep;
mod sync;
mod validate;
mod weight;

pub use config::{ConfigError, MapConfig};
pub use departures::{Cause, Departures};
pub use handle::{EntryView, Handle};
pub use insert::{Inserted, MAX_CREDIT, NewEntry, Refused, RefusedWhy};
pub use key::{Key, MAX_ID_LEN};
pub use lookup::Found;
pub use map::Map;
pub use sweep::{Snapshot, Sweep, Verdict};
#[doc(hidden)]
pub use validate::Invalid;
