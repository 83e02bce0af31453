//! rustls: the host is chosen when the `ClientHello` is there, before anything is looked up.

use std::io;
use std::sync::Arc;

use resumption_cache::{Context, ContextFingerprint};
use resumption_rustls::{RustlsStore, fingerprint, with_client_certificates};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{HandshakeKind, ProtocolVersion, RootCertStore, ServerConfig};
use tokio_rustls::LazyConfigAcceptor;

use super::{Accepted, Handshake, Kind, Refusal, Stream, Version};
use crate::cache::{Cache, TurnedAway};
use crate::certificate::CertificateError;
use crate::cli::ServeArgs;
use crate::serve::hosts::{ByName, Clients, Host, Hosts};
use crate::serve::{ServeError, context};
use crate::tls;

/// A configuration for each host, each with the sessions of its own context.
pub(in crate::serve) struct Acceptor(ByName<Configured>);

struct Configured {
    host: usize,
    config: Arc<ServerConfig>,
    store: RustlsStore,
}

impl Acceptor {
    pub(super) fn new(args: &ServeArgs, hosts: &Hosts, cache: &Cache) -> Result<Self, ServeError> {
        ByName::new(hosts, |host| {
            let (mut config, configured) = config(args, host)?;
            let context = context::of(args, host, configured);
            let store = RustlsStore::new(cache.context(context)?)
                .with_lookups_per_connection(args.lookups_per_handshake);
            config.session_storage = Arc::new(store.clone());
            Ok(Configured { host: host.number, config: Arc::new(config), store })
        })
        .map(Self)
    }

    pub(super) async fn accept(&self, stream: impl Stream + 'static) -> Result<Accepted, Refusal> {
        let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream)
            .await
            .map_err(|why| blame(&why))?;
        let host = self.0.find(hello.client_hello().server_name());
        // A configuration for this connection alone: its share of lookups is its own.
        let config = host.store.config_for_connection(&host.config);
        let tls = hello.into_stream(config).await.map_err(|why| blame(&why))?;
        let (_, connection) = tls.get_ref();
        let version = match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => Version::Tls12,
            _ => Version::Tls13,
        };
        let kind = match connection.handshake_kind() {
            Some(HandshakeKind::Resumed) => Kind::Resumed,
            _ => Kind::Full,
        };
        let handshake = Handshake { host: host.host, version, kind };
        Ok(Accepted { stream: Box::new(tls), handshake })
    }

    /// The context of the host of this name.
    pub(super) fn context(&self, name: Option<&str>) -> &Context {
        self.0.find(name).store.context()
    }

    /// The contexts of the hosts.
    pub(super) fn contexts(&self) -> Vec<Context> {
        self.0.iter().map(|host| host.store.context().clone()).collect()
    }

    pub(super) fn turned_away(&self) -> TurnedAway {
        self.0.iter().map(|host| host.store.stats()).fold(TurnedAway::default(), |sum, one| {
            TurnedAway {
                over_budget: sum.over_budget + one.over_budget,
                wrong_length: sum.wrong_length + one.wrong_length,
            }
        })
    }
}

/// A host's configuration, and what it says for the isolation context.
fn config(args: &ServeArgs, host: &Host) -> Result<(ServerConfig, ContextFingerprint), ServeError> {
    let builder = ServerConfig::builder_with_provider(tls::provider_with(&args.groups))
        .with_protocol_versions(args.versions.protocols())
        .map_err(CertificateError::Unusable)?;
    let asked = verifier(&host.clients)?;
    let builder = match &asked {
        Some((verifier, _)) => builder.with_client_cert_verifier(Arc::clone(verifier)),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder
        .with_single_cert(host.identity.chain.clone(), host.identity.key.clone_key())
        .map_err(CertificateError::Unusable)?;
    config.alpn_protocols = context::application_protocol(args)
        .map(|name| name.as_bytes().to_vec())
        .into_iter()
        .collect();
    let mut configured = fingerprint(&config, &host.identity.leaf());
    if let Some((verifier, roots)) = asked {
        configured = with_client_certificates(configured, &*verifier, &roots);
    }
    Ok((config, configured))
}

/// How client certificates are verified, and against which roots.
type Verification = (Arc<dyn ClientCertVerifier>, Arc<RootCertStore>);

fn verifier(clients: &Clients) -> Result<Option<Verification>, ServeError> {
    let (Clients::Optional(certificates) | Clients::Required(certificates)) = clients else {
        return Ok(None);
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate.clone()).map_err(CertificateError::Unusable)?;
    }
    let roots = Arc::new(roots);
    let mut builder =
        WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), tls::provider());
    if matches!(clients, Clients::Optional(_)) {
        builder = builder.allow_unauthenticated();
    }
    let verifier = builder.build().map_err(|why| ServeError::ClientCa(why.to_string()))?;
    Ok(Some((verifier, roots)))
}

fn blame(error: &io::Error) -> Refusal {
    match error.get_ref() {
        Some(inner) if inner.is::<rustls::Error>() => Refusal::Refused,
        _ => Refusal::Abandoned,
    }
}
