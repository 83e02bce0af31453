//! One key, and what is derived from it.

use core::fmt;

use ring::rand::{SecureRandom, SystemRandom};
use ring::{aead, hkdf, hmac};
use zeroize::Zeroizing;

use crate::envelope::Purpose;
use crate::errors::KeyRingError;

/// 32 random bytes from which the keys in use are derived. Wiped when it is freed; `Debug` shows nothing.
pub struct MasterKey(Zeroizing<[u8; Self::LEN]>);

impl MasterKey {
    /// How long a key is, in bytes.
    pub const LEN: usize = 32;

    /// A key of these bytes, which must come from a generator for cryptography.
    pub fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A new random key.
    ///
    /// # Errors
    /// [`KeyRingError::Random`].
    pub fn generate() -> Result<Self, KeyRingError> {
        let mut bytes = Zeroizing::new([0; Self::LEN]);
        SystemRandom::new().fill(&mut *bytes).map_err(|_| KeyRingError::Random)?;
        Ok(Self(bytes))
    }

    fn expander(&self) -> hkdf::Prk {
        // The key is uniformly random already: there is nothing to extract (RFC 5869, section 3.3).
        hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &*self.0)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

/// A key's public name, derived from it: the same on every host, and no help in guessing the key.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct KeyId([u8; Self::LEN]);

impl KeyId {
    /// How long it is, in bytes.
    pub const LEN: usize = 8;

    pub(crate) const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A random number that makes a value's key its own.
pub(crate) const SALT_LEN: usize = 24;

/// A key that seals and opens.
pub(crate) struct SealingKey {
    id: KeyId,
    expander: hkdf::Prk,
}

impl SealingKey {
    pub(crate) fn derive(master: &MasterKey) -> Option<Self> {
        let expander = master.expander();
        Some(Self { id: id_of(&expander)?, expander })
    }

    pub(crate) const fn id(&self) -> KeyId {
        self.id
    }

    /// The key of one value.
    pub(crate) fn for_value(
        &self,
        purpose: Purpose,
        salt: &[u8; SALT_LEN],
    ) -> Option<aead::LessSafeKey> {
        // What is before the purpose and behind it has always the same length: no two are alike.
        let info: [&[u8]; 3] = [b"resumption value 1", purpose.as_str().as_bytes(), salt];
        let key = self.expander.expand(&info, &aead::AES_256_GCM).ok()?;
        Some(aead::LessSafeKey::new(key.into()))
    }
}

/// A key for names.
pub(crate) struct NamesKey {
    id: KeyId,
    key: hmac::Key,
}

impl NamesKey {
    pub(crate) fn derive(master: &MasterKey) -> Option<Self> {
        let expander = master.expander();
        let key = expander.expand(&[b"resumption names 1"], hmac::HMAC_SHA256).ok()?;
        Some(Self { id: id_of(&expander)?, key: key.into() })
    }

    pub(crate) const fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) fn name(&self, of: &[u8]) -> Option<[u8; 32]> {
        hmac::sign(&self.key, of).as_ref().try_into().ok()
    }
}

/// Eight bytes, as a length for [`hkdf::Prk::expand`].
struct IdLength;

impl hkdf::KeyType for IdLength {
    fn len(&self) -> usize {
        KeyId::LEN
    }
}

fn id_of(expander: &hkdf::Prk) -> Option<KeyId> {
    let mut id = [0; KeyId::LEN];
    expander.expand(&[b"resumption key id 1"], IdLength).ok()?.fill(&mut id).ok()?;
    Some(KeyId::new(id))
}
