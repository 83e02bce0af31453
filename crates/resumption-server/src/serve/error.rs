//! Why a server does not start.

use std::fmt;
use std::io;
use std::path::PathBuf;

use resumption_redis::ConfigError;
use resumption_sealing::KeyRingError;

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
    /// The roots of clients' certificates cannot be used.
    ClientCa(String),
    /// Two virtual hosts have this name.
    HostTwice(String),
    /// The keys for sessions outside the process cannot be used.
    Keys {
        /// Their file.
        path: PathBuf,
        /// What is wrong with it.
        why: KeyRingError,
    },
    /// The address cannot be listened on.
    Listen {
        /// The address.
        endpoint: Endpoint,
        /// What the system says.
        why: io::Error,
    },
    /// A host asks for certificates that no root could have signed: the virtual host of this name,
    /// or the server itself.
    NoClientCa {
        /// The virtual host.
        host: Option<String>,
    },
    /// libssl does not accept the configuration.
    Openssl(String),
    /// The system gives no threads, timers or signals.
    Runtime(io::Error),
    /// The store of sessions is not one.
    Store(ConfigError),
    /// The store's password cannot be read.
    StorePassword {
        /// Its file.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
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
            Self::ClientCa(why) => write!(f, "cannot use the roots of client certificates: {why}"),
            Self::HostTwice(name) => write!(f, "there are two hosts {name}"),
            Self::NoClientCa { host } => {
                let whose = host.as_deref().unwrap_or("the server");
                write!(f, "{whose} asks clients for certificates, and has no client CA")
            }
            Self::Keys { path, why } => {
                write!(f, "cannot use the keys in {}: {why}", path.display())
            }
            Self::Listen { endpoint, why } => write!(f, "cannot listen on {endpoint}: {why}"),
            Self::Openssl(why) => write!(f, "libssl does not accept this: {why}"),
            Self::Runtime(why) => write!(f, "cannot start: {why}"),
            Self::Store(why) => write!(f, "cannot use the store: {why}"),
            Self::StorePassword { path, why } => {
                write!(f, "cannot read the store's password from {}: {why}", path.display())
            }
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

impl From<openssl::error::ErrorStack> for ServeError {
    fn from(why: openssl::error::ErrorStack) -> Self {
        Self::Openssl(why.to_string())
    }
}

impl From<CacheError> for ServeError {
    fn from(why: CacheError) -> Self {
        Self::Cache(why)
    }
}
