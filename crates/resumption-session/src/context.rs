//! The bytes that keep one application's sessions from another's.

use core::fmt;

/// A session id context: 0 to 32 bytes, kept inline.
///
/// Sessions of one context never resume under another, whatever their ids. OpenSSL:
/// `SSL_CTX_set_session_id_context`, `sid_ctx`. It is configuration and no secret, so `Debug`
/// shows it, in hexadecimal.
///
/// ```
/// use resumption_session::SessionIdContext;
///
/// let context = SessionIdContext::new(b"shop")?;
/// assert_eq!(format!("{context:?}"), "SessionIdContext(73686f70)");
/// assert_eq!(SessionIdContext::EMPTY, SessionIdContext::new(b"")?);
/// # Ok::<(), resumption_session::ContextTooLong>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SessionIdContext {
    // Zero padded, so that the derived comparisons agree with those of the bytes and the length.
    bytes: [u8; Self::MAX_LEN],
    len: u8,
}

impl SessionIdContext {
    /// The longest context, in bytes. OpenSSL: `SSL_MAX_SID_CTX_LENGTH`.
    pub const MAX_LEN: usize = 32;

    /// The context of no bytes: what an application that sets none gets.
    pub const EMPTY: Self = Self { bytes: [0; Self::MAX_LEN], len: 0 };

    /// Makes a context of `bytes`.
    ///
    /// # Errors
    /// [`ContextTooLong`] for more than 32 of them: the caller's fault. Hash what is longer.
    /// OpenSSL: `SSL_R_SSL_SESSION_ID_CONTEXT_TOO_LONG`.
    pub fn new(bytes: &[u8]) -> Result<Self, ContextTooLong> {
        let mut padded = [0; Self::MAX_LEN];
        let Some(start) = padded.get_mut(..bytes.len()) else {
            return Err(ContextTooLong { len: bytes.len() });
        };
        start.copy_from_slice(bytes);
        #[expect(clippy::cast_possible_truncation, reason = "the length is at most 32")]
        Ok(Self { bytes: padded, len: bytes.len() as u8 })
    }

    /// The bytes, 0 to 32 of them.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len).min(Self::MAX_LEN)]
    }

    /// Whether this is [`SessionIdContext::EMPTY`].
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Default for SessionIdContext {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl AsRef<[u8]> for SessionIdContext {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl TryFrom<&[u8]> for SessionIdContext {
    type Error = ContextTooLong;

    fn try_from(bytes: &[u8]) -> Result<Self, ContextTooLong> {
        Self::new(bytes)
    }
}

impl From<[u8; SessionIdContext::MAX_LEN]> for SessionIdContext {
    fn from(bytes: [u8; SessionIdContext::MAX_LEN]) -> Self {
        Self { bytes, len: 32 }
    }
}

impl fmt::Debug for SessionIdContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionIdContext(")?;
        for byte in self.as_bytes() {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// More than 32 bytes were given for a [`SessionIdContext`]: the caller's fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ContextTooLong {
    len: usize,
}

impl ContextTooLong {
    /// How many bytes were given.
    pub fn given(&self) -> usize {
        self.len
    }
}

impl fmt::Display for ContextTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a session id context of {} bytes, 32 is the most", self.len)
    }
}

impl core::error::Error for ContextTooLong {}
