//! A rustls client that finds its sessions in a cache.

use std::sync::Arc;

use resumption_client::{ClientSessions, Transport};
use resumption_rustls::client::RustlsClientStore;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, HandshakeKind, SignatureScheme,
};

use crate::wire::{Server, Version, Visitor};

pub(crate) struct Client {
    config: Arc<ClientConfig>,
    store: RustlsClientStore,
}

impl Client {
    pub(crate) fn new(version: Version, sessions: ClientSessions) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let version = match version {
            Version::Tls12 => &TLS12,
            Version::Tls13 => &TLS13,
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate))
            .with_no_client_auth();
        let store = RustlsClientStore::new(sessions, Transport::Tcp, 443);
        Self { config: Arc::new(config), store }
    }
}

impl Visitor for Client {
    fn visit(&self, server: &dyn Server) -> bool {
        let name = ServerName::try_from("localhost").unwrap();
        let attempt = self.store.connect(&self.config, &name);
        let mut client = ClientConnection::new(Arc::clone(attempt.config()), name).unwrap();
        let mut peer = server.accept();
        let mut told = false;
        for _ in 0..8 {
            let mut said = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut said).unwrap();
            }
            let (answer, heard) = peer.hear(&said);
            heard.unwrap();
            let mut rest = &answer[..];
            while !rest.is_empty() {
                client.read_tls(&mut rest).unwrap();
                client.process_new_packets().unwrap();
            }
            if let (false, false, Some(kind)) =
                (told, client.is_handshaking(), client.handshake_kind())
            {
                attempt.finished(kind);
                told = true;
            }
        }
        peer.close();
        let resumed = client.handshake_kind() == Some(HandshakeKind::Resumed);
        assert_eq!(peer.resumed(), Some(resumed), "both sides agree");
        resumed
    }
}

#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
