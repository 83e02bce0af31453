//! TLS without sockets: both ends in one thread, bytes handed over in memory.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::TLS13;
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, NamedGroup, RootCertStore, ServerConfig,
    ServerConnection,
};

use crate::measure::handshakes::HandshakeError;

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// A server's certificate and key, ECDSA P-256, and a client's trust in it.
pub(super) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    pub(super) fn new() -> Result<Self, HandshakeError> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der());
        let key = key.map_err(|error| rustls::Error::General(error.to_owned()))?;
        Ok(Self { chain: vec![made.cert.der().clone()], key })
    }

    /// A TLS 1.3 server that keeps its sessions in the default place.
    pub(super) fn server(&self) -> Result<ServerConfig, HandshakeError> {
        Ok(ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])?
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), self.key.clone_key())?)
    }

    /// A TLS 1.3 client that trusts this certificate and keeps its tickets there.
    pub(super) fn client(
        &self,
        tickets: Arc<Tickets>,
    ) -> Result<Arc<ClientConfig>, HandshakeError> {
        let mut roots = RootCertStore::empty();
        roots.add(self.chain[0].clone())?;
        let builder = ClientConfig::builder_with_provider(provider());
        let mut config = builder
            .with_protocol_versions(&[&TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = Resumption::store(tickets);
        Ok(Arc::new(config))
    }
}

/// The newest ticket of each of some clients that connect one after the other; each is used once.
#[derive(Debug)]
pub(super) struct Tickets {
    inner: Mutex<Inner>,
}

struct Inner {
    of_each: Vec<Option<Tls13ClientSessionValue>>,
    current: usize,
}

impl Tickets {
    pub(super) fn of(clients: usize) -> Arc<Self> {
        let of_each = (0..clients).map(|_| None).collect();
        Arc::new(Self { inner: Mutex::new(Inner { of_each, current: 0 }) })
    }

    /// From now on another client connects.
    pub(super) fn turn_to(&self, client: usize) {
        self.lock().current = client;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("clients", &self.of_each.len()).finish_non_exhaustive()
    }
}

impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, _server: ServerName<'static>, _group: NamedGroup) {}

    fn kx_hint(&self, _server: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _server: ServerName<'static>, _value: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _server: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _server: ServerName<'static>, value: Tls13ClientSessionValue) {
        let mut inner = self.lock();
        let current = inner.current;
        inner.of_each[current] = Some(value);
    }

    fn take_tls13_ticket(&self, _server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let mut inner = self.lock();
        let current = inner.current;
        inner.of_each[current].take()
    }
}

/// What a handshake came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shaken {
    pub(super) resumed: bool,
    /// The part of it that was the server's.
    pub(super) server: Duration,
}

/// Shakes hands, tickets included.
pub(super) fn shake(
    client: &Arc<ClientConfig>,
    server: impl FnOnce() -> Arc<ServerConfig>,
    bytes: &mut Vec<u8>,
) -> Result<Shaken, HandshakeError> {
    let name = ServerName::try_from("localhost").map_err(|_| rustls::Error::UnsupportedNameType)?;
    let mut client = ClientConnection::new(Arc::clone(client), name)?;
    let started = Instant::now();
    let mut server = ServerConnection::new(server())?;
    let mut time = started.elapsed();
    while client.wants_write() || server.wants_write() {
        bytes.clear();
        while client.wants_write() {
            client.write_tls(bytes)?;
        }
        let started = Instant::now();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            server.read_tls(&mut rest)?;
            server.process_new_packets()?;
        }
        let mut answer = io::Cursor::new(std::mem::take(bytes));
        answer.get_mut().clear();
        while server.wants_write() {
            server.write_tls(&mut answer)?;
        }
        time += started.elapsed();
        *bytes = answer.into_inner();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            client.read_tls(&mut rest)?;
            client.process_new_packets()?;
        }
    }
    let resumed = server.handshake_kind() == Some(HandshakeKind::Resumed);
    Ok(Shaken { resumed, server: time })
}
