//! rustls on the cache.

use std::sync::Arc;

use resumption_cache::Context;
use resumption_client::ClientSessions;
use resumption_rustls::RustlsStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{HandshakeKind, RootCertStore, ServerConfig, ServerConnection};

use super::visitor::Client;
use crate::wire::{Peer, Server, Site, Stack, Version, Visitor, server_identity};

pub(crate) struct Rustls;

struct Host {
    store: RustlsStore,
    config: Arc<ServerConfig>,
}

struct Accepted(ServerConnection);

impl Stack for Rustls {
    fn serve(&self, context: &Context, site: &Site) -> Box<dyn Server> {
        let mut provider = rustls::crypto::ring::default_provider();
        if site.only_p384 {
            provider.kx_groups = vec![rustls::crypto::ring::kx_group::SECP384R1];
        }
        let provider = Arc::new(provider);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match &site.clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from(authority.certificate.clone())).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let identity = server_identity();
        let chain = vec![CertificateDer::from(identity.certificate.clone())];
        let key = PrivateKeyDer::try_from(identity.key.clone()).unwrap();
        let config = builder.with_single_cert(chain, key).unwrap();
        Box::new(Host { store: RustlsStore::new(context.clone()), config: Arc::new(config) })
    }

    fn visitor(&self, version: Version, sessions: ClientSessions) -> Box<dyn Visitor> {
        Box::new(Client::new(version, sessions))
    }

    fn tickets_when_resumed(&self) -> usize {
        // As many as after a full handshake.
        2
    }

    fn withholds_what_is_not_kept(&self) -> bool {
        true
    }
}

impl Server for Host {
    fn accept(&self) -> Box<dyn Peer> {
        let config = self.store.config_for_connection(&self.config);
        Box::new(Accepted(ServerConnection::new(config).unwrap()))
    }
}

impl Accepted {
    fn written(&mut self) -> Vec<u8> {
        let mut said = Vec::new();
        while self.0.wants_write() {
            self.0.write_tls(&mut said).unwrap();
        }
        said
    }
}

impl Peer for Accepted {
    fn hear(&mut self, mut said: &[u8]) -> (Vec<u8>, Result<(), String>) {
        let mut heard = Ok(());
        while !said.is_empty() && heard.is_ok() {
            self.0.read_tls(&mut said).unwrap();
            heard = self.0.process_new_packets().map(drop).map_err(|error| error.to_string());
        }
        (self.written(), heard)
    }

    fn resumed(&self) -> Option<bool> {
        if self.0.is_handshaking() {
            return None;
        }
        self.0.handshake_kind().map(|kind| kind == HandshakeKind::Resumed)
    }

    fn close(&mut self) {
        self.0.send_close_notify();
    }
}
