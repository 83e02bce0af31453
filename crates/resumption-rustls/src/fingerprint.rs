//! The isolation context that follows from a rustls server's configuration.

use resumption_cache::{ClientCertificates, ContextFingerprint};
use rustls::pki_types::{CertificateDer, TrustAnchor};
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};

/// What `config` says of itself, for the isolation context of its sessions: its cipher suites and
/// application protocols, and `certificate`, which is the leaf that it presents (add the others with
/// [`ContextFingerprint::certificate`]).
///
/// rustls does not show which verifier a configuration has: if it asks for client certificates, pass that
/// to [`with_client_certificates`]. Nor does it show its versions or its transport: see
/// [`ContextFingerprint::lowest_version`] and [`ContextFingerprint::transport`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use resumption_cache::SessionCache;
/// use resumption_rustls::{RustlsStore, fingerprint};
/// # let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
/// # let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
/// # let chain = vec![made.cert.der().clone()];
/// # let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
/// # let config = rustls::ServerConfig::builder_with_provider(provider)
/// #     .with_safe_default_protocol_versions()?
/// #     .with_no_client_auth()
/// #     .with_single_cert(chain.clone(), key)?;
///
/// let cache = SessionCache::builder().build()?;
/// let context = fingerprint(&config, &chain[0]).server_name_group("www").finish();
/// let store = RustlsStore::new(cache.context(context)?);
/// # drop(store);
/// # Ok(())
/// # }
/// ```
pub fn fingerprint(config: &ServerConfig, certificate: &CertificateDer<'_>) -> ContextFingerprint {
    let suites = &config.crypto_provider().cipher_suites;
    ContextFingerprint::new()
        .certificate(certificate)
        .application_protocols(&config.alpn_protocols)
        .cipher_suites(suites.iter().map(|suite| u16::from(suite.suite())))
}

/// Adds how clients are authenticated: whether `verifier` asks for certificates and insists on them, and
/// the authorities in `roots`, by name, key and constraints.
///
/// A verifier of your own that looks at more than that (revocation lists, names) is more than this sees:
/// say so with [`ContextFingerprint::and`].
#[must_use]
pub fn with_client_certificates(
    fingerprint: ContextFingerprint,
    verifier: &dyn ClientCertVerifier,
    roots: &RootCertStore,
) -> ContextFingerprint {
    let asked = match (verifier.offer_client_auth(), verifier.client_auth_mandatory()) {
        (false, _) => ClientCertificates::NotAsked,
        (true, false) => ClientCertificates::Optional,
        (true, true) => ClientCertificates::Required,
    };
    fingerprint.client_certificates(asked, roots.roots.iter().map(identity))
}

/// What makes an authority this one and no other, each part with its length before it.
fn identity(anchor: &TrustAnchor<'_>) -> Vec<u8> {
    let constraints = anchor.name_constraints.as_deref().unwrap_or_default();
    let mut identity = Vec::new();
    for part in [&*anchor.subject, &*anchor.subject_public_key_info, constraints] {
        identity.extend_from_slice(&(part.len() as u64).to_be_bytes());
        identity.extend_from_slice(part);
    }
    identity
}
