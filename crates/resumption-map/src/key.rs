//! What an entry is found by.

use core::hash::{Hash, Hasher};

/// The longest id that a key can hold, in bytes.
pub const MAX_ID_LEN: usize = 32;

#[allow(clippy::cast_possible_truncation, reason = "32 fits")]
const FULL_LEN: u8 = MAX_ID_LEN as u8;

/// What an entry is found by: an id of 1 to 32 bytes inside a scope.
///
/// The scope is an opaque number that separates entries which must never meet (isolation contexts,
/// and their generations). Both parts are hashed with the map's secret seeds and both are always
/// compared in full: ids are chosen by whoever connects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key {
    scope: u64,
    /// Zero behind `len`, so that a comparison has a fixed length.
    id: [u8; MAX_ID_LEN],
    len: u8,
}

impl Key {
    /// Makes a key; `None` unless the id has 1 to [`MAX_ID_LEN`] bytes.
    ///
    /// # Cost
    /// A copy of at most 32 bytes; nothing is hashed.
    #[inline]
    pub fn new(scope: u64, id: &[u8]) -> Option<Self> {
        // Nearly every id has the full length, and is then copied without a loop.
        if let Ok(id) = <[u8; MAX_ID_LEN]>::try_from(id) {
            return Some(Self { scope, id, len: FULL_LEN });
        }
        if id.is_empty() || id.len() > MAX_ID_LEN {
            return None;
        }
        let mut padded = [0; MAX_ID_LEN];
        padded[..id.len()].copy_from_slice(id);
        Some(Self { scope, id: padded, len: u8::try_from(id.len()).ok()? })
    }

    /// The scope given to [`Key::new`].
    pub fn scope(&self) -> u64 {
        self.scope
    }

    /// The id given to [`Key::new`].
    pub fn id(&self) -> &[u8] {
        &self.id[..usize::from(self.len)]
    }

    pub(crate) fn padded_id(&self) -> &[u8; MAX_ID_LEN] {
        &self.id
    }

    pub(crate) fn id_len(&self) -> u8 {
        self.len
    }
}

impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.scope);
        state.write(&self.id);
    }
}

/// Shows the scope and the id's length: ids are bearer names and do not belong in logs.
impl core::fmt::Debug for Key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Key")
            .field("scope", &self.scope)
            .field("id_len", &self.len)
            .finish_non_exhaustive()
    }
}

/// A key's hash, cut up: which shard, which bucket in it, and the tag stored in the node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HashParts {
    hash: u64,
}

impl HashParts {
    #[inline]
    pub(crate) fn new(hash: u64) -> Self {
        Self { hash }
    }

    /// From the top eight bits; `shards` is a power of two of at most 256.
    #[inline]
    pub(crate) fn shard(self, shards: usize) -> usize {
        debug_assert!(shards.is_power_of_two() && shards <= 256);
        ((self.hash >> 56) as usize) & (shards - 1)
    }

    /// From the 32 bits below the shard's: a multiplication instead of a division, any count.
    #[inline]
    pub(crate) fn bucket(self, buckets: usize) -> usize {
        let bits = (self.hash >> 24) & 0xffff_ffff;
        ((bits * buckets as u64) >> 32) as usize
    }

    /// The low 32 bits, compared before the id is.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "the low half is what is meant")]
    pub(crate) fn tag(self) -> u32 {
        self.hash as u32
    }
}
