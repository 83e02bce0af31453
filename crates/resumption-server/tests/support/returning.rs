//! Clients that come back with their sessions, to whichever server.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use openssl::ssl::{SslConnector, SslMethod, SslSession, SslSessionCacheMode, SslVersion};
use rustls::client::Resumption;
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, StreamOwned, SupportedProtocolVersion,
};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};

use crate::support::{DEADLINE, certificate};

/// How a handshake went, and how long it took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    pub(crate) resumed: bool,
    pub(crate) took: Duration,
}

/// A client with its sessions. It knows servers by the name in their certificate: to it, they are one.
pub(crate) struct Returning(Arc<ClientConfig>);

impl Returning {
    /// As clients are: each session of TLS 1.3 is offered once.
    pub(crate) fn new(version: &'static SupportedProtocolVersion) -> Self {
        Self::of(&[version])
    }

    /// One that knows several versions.
    pub(crate) fn of(versions: &[&'static SupportedProtocolVersion]) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        let pem = CertificateDer::from_pem_file(&certificate().cert).expect("a certificate");
        roots.add(pem).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .expect("ring knows it")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = Resumption::in_memory_sessions(16);
        Self(Arc::new(config))
    }

    /// A request with a response, so that all tickets have come.
    pub(crate) fn visit(&self, address: SocketAddr) -> Visit {
        let mut socket = connect(address);
        let name = ServerName::try_from("localhost").expect("a name");
        let mut tls = ClientConnection::new(Arc::clone(&self.0), name).expect("a connection");
        let began = Instant::now();
        while tls.is_handshaking() {
            tls.complete_io(&mut socket).expect("no handshake fails");
        }
        let took = began.elapsed();
        let resumed = tls.handshake_kind() == Some(HandshakeKind::Resumed);
        let mut tls = StreamOwned::new(tls, socket);
        exchange(&mut tls);
        Visit { resumed, took }
    }
}

/// A client that offers its first session of TLS 1.3 again and again, to all servers.
///
/// OpenSSL: rustls gives a session away for good.
pub(crate) struct Replaying {
    connector: SslConnector,
    session: Arc<OnceLock<Vec<u8>>>,
}

impl Replaying {
    pub(crate) fn new() -> Self {
        let mut connector = SslConnector::builder(SslMethod::tls_client()).expect("a client");
        connector.set_ca_file(&certificate().cert).expect("a certificate");
        connector.set_min_proto_version(Some(SslVersion::TLS1_3)).expect("libssl knows it");
        connector.set_session_cache_mode(SslSessionCacheMode::CLIENT);
        let session = Arc::new(OnceLock::new());
        let first = Arc::clone(&session);
        connector.set_new_session_callback(move |_, session| {
            let _ = first.set(session.to_der().expect("it has an encoding"));
        });
        Self { connector: connector.build(), session }
    }

    /// A request with a response; whether the session was resumed.
    pub(crate) fn visit(&self, address: SocketAddr) -> bool {
        let mut connection = self.connector.configure().expect("a connection");
        if let Some(session) = self.session.get() {
            let session = SslSession::from_der(session).expect("it was encoded");
            resumption_openssl::offer(&mut connection, &session).expect("libssl takes it");
        }
        let mut tls =
            connection.connect("localhost", connect(address)).expect("no handshake fails");
        let resumed = tls.ssl().session_reused();
        exchange(&mut tls);
        resumed
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect_timeout(&address, DEADLINE).expect("it listens");
    socket.set_nodelay(true).expect("a socket");
    socket.set_read_timeout(Some(DEADLINE)).expect("a socket");
    socket
}

/// A request, and a response to its end: all tickets have come by then.
fn exchange(tls: &mut (impl Read + Write)) {
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    tls.write_all(request).expect("the request is taken");
    let mut response = Vec::new();
    tls.read_to_end(&mut response).expect("the response ends with a proper close");
    assert!(response.ends_with(b"ok\n"));
}
