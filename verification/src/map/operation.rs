//! What can be done to a map: one enum for the property test, the histories and the fuzzer.

/// How many bytes say one operation.
pub const SIZE: usize = 5;

/// Where an entry lies: its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    /// The key's scope.
    pub scope: u8,
    /// The key's id.
    pub id: u8,
}

/// A new entry, but for its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it goes.
    pub at: Spot,
    /// For how long, from the caller's now; `None` is for ever.
    pub lifetime: Option<u8>,
    /// What it weighs.
    pub weight: u8,
    /// How often eviction passes it by.
    pub credit: u8,
}

/// One step. *Held* handles are a queue of the caller's, the oldest in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The caller's clock goes on.
    Advance {
        /// By so much.
        by: u8,
    },
    /// What a shrunk capacity left over is evicted.
    EvictSurplus {
        /// At most so many.
        most: u8,
    },
    /// `get_with`.
    Get {
        /// Of this key.
        at: Spot,
    },
    /// `get`, and the handle is held.
    Hold {
        /// Of this key.
        at: Spot,
    },
    /// `insert`: a new key, or a replacement; at capacity, somebody is evicted.
    Insert(Entry),
    /// `insert_again`: the same object, which is the oldest one held.
    InsertAgain,
    /// `insert_held`, and the handle is held.
    InsertHeld(Entry),
    /// `maintain`.
    Maintain,
    /// The oldest handle goes.
    Release,
    /// `remove`.
    Remove {
        /// Of this key.
        at: Spot,
    },
    /// `remove_same`, of the oldest object held.
    RemoveSame,
    /// `set_capacity`: grow or shrink.
    Resize {
        /// To so many; `None` is without limit.
        entries: Option<u8>,
    },
    /// `sweep`.
    Sweep {
        /// Over so many buckets.
        buckets: u8,
        /// Entries of this scope are condemned.
        condemn: Option<u8>,
    },
    /// `sweep_shard` over all shards: a flush.
    SweepAll,
    /// `take`.
    Take {
        /// Of this key.
        at: Spot,
    },
    /// `take_with`.
    TakeWith {
        /// Of this key.
        at: Spot,
    },
    /// `set_weight_limit`.
    WeightLimit {
        /// In bytes; `None` is without limit.
        bytes: Option<u16>,
    },
}

/// How many scopes there are.
pub const SCOPES: u8 = 2;

impl Operation {
    /// The operation that these bytes say, on keys of at most `ids` ids. All bytes say something, and
    /// what is drawn at random is a mix that fills, replaces and empties.
    pub fn from_bytes(bytes: [u8; SIZE], ids: u8) -> Self {
        let [kind, place, a, b, c] = bytes;
        let at = Spot { scope: place & (SCOPES - 1), id: (place >> 1) % ids.max(1) };
        let entry = Entry { at, lifetime: (a < 0xc0).then_some(a % 32), weight: b, credit: c % 4 };
        match kind {
            0..0x08 => Self::Advance { by: a % 16 },
            0x08..0x10 => Self::EvictSurplus { most: a % 8 },
            0x10..0x30 => Self::Get { at },
            0x30..0x40 => Self::Hold { at },
            0x40..0x80 => Self::Insert(entry),
            0x80..0x88 => Self::InsertAgain,
            0x88..0x90 => Self::InsertHeld(entry),
            0x90..0x98 => Self::Maintain,
            0x98..0xa0 => Self::Release,
            0xa0..0xb8 => Self::Remove { at },
            0xb8..0xc0 => Self::RemoveSame,
            0xc0..0xc4 => Self::Resize { entries: (a < 0xe0).then_some(1 + a % 12) },
            0xc4..0xd0 => {
                Self::Sweep { buckets: 1 + a % 8, condemn: (b < 0x40).then_some(b % SCOPES) }
            }
            0xd0..0xd4 => Self::SweepAll,
            0xd4..0xe8 => Self::Take { at },
            0xe8..0xfc => Self::TakeWith { at },
            0xfc.. => Self::WeightLimit { bytes: (a < 0xc0).then_some(256 + u16::from(b) * 8) },
        }
    }

    /// As many operations as there are bytes for.
    pub fn all_from(bytes: &[u8], ids: u8) -> impl Iterator<Item = Self> + '_ {
        bytes.chunks_exact(SIZE).filter_map(move |bytes| {
            bytes.try_into().ok().map(|bytes| Self::from_bytes(bytes, ids))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_can_be_said() {
        let name = |operation: Operation| {
            let shown = format!("{operation:?}");
            shown.split([' ', '(']).next().map(str::to_owned)
        };
        let said: BTreeSet<_> =
            (0..=u8::MAX).map(|kind| name(Operation::from_bytes([kind, 1, 2, 3, 4], 4))).collect();
        assert_eq!(said.len(), 17);
    }

    #[test]
    fn ids_stay_in_their_range() {
        for place in 0..=u8::MAX {
            let Operation::Get { at } = Operation::from_bytes([0x10, place, 0, 0, 0], 3) else {
                panic!("a get")
            };
            assert!(at.id < 3 && at.scope < SCOPES);
        }
    }
}
