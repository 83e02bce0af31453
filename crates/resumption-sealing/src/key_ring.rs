//! Several keys: one seals, all open.

use core::fmt;

use crate::errors::KeyRingError;
use crate::key::{KeyId, MasterKey, NamesKey, SealingKey};

/// The keys of a fleet. It never changes: make another one and swap it in
/// ([`Sealer::rotate`](crate::Sealer::rotate)).
///
/// The first sealing key seals, and all of them open; the first key for names names what is put, and a
/// lookup asks for the names by all of them. `Debug` shows the public ids of the keys only.
///
/// # Rotation
/// A key must be known everywhere before anybody seals with it:
/// 1. append the new key to the list on every host, and have each host read it again;
/// 2. then move it to the front, on one host after the other;
/// 3. remove the former key once the longest session that it sealed has ended.
///
/// The same three steps rotate a key for names. During those, lookups ask for two names at once.
pub struct KeyRing {
    // Neither is ever empty.
    sealing: Vec<SealingKey>,
    names: Vec<NamesKey>,
}

impl KeyRing {
    /// The most keys that open.
    pub const MAX_KEYS: usize = 16;

    /// The most keys for names: each is a question more for every lookup.
    pub const MAX_NAMES: usize = 2;

    /// A ring of these sealing keys and these keys for names, the ones to use first in front.
    ///
    /// # Errors
    /// [`KeyRingError`]: there are none of either, too many, or the same twice.
    pub fn new(sealing: &[MasterKey], names: &[MasterKey]) -> Result<Self, KeyRingError> {
        if sealing.is_empty() {
            return Err(KeyRingError::NoSealingKey);
        }
        if names.is_empty() {
            return Err(KeyRingError::NoNamesKey);
        }
        if sealing.len() > Self::MAX_KEYS || names.len() > Self::MAX_NAMES {
            return Err(KeyRingError::TooMany);
        }
        // Lengths that HKDF cannot expand to are the only failure: not these.
        let sealing: Option<Vec<_>> = sealing.iter().map(SealingKey::derive).collect();
        let names: Option<Vec<_>> = names.iter().map(NamesKey::derive).collect();
        let (Some(sealing), Some(names)) = (sealing, names) else {
            return Err(KeyRingError::NoSealingKey);
        };
        let ring = Self { sealing, names };
        let mut ids: Vec<_> = ring.key_ids().chain(ring.names.iter().map(NamesKey::id)).collect();
        ids.sort_unstable_by_key(|id| *id.as_bytes());
        let distinct = ids.windows(2).all(|pair| pair[0] != pair[1]);
        if distinct { Ok(ring) } else { Err(KeyRingError::Repeated) }
    }

    /// The public ids of the sealing keys, the one that seals first.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.sealing.iter().map(SealingKey::id)
    }

    /// The key that seals.
    pub(crate) fn newest(&self) -> &SealingKey {
        &self.sealing[0]
    }

    pub(crate) fn by_id(&self, id: KeyId) -> Option<&SealingKey> {
        self.sealing.iter().find(|key| key.id() == id)
    }

    /// The keys for names, the one for what is put first.
    pub(crate) fn names(&self) -> &[NamesKey] {
        &self.names
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("sealing", &self.key_ids().collect::<Vec<_>>())
            .field("names", &self.names.iter().map(NamesKey::id).collect::<Vec<_>>())
            .finish()
    }
}
