//! Why a context or a connection cannot be attached.

use std::fmt;

use openssl::error::ErrorStack;

/// Why a cache was not attached: the configuration's fault.
#[derive(Debug)]
#[non_exhaustive]
pub enum AttachError {
    /// The context has a callback already whose place the adapter needs: its name.
    CallbackTaken(&'static str),
    /// libssl refused.
    Openssl(ErrorStack),
    /// The context verifies clients and its isolation context has no bytes: what one application
    /// verified would resume in another. OpenSSL: `SSL_R_SESSION_ID_CONTEXT_UNINITIALIZED`.
    VerifiesWithoutContext,
}

impl fmt::Display for AttachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CallbackTaken(name) => {
                write!(f, "the SSL_CTX has a {name} callback already, which would be lost")
            }
            Self::Openssl(_) => f.write_str("libssl refused to be attached to a cache"),
            Self::VerifiesWithoutContext => f.write_str(
                "a server that verifies its clients needs an isolation context of its own",
            ),
        }
    }
}

impl std::error::Error for AttachError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Openssl(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ErrorStack> for AttachError {
    fn from(error: ErrorStack) -> Self {
        Self::Openssl(error)
    }
}
