//! The bytes by which a client offers a session again.

use core::fmt;

/// A session id: 1 to 32 bytes, kept inline.
///
/// In TLS 1.2 it is the `session_id` of the `ServerHello` (RFC 5246, section 7.4.1.3); for a
/// stateful TLS 1.3 ticket it is the ticket itself (RFC 8446, section 4.6.1). A longer ticket is
/// not an id: whoever keeps such tickets hashes them first.
///
/// `Debug` shows the length only: an id is a bearer token.
///
/// ```
/// use resumption_session::SessionId;
///
/// let id = SessionId::new(&[7; 32])?;
/// assert_eq!(id.as_bytes(), &[7; 32]);
/// assert_eq!(format!("{id:?}"), "SessionId(32 bytes)");
/// # Ok::<(), resumption_session::SessionIdError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SessionId {
    // Zero padded, so that the derived comparisons agree with those of the bytes and the length.
    bytes: [u8; Self::MAX_LEN],
    len: u8,
}

impl SessionId {
    /// The longest id, in bytes. OpenSSL: `SSL_MAX_SSL_SESSION_ID_LENGTH`.
    pub const MAX_LEN: usize = 32;

    /// Makes an id of `bytes`.
    ///
    /// # Errors
    /// [`SessionIdError`] unless there are 1 to 32 of them. An empty id is what a TLS 1.2 server
    /// sends for "do not come back": OpenSSL lets such a session into its cache, where nothing can
    /// remove or evict it (CVE-2024-2511), so here it cannot be written down.
    pub fn new(bytes: &[u8]) -> Result<Self, SessionIdError> {
        if bytes.is_empty() {
            return Err(SessionIdError::Empty);
        }
        let mut padded = [0; Self::MAX_LEN];
        let Some(start) = padded.get_mut(..bytes.len()) else {
            return Err(SessionIdError::TooLong { len: bytes.len() });
        };
        start.copy_from_slice(bytes);
        // At most 32, checked just above.
        #[expect(clippy::cast_possible_truncation, reason = "the length is at most 32")]
        Ok(Self { bytes: padded, len: bytes.len() as u8 })
    }

    /// The bytes, 1 to 32 of them.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        // `len` is at most 32 by construction; the mask lets the compiler drop the bounds check.
        &self.bytes[..usize::from(self.len).min(Self::MAX_LEN)]
    }
}

impl AsRef<[u8]> for SessionId {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl TryFrom<&[u8]> for SessionId {
    type Error = SessionIdError;

    fn try_from(bytes: &[u8]) -> Result<Self, SessionIdError> {
        Self::new(bytes)
    }
}

impl From<[u8; SessionId::MAX_LEN]> for SessionId {
    fn from(bytes: [u8; SessionId::MAX_LEN]) -> Self {
        Self { bytes, len: 32 }
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({} bytes)", self.len)
    }
}

/// Why some bytes are not a [`SessionId`]: the caller's fault, or the peer's who sent them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SessionIdError {
    /// There are no bytes: the session was never meant to be resumed.
    Empty,
    /// There are more than 32 bytes.
    TooLong {
        /// How many there are.
        len: usize,
    },
}

impl fmt::Display for SessionIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a session id of no bytes cannot be resumed"),
            Self::TooLong { len } => write!(f, "a session id of {len} bytes, 32 is the most"),
        }
    }
}

impl core::error::Error for SessionIdError {}
