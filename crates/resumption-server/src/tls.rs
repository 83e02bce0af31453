//! The choice of TLS versions, shared by the server and the load generator.

use std::fmt;
use std::sync::Arc;

use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};

/// TLS versions to offer or to accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum TlsVersions {
    /// TLS 1.2 only.
    #[value(name = "1.2")]
    Tls12,
    /// TLS 1.3 only.
    #[value(name = "1.3")]
    Tls13,
    /// Both.
    #[value(name = "both")]
    Both,
}

impl TlsVersions {
    /// The versions as rustls names them, for a configuration's builder.
    #[must_use]
    pub fn protocols(self) -> &'static [&'static SupportedProtocolVersion] {
        static EITHER: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];
        match self {
            Self::Tls12 => &EITHER[..1],
            Self::Tls13 => &EITHER[1..],
            Self::Both => &EITHER,
        }
    }

    /// Each version by itself.
    #[must_use]
    pub fn each(self) -> &'static [TlsVersions] {
        match self {
            Self::Tls12 => &[Self::Tls12],
            Self::Tls13 => &[Self::Tls13],
            Self::Both => &[Self::Tls12, Self::Tls13],
        }
    }
}

impl fmt::Display for TlsVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
            Self::Both => "TLS 1.2 and 1.3",
        })
    }
}

/// The cryptography of both sides, named here once: nothing depends on a process-wide default.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
