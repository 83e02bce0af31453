//! Keys from a file or from the environment, never from a command line, which everybody on the host can
//! read.

use std::env;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::{Zeroize, Zeroizing};

use crate::errors::{KeyRingError, LineFault};
use crate::key::MasterKey;
use crate::key_ring::KeyRing;

/// The longest text: some hundred keys, with comments.
const MAX_TEXT: usize = 1 << 16;

/// With padding or without it, as tools differ in that.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl KeyRing {
    /// Reads the keys from a text: one a line, the one to use first above the others of its kind.
    ///
    /// ```
    /// use resumption_sealing::KeyRing;
    ///
    /// let ring = KeyRing::parse(
    ///     "# what seals; the first line seals, all lines open
    ///      seal  b6c3f0a91d1d6bd1aef4c6a3d3c58e57ad8a2a8e4f9e4f4f3c1d5c0b7a690123  # since May
    ///      seal  1f0e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdeffedcba9876543210
    ///      ## what names sessions in the store: leave it when the others are rotated
    ///      names nT4vJ0pZk2l8mQxYw3cVb6a9sDfGhJkLqWeRtYuIoP0=",
    /// )?;
    /// assert_eq!(ring.key_ids().count(), 2);
    /// # Ok::<(), resumption_sealing::KeyRingError>(())
    /// ```
    ///
    /// A key is 64 hexadecimal digits or base64; what follows `#` is a comment; commas separate as line
    /// ends do.
    ///
    /// # Errors
    /// [`KeyRingError`], without any of the text.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        if text.len() > MAX_TEXT {
            return Err(KeyRingError::NotText);
        }
        let (mut sealing, mut names) = (Vec::new(), Vec::new());
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default();
            for entry in line.split(',') {
                let fault = |why| KeyRingError::Line { number, why };
                let mut words = entry.split_whitespace();
                match (words.next(), words.next(), words.next()) {
                    (None, ..) => {}
                    (Some("seal"), Some(word), None) => sealing.push(key(word).map_err(fault)?),
                    (Some("names"), Some(word), None) => names.push(key(word).map_err(fault)?),
                    _ => return Err(fault(LineFault::NotAKey)),
                }
            }
        }
        Self::new(&sealing, &names)
    }

    /// Reads the keys from a file; otherwise as [`KeyRing::parse`].
    ///
    /// Where files have modes, others than the owner and its group must not be able to read it, nor
    /// others than the owner to write it.
    ///
    /// # Errors
    /// [`KeyRingError`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyRingError> {
        let unreadable = |error: std::io::Error| KeyRingError::Unreadable(error.kind());
        let file = File::open(path).map_err(unreadable)?;
        // Of the file that is open, not of whatever has its name by now.
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(KeyRingError::NotAFile);
        }
        check_mode(&metadata)?;
        // One more than fits, to see that there is more; allocated at once, for the sake of wiping it.
        let mut text = Zeroizing::new(Vec::with_capacity(MAX_TEXT + 2));
        let limit = u64::try_from(MAX_TEXT + 1).unwrap_or(u64::MAX);
        file.take(limit).read_to_end(&mut text).map_err(unreadable)?;
        Self::parse(core::str::from_utf8(&text).map_err(|_| KeyRingError::NotText)?)
    }

    /// Reads the keys from a variable of the environment; otherwise as [`KeyRing::parse`].
    ///
    /// The environment itself stays as it is: whoever may read this process's memory finds the keys
    /// there, and child processes inherit them. A file is better.
    ///
    /// # Errors
    /// [`KeyRingError`].
    pub fn from_env(variable: &str) -> Result<Self, KeyRingError> {
        let text = env::var(variable).map_err(|_| KeyRingError::NotInEnvironment)?;
        Self::parse(&Zeroizing::new(text))
    }
}

#[cfg(unix)]
fn check_mode(metadata: &std::fs::Metadata) -> Result<(), KeyRingError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o027 == 0 { Ok(()) } else { Err(KeyRingError::Exposed { mode }) }
}

#[cfg(not(unix))]
fn check_mode(_metadata: &std::fs::Metadata) -> Result<(), KeyRingError> {
    Ok(())
}

fn key(word: &str) -> Result<MasterKey, LineFault> {
    let mut bytes = Zeroizing::new([0; MasterKey::LEN]);
    if word.len() == 2 * MasterKey::LEN && word.is_ascii() {
        for (byte, digits) in bytes.iter_mut().zip(word.as_bytes().chunks_exact(2)) {
            let digit = |at: usize| char::from(digits[at]).to_digit(16);
            let (Some(high), Some(low)) = (digit(0), digit(1)) else {
                return Err(LineFault::NotThirtyTwoBytes);
            };
            *byte = u8::try_from(high * 16 + low).map_err(|_| LineFault::NotThirtyTwoBytes)?;
        }
    } else {
        // The decoder wants room for what the length could stand for at most.
        let mut room = Zeroizing::new([0; MasterKey::LEN + 4]);
        match BASE64.decode_slice(word, &mut *room) {
            Ok(MasterKey::LEN) => bytes.copy_from_slice(&room[..MasterKey::LEN]),
            _ => return Err(LineFault::NotThirtyTwoBytes),
        }
    }
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        bytes.zeroize();
        return Err(LineFault::Placeholder);
    }
    Ok(MasterKey::new(*bytes))
}
