//! TLS to the store: who is trusted.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;

use crate::config::ConfigError;

/// Trusts these authorities and no others.
pub(crate) fn trusting<I>(authorities: I) -> Result<ClientConfig, ConfigError>
where
    I: IntoIterator<Item = CertificateDer<'static>>,
{
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority).map_err(|_| ConfigError::Authorities)?;
    }
    of_roots(roots)
}

/// Trusts what the system trusts.
pub(crate) fn of_the_system() -> Result<ClientConfig, ConfigError> {
    let mut roots = RootCertStore::empty();
    // What cannot be read is left out, as everywhere; that nothing could be is an error below.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    of_roots(roots)
}

fn of_roots(roots: RootCertStore) -> Result<ClientConfig, ConfigError> {
    if roots.is_empty() {
        return Err(ConfigError::Authorities);
    }
    // Named, not the process's default: whoever links a second provider has none.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|_| ConfigError::Authorities)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
