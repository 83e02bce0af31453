//! The isolation context that follows from an OpenSSL server's configuration.

use openssl::error::ErrorStack;
use openssl::ssl::{SslContextBuilder, SslVerifyMode, SslVersion};
use resumption_cache::{ClientCertificates, ContextFingerprint};
use resumption_session::ProtocolVersion;

use crate::ffi;

/// What `builder` says of itself, for the isolation context of its sessions: its certificates, whether it
/// asks clients for theirs and which authorities it trusts for that, its cipher suites and its lowest
/// version. Ask when all of that is configured, and before the cache is attached.
///
/// Application protocols are chosen by a callback, which nobody can read: name them with
/// [`ContextFingerprint::application_protocols`]. Nor are authorities seen that libssl looks up in a
/// directory when it needs them (`SSL_CTX_set_default_verify_paths`, a `CApath`), nor what a verify
/// callback of your own looks at: see [`ContextFingerprint::and`].
///
/// ```
/// use openssl::ssl::{SslContext, SslMethod};
/// use resumption_cache::SessionCache;
/// use resumption_openssl::{OpensslCache, fingerprint};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cache = SessionCache::builder().build()?;
/// let mut server = SslContext::builder(SslMethod::tls_server())?;
/// // ... certificate, key, verification of clients ...
/// let context = fingerprint(&mut server)?.server_name_group("www").finish();
/// let attached = OpensslCache::builder(cache.context(context)?).attach(&mut server)?;
/// # drop(attached);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// What libssl says when a certificate cannot be encoded.
pub fn fingerprint(builder: &mut SslContextBuilder) -> Result<ContextFingerprint, ErrorStack> {
    let mut fingerprint = ContextFingerprint::new();
    for certificate in ffi::certificates(builder) {
        fingerprint = fingerprint.certificate(certificate.to_der()?);
    }
    if let Some(version) = builder.min_proto_version().and_then(known) {
        fingerprint = fingerprint.lowest_version(version);
    }
    let context = ffi::as_context(builder);
    let asked = match context.verify_mode() {
        mode if !mode.contains(SslVerifyMode::PEER) => ClientCertificates::NotAsked,
        mode if mode.contains(SslVerifyMode::FAIL_IF_NO_PEER_CERT) => ClientCertificates::Required,
        _ => ClientCertificates::Optional,
    };
    let mut authorities = Vec::new();
    if asked != ClientCertificates::NotAsked {
        for authority in context.cert_store().all_certificates() {
            authorities.push(authority.to_der()?);
        }
    }
    let suites = ffi::ciphers(context).into_iter().flatten();
    Ok(fingerprint
        .client_certificates(asked, authorities)
        .cipher_suites(suites.map(|cipher| u16::from_be_bytes(cipher.protocol_id()))))
}

fn known(version: SslVersion) -> Option<ProtocolVersion> {
    [
        (SslVersion::SSL3, ProtocolVersion::Ssl30),
        (SslVersion::TLS1, ProtocolVersion::Tls10),
        (SslVersion::TLS1_1, ProtocolVersion::Tls11),
        (SslVersion::TLS1_2, ProtocolVersion::Tls12),
        (SslVersion::TLS1_3, ProtocolVersion::Tls13),
        (SslVersion::DTLS1, ProtocolVersion::Dtls10),
        (SslVersion::DTLS1_2, ProtocolVersion::Dtls12),
    ]
    .into_iter()
    .find_map(|(theirs, ours)| (theirs == version).then_some(ours))
}
