//! A server for one client after another, which notes what each sends first, and which sessions rustls
//! asks for then.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use resumption_hello::{HelloReader, Progress};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};
use rustls::{HandshakeKind, ServerConfig, ServerConnection, SupportedProtocolVersion};

/// What every client asks for, and gets a short answer to.
pub(crate) const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// What one client did.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) reader: HelloReader,
    /// The bytes that the reader was given, up to the end of the hello and perhaps beyond.
    pub(crate) flight: Vec<u8>,
    /// The keys that rustls asked its storage for.
    pub(crate) asked: Vec<Vec<u8>>,
    pub(crate) kind: HandshakeKind,
}

/// How a server hands out sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sessions {
    Kept,
    SealedInTickets,
}

/// rustls' own storage, with a note of each key that is asked for.
#[derive(Debug)]
struct Noted {
    storage: Arc<ServerSessionMemoryCache>,
    asked: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl StoresServerSessions for Noted {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        self.storage.put(key, value)
    }
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.asked.lock().unwrap().push(key.to_vec());
        self.storage.get(key)
    }
    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.asked.lock().unwrap().push(key.to_vec());
        self.storage.take(key)
    }
    fn can_cache(&self) -> bool {
        true
    }
}

/// Serves `visits` connections of what `client` does with the address, and says what came.
pub(crate) fn record(
    version: &'static SupportedProtocolVersion,
    sessions: Sessions,
    visits: usize,
    client: impl FnOnce(SocketAddr),
) -> Vec<Visit> {
    let asked = Arc::default();
    let config = Arc::new(config(version, sessions, Arc::clone(&asked)));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let visit = |_| {
            let (stream, _) = listener.accept().unwrap();
            let (reader, flight, kind) = serve(stream, Arc::clone(&config));
            Visit { reader, flight, asked: std::mem::take(&mut asked.lock().unwrap()), kind }
        };
        (0..visits).map(visit).collect()
    });
    client(address);
    server.join().expect("the server could serve everybody")
}

fn config(
    version: &'static SupportedProtocolVersion,
    sessions: Sessions,
    asked: Arc<Mutex<Vec<Vec<u8>>>>,
) -> ServerConfig {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.session_storage = Arc::new(Noted { storage: ServerSessionMemoryCache::new(256), asked });
    if sessions == Sessions::SealedInTickets {
        config.ticketer = rustls::crypto::ring::Ticketer::new().unwrap();
    }
    config
}

/// One connection: the hello, the handshake, a request, an answer, the end.
fn serve(
    mut stream: TcpStream,
    config: Arc<ServerConfig>,
) -> (HelloReader, Vec<u8>, HandshakeKind) {
    let mut reader = HelloReader::new();
    let mut flight = Vec::new();
    let mut part = [0; 300];
    loop {
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "the client left in the middle of its hello");
        flight.extend_from_slice(&part[..read]);
        if reader.feed(&part[..read]).unwrap() == Progress::Done {
            break;
        }
    }
    let mut connection = ServerConnection::new(config).unwrap();
    let mut first = &flight[..];
    while !first.is_empty() {
        connection.read_tls(&mut first).unwrap();
        connection.process_new_packets().unwrap();
    }
    let mut tls = rustls::Stream::new(&mut connection, &mut stream);
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        tls.read_exact(&mut byte).expect("a request");
        request.extend(byte);
    }
    tls.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok").unwrap();
    connection.send_close_notify();
    while connection.wants_write() {
        connection.write_tls(&mut stream).unwrap();
    }
    let kind = connection.handshake_kind().expect("the handshake is done");
    // Until the client has gone, so that closing resets nothing that is still on its way.
    while !matches!(stream.read(&mut part), Ok(0) | Err(_)) {}
    (reader, flight, kind)
}

/// Runs a client program, which must succeed.
pub(crate) fn run(command: &mut Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| match error.kind() {
        ErrorKind::NotFound => {
            let program = command.get_program().to_string_lossy();
            panic!("this test needs {program}: install the Debian package of that name")
        }
        _ => panic!("{error}"),
    });
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
