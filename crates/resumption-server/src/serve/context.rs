//! The isolation context of a host: what decides whether a session made there may be resumed there.

use resumption_cache::{ClientCertificates, ContextFingerprint};
use resumption_session::{ProtocolVersion, SessionIdContext};

use super::hosts::{Clients, Host};
use crate::tls::TlsVersions;

/// The context of `host`: what its TLS library is configured for (`configured`), whom it lets in, and
/// its name or group. Hosts with the same context share their sessions.
pub(super) fn of(
    host: &Host,
    versions: TlsVersions,
    configured: ContextFingerprint,
) -> SessionIdContext {
    let (asked, roots): (_, &[_]) = match &host.clients {
        Clients::Anonymous => (ClientCertificates::NotAsked, &[]),
        Clients::Optional(roots) => (ClientCertificates::Optional, roots),
        Clients::Required(roots) => (ClientCertificates::Required, roots),
    };
    let lowest = match versions {
        TlsVersions::Both | TlsVersions::Tls12 => ProtocolVersion::Tls12,
        TlsVersions::Tls13 => ProtocolVersion::Tls13,
    };
    // A group is no host, even if it is called like one.
    let name = match (&host.group, &host.name) {
        (Some(group), _) => format!("group {group}"),
        (None, Some(name)) => format!("host {name}"),
        (None, None) => String::new(),
    };
    configured
        .client_certificates(asked, roots)
        .lowest_version(lowest)
        .server_name_group(name)
        .finish()
}
