//! The map under test: its operations, its values, its oracle.

mod operation;
mod oracle;
mod value;

pub use operation::{Entry, Operation, SCOPES, SIZE, Spot};
pub use oracle::{Check, Shape};
pub use value::{Drops, Value};

use resumption_map::{Handle, Key, NewEntry};

/// The last instant of an entry that never ends.
pub const FOREVER: u64 = u64::MAX;

impl Spot {
    /// The key that a map knows this by.
    pub fn key(self) -> Key {
        let id = [self.id, 0xa5, self.id];
        // Ids of three lengths, the longest among them.
        match self.id % 3 {
            0 => Key::new(self.scope.into(), &id[..1]),
            1 => Key::new(self.scope.into(), &id),
            _ => Key::new(self.scope.into(), &[self.id; 32]),
        }
        .unwrap_or_else(|| unreachable!("1 to 32 bytes"))
    }

    /// Where the entry of a handle lies.
    pub fn of(handle: &Handle<'_, Value>) -> Self {
        Self { scope: u8::try_from(handle.scope()).unwrap_or(u8::MAX), id: handle.id()[0] }
    }
}

impl Entry {
    /// The last instant of an entry made now.
    pub fn expires(&self, now: u64) -> u64 {
        self.lifetime.map_or(FOREVER, |lifetime| now + u64::from(lifetime))
    }

    /// The entry as a map takes it.
    pub fn with(&self, value: Value, now: u64) -> NewEntry<'static, Value> {
        NewEntry {
            value,
            expires: self.expires(now),
            weight: self.weight.into(),
            credit: self.credit,
            bytes: &[],
        }
    }
}
