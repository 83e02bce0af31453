//! Why a connection does not get as far as its handshake.

use core::fmt;
use std::io;

/// Why no `ClientHello` was read: the client's fault or its network's, whatever it is.
#[derive(Debug)]
#[non_exhaustive]
pub enum AcceptError {
    /// The connection ended before the `ClientHello` did. Probes of load balancers do that.
    Closed,
    /// The connection failed.
    Io(io::Error),
    /// rustls cannot read it, or does not accept it. The alert was sent.
    Rejected(rustls::Error),
    /// It did not come in time.
    TimedOut,
    /// It takes more than 68 KiB.
    TooLarge,
}

impl fmt::Display for AcceptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the connection ended before the ClientHello did"),
            Self::Io(error) => write!(f, "the connection failed before the handshake: {error}"),
            Self::Rejected(error) => write!(f, "the ClientHello was rejected: {error}"),
            Self::TimedOut => f.write_str("the ClientHello did not come in time"),
            Self::TooLarge => f.write_str("the ClientHello takes more than 68 KiB"),
        }
    }
}

impl core::error::Error for AcceptError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Rejected(error) => Some(error),
            Self::Closed | Self::TimedOut | Self::TooLarge => None,
        }
    }
}

impl From<io::Error> for AcceptError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<AcceptError> for io::Error {
    /// For accept loops that know no other errors.
    fn from(error: AcceptError) -> Self {
        let kind = match error {
            AcceptError::Io(error) => return error,
            AcceptError::Closed => io::ErrorKind::UnexpectedEof,
            AcceptError::Rejected(_) | AcceptError::TooLarge => io::ErrorKind::InvalidData,
            AcceptError::TimedOut => io::ErrorKind::TimedOut,
        };
        Self::new(kind, error)
    }
}
