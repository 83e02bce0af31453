//! The isolation context of a host: what decides whether a session made there may be resumed there.

use resumption_session::SessionIdContext;
use rustls::SupportedCipherSuite;
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;

use super::hosts::{Clients, Host};

/// The context of `host`: a digest of its names, its certificate, and what it asks of clients. Hosts
/// with the same context share their sessions.
pub(super) fn of(host: &Host) -> SessionIdContext {
    let mut text = Vec::new();
    let mut part = |bytes: &[u8]| {
        text.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        text.extend_from_slice(bytes);
    };
    part(host.group.as_deref().or(host.name.as_deref()).unwrap_or_default().as_bytes());
    part(if host.group.is_some() { b"group" } else { b"name" });
    for certificate in &host.identity.chain {
        part(certificate);
    }
    let (auth, roots): (&[u8], &[_]) = match &host.clients {
        Clients::Anonymous => (b"anonymous", &[]),
        Clients::Optional(roots) => (b"optional", roots),
        Clients::Required(roots) => (b"required", roots),
    };
    part(auth);
    for root in roots {
        part(root);
    }
    let SupportedCipherSuite::Tls13(suite) = TLS13_AES_128_GCM_SHA256 else {
        return SessionIdContext::default();
    };
    let digest = suite.common.hash_provider.hash(&text);
    SessionIdContext::new(digest.as_ref()).unwrap_or_default()
}
