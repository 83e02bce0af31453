//! Bytes under a seal, whatever they are.

use resumption_session::SecretBytes;
use ring::aead::{Aad, NONCE_LEN, Nonce};
use ring::rand::{SecureRandom, SystemRandom};

use crate::bytes::Reader;
use crate::errors::{OpenError, SealError};
use crate::key::{KeyId, SALT_LEN};
use crate::key_ring::KeyRing;

const MAGIC: [u8; 3] = *b"RSM";
const FORMAT: u8 = 1;
const HEADER_LEN: usize = MAGIC.len() + 1 + KeyId::LEN + SALT_LEN;
const TAG_LEN: usize = 16;

/// What something is sealed for. What was sealed for one purpose does not open for another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Purpose(&'static str);

impl Purpose {
    /// The purpose of this name.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl KeyRing {
    /// How many bytes a seal adds to what is inside.
    pub const OVERHEAD: usize = HEADER_LEN + TAG_LEN;

    /// Encrypts and authenticates `plaintext` with the first key, and authenticates `associated` along
    /// with it.
    ///
    /// # Errors
    /// [`SealError::Random`].
    pub fn seal(
        &self,
        purpose: Purpose,
        associated: &[u8],
        plaintext: &SecretBytes,
    ) -> Result<Vec<u8>, SealError> {
        let mut salt = [0; SALT_LEN];
        SystemRandom::new().fill(&mut salt).map_err(|_| SealError::Random)?;
        self.seal_with_salt(purpose, associated, plaintext, &salt)
    }

    fn seal_with_salt(
        &self,
        purpose: Purpose,
        associated: &[u8],
        plaintext: &SecretBytes,
        salt: &[u8; SALT_LEN],
    ) -> Result<Vec<u8>, SealError> {
        let sealing = self.newest();
        let key = sealing.for_value(purpose, salt).ok_or(SealError::Random)?;
        // With room for the tag, so that no plaintext is left behind by growing.
        let mut sealed = Vec::with_capacity(Self::OVERHEAD + plaintext.len());
        sealed.extend_from_slice(&MAGIC);
        sealed.push(FORMAT);
        sealed.extend_from_slice(sealing.id().as_bytes());
        sealed.extend_from_slice(salt);
        sealed.extend_from_slice(plaintext.expose());
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let inside = sealed.get_mut(HEADER_LEN..).unwrap_or_default();
        let tag = key
            .seal_in_place_separate_tag(nonce, Aad::from(associated), inside)
            // Only for more than 64 GiB.
            .map_err(|_| SealError::Random)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// What is inside `sealed`, if one of the keys sealed it for this purpose with these `associated`
    /// bytes.
    ///
    /// # Errors
    /// [`OpenError`], except `Decode`, `Expired` and `Moved`.
    pub fn open(
        &self,
        purpose: Purpose,
        associated: &[u8],
        mut sealed: Vec<u8>,
    ) -> Result<SecretBytes, OpenError> {
        let mut header = Reader::new(&sealed);
        if header.array().ok_or(OpenError::Truncated)? != MAGIC {
            return Err(OpenError::NotASeal);
        }
        let format = header.u8().ok_or(OpenError::Truncated)?;
        if format != FORMAT {
            return Err(OpenError::UnknownFormat(format));
        }
        let id = KeyId::new(header.array().ok_or(OpenError::Truncated)?);
        let salt = header.array().ok_or(OpenError::Truncated)?;
        if sealed.len() < Self::OVERHEAD {
            return Err(OpenError::Truncated);
        }
        let sealing = self.by_id(id).ok_or(OpenError::UnknownKey(id))?;
        let key = sealing.for_value(purpose, &salt).ok_or(OpenError::Forged)?;
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let opened = key.open_within(nonce, Aad::from(associated), &mut sealed, HEADER_LEN..);
        let len = opened.map_err(|_| OpenError::Forged)?.len();
        sealed.truncate(len);
        Ok(SecretBytes::new(sealed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::MasterKey;

    fn ring() -> KeyRing {
        KeyRing::new(&[MasterKey::new([1; 32])], &[MasterKey::new([2; 32])]).expect("two keys")
    }

    #[test]
    fn the_tag_is_as_long_as_the_algorithm_says() {
        assert_eq!(ring::aead::AES_256_GCM.tag_len(), TAG_LEN);
    }

    /// Values in stores outlive this process: the format must not change without its number.
    #[test]
    fn the_format_stays_as_it_is() {
        let plaintext = SecretBytes::new(b"inside".to_vec());
        let salt = core::array::from_fn(|at| u8::try_from(at).expect("small"));
        let sealed = ring().seal_with_salt(Purpose::new("test"), b"beside", &plaintext, &salt);
        let shown = sealed
            .expect("seals")
            .iter()
            .fold(String::new(), |shown, byte| shown + &format!("{byte:02x}"));
        // Computed by another implementation, pyca/cryptography.
        let expected = "52534d01\
                        e7550517638003aa\
                        000102030405060708090a0b0c0d0e0f1011121314151617\
                        e3e8685022485c07154e397b1672123bacdd11fc1920";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_purpose_is_bound() {
        let plaintext = SecretBytes::new(b"inside".to_vec());
        let sealed = ring().seal(Purpose::new("one"), b"", &plaintext).expect("seals");
        assert_eq!(
            ring().open(Purpose::new("other"), b"", sealed.clone()).map(|_| ()),
            Err(OpenError::Forged)
        );
        let opened = ring().open(Purpose::new("one"), b"", sealed).expect("opens");
        assert_eq!(opened.expose(), b"inside");
    }
}
