//! The isolation context of a host: what decides whether a session made there may be resumed there.

use resumption_cache::ContextFingerprint;
use resumption_session::{ProtocolVersion, SessionIdContext};

use super::hosts::Host;
use crate::cli::ServeArgs;
use crate::tls::TlsVersions;

/// What the pages are spoken in; what is forwarded is the upstream server's affair.
pub(super) fn application_protocol(args: &ServeArgs) -> Option<&'static str> {
    args.upstream.is_none().then_some("http/1.1")
}

/// The context of `host`: what its TLS library is `configured` for (certificate, clients, suites,
/// protocols), and what not every library shows: the lowest version, and the name or the group. Hosts
/// with the same context share their sessions.
pub(super) fn of(
    args: &ServeArgs,
    host: &Host,
    configured: ContextFingerprint,
) -> SessionIdContext {
    let lowest = match args.versions {
        TlsVersions::Both | TlsVersions::Tls12 => ProtocolVersion::Tls12,
        TlsVersions::Tls13 => ProtocolVersion::Tls13,
    };
    // A group is no host, even if it is called like one.
    let name = match (&host.group, &host.name) {
        (Some(group), _) => format!("group {group}"),
        (None, Some(name)) => format!("host {name}"),
        (None, None) => String::new(),
    };
    configured.lowest_version(lowest).server_name_group(name).finish()
}
