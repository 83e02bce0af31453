//! Making session ids.

use core::fmt;

use resumption_session::{SessionId, SessionIdContext, SessionIdError};

/// Makes the id of a new session. OpenSSL: `SSL_CTX_set_generate_session_id`.
///
/// Any `Fn(&SessionIdContext, &mut [u8; 32]) -> Option<usize>` is one.
///
/// Ids need not be random; a process number in front, for a load balancer, is fine, as the cache hashes
/// whole ids with a key of its own. They must not repeat while their sessions live, and whoever can guess one
/// may offer it.
pub trait GenerateId: Send + Sync {
    /// Writes an id for a session of `context` into the beginning of `buffer`, which holds zeros, and says
    /// how long it is: 1 to 32 bytes. `None` if there can be none: the handshake then fails.
    fn generate(
        &self,
        context: &SessionIdContext,
        buffer: &mut [u8; SessionId::MAX_LEN],
    ) -> Option<usize>;
}

impl<F> GenerateId for F
where
    F: Fn(&SessionIdContext, &mut [u8; SessionId::MAX_LEN]) -> Option<usize> + Send + Sync,
{
    fn generate(
        &self,
        context: &SessionIdContext,
        buffer: &mut [u8; SessionId::MAX_LEN],
    ) -> Option<usize> {
        self(context, buffer)
    }
}

/// Why a generator made no id: its fault, and fatal for the handshake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum GenerateIdError {
    /// It said that there can be none. OpenSSL: `SSL_R_SSL_SESSION_ID_CALLBACK_FAILED`.
    Declined,
    /// An id has 1 to 32 bytes. OpenSSL: `SSL_R_SSL_SESSION_ID_HAS_BAD_LENGTH`.
    Length {
        /// What it said.
        len: usize,
    },
    /// It panicked.
    Panicked,
}

impl fmt::Display for GenerateIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined => f.write_str("the generator of session ids declined"),
            Self::Length { len } => write!(f, "a session id of {len} bytes, it has 1 to 32"),
            Self::Panicked => f.write_str("the generator of session ids panicked"),
        }
    }
}

impl core::error::Error for GenerateIdError {}

/// The id that a generator wrote, which says that it has `len` bytes.
pub(crate) fn id_of(
    buffer: &[u8; SessionId::MAX_LEN],
    len: usize,
) -> Result<SessionId, GenerateIdError> {
    let written = buffer.get(..len).ok_or(GenerateIdError::Length { len })?;
    SessionId::new(written).map_err(|error| match error {
        SessionIdError::TooLong { len } => GenerateIdError::Length { len },
        _ => GenerateIdError::Length { len: 0 },
    })
}
