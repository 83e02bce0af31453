//! Whom to connect to, and what to believe about its certificate.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::client::{ClientSessionStore, Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;

use super::any_certificate::AnyCertificate;
use crate::certificate::{self, CertificateError};
use crate::cli::Endpoint;
use crate::tls::{self, TlsVersions};

/// A server to make handshakes with.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Where it is. One address: a load generator must not wander between servers.
    pub(crate) address: SocketAddr,
    others: Vec<SocketAddr>,
    /// What the HTTP request calls it.
    pub(crate) host: String,
    server_name: ServerName<'static>,
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
}

impl Target {
    /// Resolves `endpoint` and prepares the verification of its certificate: against the roots in
    /// `ca`, or not at all.
    ///
    /// # Errors
    /// [`TargetError`] for a name without an address, a name that cannot be asked for, or unusable
    /// roots.
    pub(crate) fn new(
        endpoint: &Endpoint,
        sni: Option<&str>,
        ca: Option<&Path>,
    ) -> Result<Self, TargetError> {
        let unresolved = |why| TargetError::Unresolved { endpoint: endpoint.clone(), why };
        let mut others = endpoint.resolve().map_err(unresolved)?;
        let address = others.remove(0);
        let name = sni.unwrap_or(&endpoint.host);
        let server_name = ServerName::try_from(name.to_owned())
            .map_err(|_| TargetError::ServerName(name.to_owned()))?;
        let provider = tls::provider();
        let verifier: Arc<dyn ServerCertVerifier> = match ca {
            None => Arc::new(AnyCertificate::new(Arc::clone(&provider))),
            Some(path) => verifier_from(path, &provider)?,
        };
        Ok(Self { address, others, host: endpoint.to_string(), server_name, provider, verifier })
    }

    /// A client configuration for one thread, with its own sessions.
    ///
    /// # Errors
    /// What rustls says; it cannot happen with the versions that [`TlsVersions`] names.
    pub(crate) fn client_config(
        &self,
        versions: TlsVersions,
        sessions: Arc<dyn ClientSessionStore>,
    ) -> Result<ClientConfig, rustls::Error> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(versions.protocols())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&self.verifier))
            .with_no_client_auth();
        config.resumption = Resumption::store(sessions);
        Ok(config)
    }

    /// Moves on to the name's next address, if it has one that was not tried. `localhost` often is
    /// `[::1]` first, where nobody listens.
    pub(super) fn next_address(&mut self) -> bool {
        if self.others.is_empty() {
            return false;
        }
        self.address = self.others.remove(0);
        true
    }

    /// The name to ask for.
    pub(crate) fn server_name(&self) -> ServerName<'static> {
        self.server_name.clone()
    }
}

fn verifier_from(
    path: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TargetError> {
    let unusable = |why| TargetError::Roots { path: path.to_owned(), why };
    let mut roots = RootCertStore::empty();
    for root in certificate::certificates_from_pem_file(path).map_err(TargetError::Ca)? {
        roots.add(root).map_err(|why| unusable(why.to_string()))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
        .map_err(|why| unusable(why.to_string()))
}

/// Why a target cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum TargetError {
    /// The file of roots cannot be read.
    Ca(CertificateError),
    /// The roots cannot be used.
    Roots {
        /// The file.
        path: PathBuf,
        /// What rustls says.
        why: String,
    },
    /// Not a name that a client can ask for.
    ServerName(String),
    /// The name has no address.
    Unresolved {
        /// What was asked for.
        endpoint: Endpoint,
        /// What the resolver said.
        why: io::Error,
    },
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ca(why) => why.fmt(f),
            Self::Roots { path, why } => {
                write!(f, "cannot use the roots in {}: {why}", path.display())
            }
            Self::ServerName(name) => write!(f, "{name:?} is not a server name to ask for"),
            Self::Unresolved { endpoint, why } => write!(f, "cannot resolve {endpoint}: {why}"),
        }
    }
}

impl std::error::Error for TargetError {}
