//! Handshakes in memory: real rustls connections on both sides, and no sockets.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, OnceLock};

use resumption_cache::{Capacity, Context, ManualClock, SessionCache};
use resumption_rustls::RustlsStore;
use resumption_session::{SessionIdContext, Timestamp};
use rustls::client::WantsClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, ConfigBuilder, DigitallySignedStruct, HandshakeKind,
    NamedGroup, ServerConfig, ServerConnection, SignatureScheme, SupportedProtocolVersion,
};

pub(crate) fn provider() -> Arc<CryptoProvider> {
    static ONE: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(ONE.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())))
}

/// A server of this version; its session storage is to be set by the test.
pub(crate) fn server_config(version: &'static SupportedProtocolVersion) -> ServerConfig {
    server_config_with(provider(), version)
}

/// The same, with this cryptography.
pub(crate) fn server_config_with(
    provider: Arc<CryptoProvider>,
    version: &'static SupportedProtocolVersion,
) -> ServerConfig {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap()
}

/// A cache on a clock that the test moves, and that clock.
pub(crate) fn cache_and_clock() -> (SessionCache, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_unix_secs(1_800_000_000));
    let cache = SessionCache::builder().clock(clock.clone()).build().unwrap();
    (cache, clock)
}

/// A cache in which not even one session has room.
pub(crate) fn cache_without_room() -> SessionCache {
    let none = Capacity::unlimited().with_bytes(NonZeroU64::MIN);
    SessionCache::builder().capacity(none).build().unwrap()
}

pub(crate) fn context(cache: &SessionCache, name: &[u8]) -> Context {
    cache.context(SessionIdContext::new(name).unwrap()).unwrap()
}

pub(crate) fn store(cache: &SessionCache) -> RustlsStore {
    RustlsStore::new(context(cache, b"test"))
}

/// A client that remembers what it was given, in the order it was given.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    tls13: VecDeque<Tls13ClientSessionValue>,
}

impl Memory {
    /// Sessions it could offer.
    pub(crate) fn sessions(&self) -> usize {
        let held = self.0.lock().unwrap();
        usize::from(held.tls12.is_some()) + held.tls13.len()
    }

    /// Forgets all but the oldest TLS 1.3 ticket.
    pub(crate) fn keep_first(&self) {
        self.0.lock().unwrap().tls13.truncate(1);
    }

    /// Forgets which key exchange the server likes.
    pub(crate) fn forget_group(&self) {
        self.0.lock().unwrap().group = None;
    }

    /// Forgets the oldest TLS 1.3 ticket.
    pub(crate) fn drop_first(&self) {
        self.0.lock().unwrap().tls13.pop_front();
    }
}

impl ClientSessionStore for Memory {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        self.0.lock().unwrap().group = Some(group);
    }
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.0.lock().unwrap().group
    }
    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.0.lock().unwrap().tls12 = Some(value);
    }
    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.lock().unwrap().tls12.clone()
    }
    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        self.0.lock().unwrap().tls12 = None;
    }
    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.0.lock().unwrap().tls13.push_back(value);
    }
    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.lock().unwrap().tls13.pop_front()
    }
}

/// A client with its memory. It trusts every certificate: who the server is, is not the question.
pub(crate) struct Client {
    pub(crate) memory: Arc<Memory>,
    config: Arc<ClientConfig>,
}

impl Client {
    pub(crate) fn new(version: &'static SupportedProtocolVersion) -> Self {
        Self::remembering(Self::unauthenticated(version).with_no_client_auth())
    }

    /// A client that has a certificate to show.
    pub(crate) fn with_certificate(
        version: &'static SupportedProtocolVersion,
        (certificate, key): (CertificateDer<'static>, PrivateKeyDer<'static>),
    ) -> Self {
        let config = Self::unauthenticated(version);
        Self::remembering(config.with_client_auth_cert(vec![certificate], key).unwrap())
    }

    /// The same client, which sends 0-RTT data where it may.
    pub(crate) fn with_early_data(mut self) -> Self {
        Arc::make_mut(&mut self.config).enable_early_data = true;
        self
    }

    /// A client that offers TLS 1.3 and TLS 1.2.
    pub(crate) fn of_both_versions() -> Self {
        let versions = [&rustls::version::TLS13, &rustls::version::TLS12];
        Self::remembering(Self::of_versions(&versions).with_no_client_auth())
    }

    pub(crate) fn unauthenticated(
        version: &'static SupportedProtocolVersion,
    ) -> ConfigBuilder<ClientConfig, WantsClientCert> {
        Self::of_versions(&[version])
    }

    fn of_versions(
        versions: &[&'static SupportedProtocolVersion],
    ) -> ConfigBuilder<ClientConfig, WantsClientCert> {
        ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate))
    }

    fn remembering(mut config: ClientConfig) -> Self {
        let memory = Arc::new(Memory::default());
        config.resumption = Resumption::store(Arc::clone(&memory) as Arc<dyn ClientSessionStore>);
        Self { memory, config: Arc::new(config) }
    }

    pub(crate) fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }

    pub(crate) fn connection(&self) -> ClientConnection {
        let name = ServerName::try_from("localhost").unwrap();
        ClientConnection::new(Arc::clone(&self.config), name).unwrap()
    }

    /// A whole handshake; both sides must agree on what it was.
    pub(crate) fn shake_hands(&self, server: &Arc<ServerConfig>) -> HandshakeKind {
        let mut client = self.connection();
        let mut server = ServerConnection::new(Arc::clone(server)).unwrap();
        converse(&mut client, &mut server);
        let kind = server.handshake_kind().expect("the handshake is done");
        assert_eq!(client.handshake_kind(), Some(kind));
        kind
    }
}

/// Lets both sides talk until both have nothing more to say, tickets included.
pub(crate) fn converse(client: &mut ClientConnection, server: &mut ServerConnection) {
    while client.wants_write() || server.wants_write() {
        let mut said = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut said).unwrap();
        }
        hear_server(server, &said).unwrap();
        let mut said = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut said).unwrap();
        }
        let mut rest = &said[..];
        while !rest.is_empty() {
            client.read_tls(&mut rest).unwrap();
            client.process_new_packets().unwrap();
        }
    }
    assert!(!client.is_handshaking() && !server.is_handshaking());
}

/// Gives a server bytes from a client.
pub(crate) fn hear_server(
    server: &mut ServerConnection,
    mut said: &[u8],
) -> Result<(), rustls::Error> {
    while !said.is_empty() {
        server.read_tls(&mut said).unwrap();
        server.process_new_packets()?;
    }
    Ok(())
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
        provider().signature_verification_algorithms.supported_schemes()
    }
}
