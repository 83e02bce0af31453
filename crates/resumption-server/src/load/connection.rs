//! One connection: a handshake that is timed, a small exchange that is not, a close that leaves
//! nothing behind.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, HandshakeKind};
use socket2::SockRef;

use super::target::Target;

/// More than this of a response is not read: no answer to a tiny request is longer.
const RESPONSE_LIMIT: usize = 1 << 20;

/// What a client says once the handshake is done.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    /// Nothing: it closes at once. TLS 1.3 tickets are still read, they come before the server's
    /// own close.
    None,
    /// `GET` of a path over HTTP/1.1, one to a connection.
    Get(Arc<[u8]>),
}

impl Request {
    /// A `GET` of `path`, to be answered and the connection closed.
    pub(crate) fn get(target: &Target, path: &str) -> Self {
        let text =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", target.host);
        Self::Get(text.into_bytes().into())
    }
}

/// A connection that went well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connected {
    /// From the first byte of the `ClientHello` to the client's `Finished` written (TLS 1.3) or the
    /// server's read (TLS 1.2). The TCP connect is not part of it.
    pub(crate) handshake: Duration,
    /// Whether the session was resumed.
    pub(crate) resumed: bool,
}

/// Connects, shakes hands, sends `request` and reads the response into `response`.
pub(crate) fn connect(
    target: &Target,
    config: &Arc<ClientConfig>,
    request: &Request,
    io_timeout: Duration,
    response: &mut Vec<u8>,
) -> Result<Connected, ConnectionError> {
    response.clear();
    let mut socket = TcpStream::connect_timeout(&target.address, io_timeout)
        .map_err(ConnectionError::at(Step::Connect))?;
    prepare(&socket, io_timeout).map_err(ConnectionError::at(Step::Connect))?;
    let mut tls = ClientConnection::new(Arc::clone(config), target.server_name())
        .map_err(|why| ConnectionError { step: Step::Handshake, why: Cause::Tls(why) })?;

    let started = Instant::now();
    tls.complete_io(&mut socket).map_err(ConnectionError::at(Step::Handshake))?;
    let handshake = started.elapsed();

    match request {
        Request::None => tls.send_close_notify(),
        Request::Get(text) => {
            tls.writer().write_all(text).map_err(ConnectionError::at(Step::Request))?;
        }
    }
    read_to_close(&mut tls, &mut socket, response).map_err(ConnectionError::at(Step::Response))?;
    if matches!(request, Request::Get(_)) {
        check_status(response)?;
    }
    Ok(Connected { handshake, resumed: tls.handshake_kind() == Some(HandshakeKind::Resumed) })
}

fn prepare(socket: &TcpStream, io_timeout: Duration) -> io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(io_timeout))?;
    socket.set_write_timeout(Some(io_timeout))?;
    // Reset when dropped: by then everything has been read, and thousands of connections a second
    // in TIME_WAIT would use up the client's ports within seconds.
    SockRef::from(socket).set_linger(Some(Duration::ZERO))
}

/// Writes what is pending, then reads until the server closes. The tickets arrive on the way.
fn read_to_close(
    tls: &mut ClientConnection,
    socket: &mut TcpStream,
    response: &mut Vec<u8>,
) -> io::Result<()> {
    loop {
        while tls.wants_write() {
            tls.write_tls(socket)?;
        }
        // A server may close the TCP connection without a close_notify: the end all the same.
        if tls.read_tls(socket)? == 0 {
            return Ok(());
        }
        let state = tls
            .process_new_packets()
            .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))?;
        let fresh = state.plaintext_bytes_to_read();
        if response.len() + fresh > RESPONSE_LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let old = response.len();
        response.resize(old + fresh, 0);
        tls.reader().read_exact(&mut response[old..])?;
        if state.peer_has_closed() {
            return Ok(());
        }
    }
}

fn check_status(response: &[u8]) -> Result<(), ConnectionError> {
    let status = response.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3));
    match status {
        Some(b"200") => Ok(()),
        _ => Err(ConnectionError {
            step: Step::Response,
            why: Cause::Http(status.map(|code| String::from_utf8_lossy(code).into_owned())),
        }),
    }
}

/// Why a connection failed: where, and what.
#[derive(Debug)]
pub(crate) struct ConnectionError {
    step: Step,
    why: Cause,
}

/// The steps of a connection, in their order.
#[derive(Clone, Copy, Debug)]
enum Step {
    Connect,
    Handshake,
    Request,
    Response,
}

#[derive(Debug)]
enum Cause {
    /// Not the status 200; `None` when it was not HTTP at all.
    Http(Option<String>),
    Io(io::Error),
    Tls(rustls::Error),
}

impl ConnectionError {
    /// Whether there was not even a TCP connection.
    pub(super) fn is_connect(&self) -> bool {
        matches!(self.step, Step::Connect)
    }

    /// For `map_err`: names the step, and finds the TLS error that rustls wraps in an I/O error.
    fn at(step: Step) -> impl FnOnce(io::Error) -> Self {
        move |error| {
            let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            let why = match tls {
                Some(tls) => Cause::Tls(tls.clone()),
                None => Cause::Io(error),
            };
            Self { step, why }
        }
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.step {
            Step::Connect => "connect: ",
            Step::Handshake => "handshake: ",
            Step::Request => "request: ",
            Step::Response => "response: ",
        })?;
        match &self.why {
            Cause::Http(Some(status)) => write!(f, "HTTP status {status}"),
            Cause::Http(None) => f.write_str("not HTTP (see --no-request)"),
            // A blocking socket's timeout is reported as "would block", which says nothing.
            Cause::Io(why) if why.kind() == io::ErrorKind::WouldBlock => f.write_str("timed out"),
            Cause::Io(why) => fmt::Display::fmt(&why.kind(), f),
            Cause::Tls(why) => why.fmt(f),
        }
    }
}

impl StdError for ConnectionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.why {
            Cause::Http(_) => None,
            Cause::Io(why) => Some(why),
            Cause::Tls(why) => Some(why),
        }
    }
}
