//! Why a server does not start.

use std::fmt;
use std::io;

use crate::cache::CacheError;
use crate::certificate::CertificateError;
use crate::cli::Endpoint;

/// Why a server does not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// The cache does not accept its configuration.
    Cache(CacheError),
    /// There is no usable certificate.
    Certificate(CertificateError),
    /// The address cannot be listened on.
    Listen {
        /// The address.
        endpoint: Endpoint,
        /// What the system says.
        why: io::Error,
    },
    /// The system gives no threads, timers or signals.
    Runtime(io::Error),
    /// The upstream server's name has no address.
    Upstream {
        /// The upstream server.
        endpoint: Endpoint,
        /// What the resolver says.
        why: io::Error,
    },
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cache(why) => why.fmt(f),
            Self::Certificate(why) => why.fmt(f),
            Self::Listen { endpoint, why } => write!(f, "cannot listen on {endpoint}: {why}"),
            Self::Runtime(why) => write!(f, "cannot start: {why}"),
            Self::Upstream { endpoint, why } => {
                write!(f, "cannot resolve the upstream server {endpoint}: {why}")
            }
        }
    }
}

impl std::error::Error for ServeError {}

impl From<CertificateError> for ServeError {
    fn from(why: CertificateError) -> Self {
        Self::Certificate(why)
    }
}

impl From<CacheError> for ServeError {
    fn from(why: CacheError) -> Self {
        Self::Cache(why)
    }
}
