//! The choice of TLS library, versions and groups, some of it shared by the server and the load
//! generator.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{NamedGroup, SupportedProtocolVersion};

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

/// The TLS library of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum TlsLibrary {
    /// The system's libssl
    Openssl,
    /// rustls, with ring
    Rustls,
}

impl fmt::Display for TlsLibrary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Openssl => "OpenSSL",
            Self::Rustls => "rustls",
        })
    }
}

/// Groups for the key exchange that both libraries have, by the names that OpenSSL gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum Group {
    /// Curve25519.
    #[value(name = "X25519")]
    X25519,
    /// NIST's curve over 256 bits.
    #[value(name = "P-256")]
    P256,
    /// NIST's curve over 384 bits.
    #[value(name = "P-384")]
    P384,
}

impl Group {
    /// The group as rustls names it.
    #[must_use]
    pub fn named(self) -> NamedGroup {
        match self {
            Self::X25519 => NamedGroup::X25519,
            Self::P256 => NamedGroup::secp256r1,
            Self::P384 => NamedGroup::secp384r1,
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X25519 => "X25519",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        })
    }
}

/// The cryptography of both sides, named here once: nothing depends on a process-wide default.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The same, but with these groups alone, in this order; with all of them if none is named.
#[must_use]
pub fn provider_with(groups: &[Group]) -> Arc<CryptoProvider> {
    let mut provider = rustls::crypto::ring::default_provider();
    if !groups.is_empty() {
        let all = std::mem::take(&mut provider.kx_groups);
        let named = |group: &Group| all.iter().find(|known| known.name() == group.named()).copied();
        provider.kx_groups = groups.iter().filter_map(named).collect();
    }
    Arc::new(provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_that_can_be_named_is_there() {
        let groups = [Group::P384, Group::X25519, Group::P256];
        let names: Vec<_> =
            provider_with(&groups).kx_groups.iter().map(|group| group.name()).collect();
        assert_eq!(names, groups.map(Group::named));
        assert!(!provider_with(&[]).kx_groups.is_empty());
    }
}
