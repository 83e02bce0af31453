//! What can go wrong, by whose fault. None of it carries a key, a value or a file's text.

use core::fmt;
use std::io;

use crate::codec::{DecodeError, EncodeError};
use crate::key::KeyId;

/// Why a session was not sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SealError {
    /// Its life is over, or ends at this instant.
    Expired,
    /// It has no encoded form.
    Encode(EncodeError),
    /// The system has no random numbers to give.
    Random,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("the session's life is over"),
            Self::Encode(error) => error.fmt(f),
            Self::Random => f.write_str("the system gave no random numbers"),
        }
    }
}

impl core::error::Error for SealError {}

impl From<EncodeError> for SealError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

/// Why sealed bytes were not opened. To whoever looked the session up each of these is a miss; to an
/// operator they are different things, so count them apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OpenError {
    /// The seal is whole and what is inside is no session: another version of this software sealed it.
    Decode(DecodeError),
    /// Its life is over: it was replayed, or the store keeps things too long.
    Expired,
    /// The bytes were changed, or sealed for another namespace, codec, context or id.
    Forged,
    /// It was put under another name, and moved.
    Moved,
    /// It does not begin as a seal does: something else lies under this name.
    NotASeal,
    /// There are fewer bytes than a seal has.
    Truncated,
    /// It is a seal of a version that this software does not know.
    UnknownFormat(u8),
    /// The key that sealed it is not in the ring: it was retired, or it is not here yet.
    UnknownKey(KeyId),
}

impl OpenError {
    /// A short lower-case name, for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decode(_) => "undecodable",
            Self::Expired => "expired",
            Self::Forged => "forged",
            Self::Moved => "moved",
            Self::NotASeal => "not_a_seal",
            Self::Truncated => "truncated",
            Self::UnknownFormat(_) => "unknown_format",
            Self::UnknownKey(_) => "unknown_key",
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::Expired => f.write_str("the sealed session's life is over"),
            Self::Forged => f.write_str("not sealed like this, or not for this place"),
            Self::Moved => f.write_str("sealed for another name"),
            Self::NotASeal => f.write_str("not a seal"),
            Self::Truncated => f.write_str("fewer bytes than a seal has"),
            Self::UnknownFormat(format) => write!(f, "a seal of the unknown format {format}"),
            Self::UnknownKey(id) => write!(f, "sealed by the key {id}, which is not in the ring"),
        }
    }
}

impl core::error::Error for OpenError {}

/// Why there is no key ring: the operator's fault, except for the last two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyRingError {
    /// Others than the owner and its group may read the file, or others than the owner may write it.
    Exposed {
        /// The file's permissions.
        mode: u32,
    },
    /// A line is not a key.
    Line {
        /// Which, from 1 on.
        number: usize,
        /// What is wrong with it.
        why: LineFault,
    },
    /// No key for names.
    NoNamesKey,
    /// No key that seals.
    NoSealingKey,
    /// It is not a file but a directory, a device or a pipe.
    NotAFile,
    /// The environment has no such variable, or it is not text.
    NotInEnvironment,
    /// It is not text, or longer than a list of keys has any reason to be.
    NotText,
    /// The same key comes twice.
    Repeated,
    /// More keys than [`KeyRing::MAX_KEYS`](crate::KeyRing::MAX_KEYS) or
    /// [`KeyRing::MAX_NAMES`](crate::KeyRing::MAX_NAMES).
    TooMany,
    /// The system has no random numbers to give.
    Random,
    /// The file cannot be read.
    Unreadable(io::ErrorKind),
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exposed { mode } => write!(
                f,
                "the file of keys has mode {mode:03o}: others may read it, or its group may write it; \
                 try 0600"
            ),
            Self::Line { number, why } => write!(f, "line {number} of the keys: {why}"),
            Self::NoNamesKey => f.write_str("no key for names: a line `names KEY` is missing"),
            Self::NoSealingKey => f.write_str("no key that seals: a line `seal KEY` is missing"),
            Self::NotAFile => f.write_str("the keys are not in a regular file"),
            Self::NotInEnvironment => f.write_str("the environment has no such list of keys"),
            Self::NotText => f.write_str("the keys are not text, or too long a text"),
            Self::Repeated => f.write_str("the same key comes twice"),
            Self::TooMany => f.write_str("too many keys"),
            Self::Random => f.write_str("the system gave no random numbers"),
            Self::Unreadable(kind) => write!(f, "the file of keys cannot be read: {kind}"),
        }
    }
}

impl core::error::Error for KeyRingError {}

/// What is wrong with a line of a list of keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LineFault {
    /// It has not the two words `seal KEY` or `names KEY`.
    NotAKey,
    /// Its key is neither 64 hexadecimal digits nor 32 bytes in base64.
    NotThirtyTwoBytes,
    /// Its key is one byte repeated: a placeholder.
    Placeholder,
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAKey => "expected `seal KEY` or `names KEY`",
            Self::NotThirtyTwoBytes => "expected 32 bytes, as 64 hexadecimal digits or in base64",
            Self::Placeholder => {
                "the key is one byte repeated; make one with `openssl rand -hex 32`"
            }
        })
    }
}
