//! The client, and how it talks to a server.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use openssl::ssl::{
    ErrorCode, ShutdownState, Ssl, SslContext, SslMethod, SslOptions, SslSession,
    SslSessionCacheMode, SslStream, SslVerifyMode, SslVersion,
};

use super::{Identity, Peer, Server, Version, der};

/// A session as a client keeps it: DER, since libssl marks the object that it has offered.
#[derive(Clone, PartialEq)]
pub(crate) struct Ticket(pub(crate) Vec<u8>);

impl Ticket {
    /// The lifetime hint of the ticket, in seconds; 0 if there is none.
    pub(crate) fn hint(&self) -> u64 {
        der::number(&self.0, der::HINT)
    }

    fn session(&self) -> SslSession {
        SslSession::from_der(&self.0).unwrap()
    }

    /// The id that is offered in TLS 1.2.
    pub(crate) fn id(&self) -> Vec<u8> {
        self.session().id().to_vec()
    }

    /// The identity that is offered in TLS 1.3.
    pub(crate) fn identity(&self) -> Vec<u8> {
        der::ticket_of(&self.0).unwrap_or_default()
    }

    /// The same session with another identity.
    pub(crate) fn with_identity(&self, identity: &[u8]) -> Self {
        Self(der::with_ticket(&self.0, identity))
    }

    /// The same session with other keys.
    pub(crate) fn with_wrong_key(&self) -> Self {
        Self(der::with_wrong_key(&self.0))
    }
}

/// What a client says at first.
#[derive(Clone)]
pub(crate) struct Hello {
    pub(crate) version: Version,
    pub(crate) offered: Option<Ticket>,
    /// In TLS 1.2: whether it can keep tickets. libssl's name for not: `SSL_OP_NO_TICKET`.
    pub(crate) takes_tickets: bool,
    pub(crate) extended_master_secret: bool,
    /// Its guess and its second choice for the key exchange.
    pub(crate) groups: &'static str,
    /// Its suites of TLS 1.2.
    pub(crate) ciphers: &'static str,
    pub(crate) identity: Option<Identity>,
    pub(crate) server_name: Option<&'static str>,
}

impl Hello {
    pub(crate) fn new(version: Version) -> Self {
        Self {
            version,
            offered: None,
            takes_tickets: false,
            extended_master_secret: true,
            groups: "P-256:P-384",
            ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384",
            identity: None,
            server_name: None,
        }
    }

    pub(crate) fn offering(mut self, ticket: &Ticket) -> Self {
        self.offered = Some(ticket.clone());
        self
    }

    /// A connection that will say this, and whose sessions are `kept`.
    fn connection(&self, kept: &Kept) -> Ssl {
        let mut connection = Ssl::new(&self.context(kept)).unwrap();
        if let Some(ticket) = &self.offered {
            resumption_openssl::offer(&mut connection, &ticket.session()).unwrap();
        }
        if let Some(name) = self.server_name {
            connection.set_hostname(name).unwrap();
        }
        connection
    }

    fn context(&self, kept: &Kept) -> SslContext {
        let mut builder = SslContext::builder(SslMethod::tls_client()).unwrap();
        let version = match self.version {
            Version::Tls12 => SslVersion::TLS1_2,
            Version::Tls13 => SslVersion::TLS1_3,
        };
        builder.set_min_proto_version(Some(version)).unwrap();
        builder.set_max_proto_version(Some(version)).unwrap();
        builder.set_verify(SslVerifyMode::NONE);
        builder.set_groups_list(self.groups).unwrap();
        builder.set_cipher_list(self.ciphers).unwrap();
        if !self.takes_tickets && self.version == Version::Tls12 {
            builder.set_options(SslOptions::NO_TICKET);
        }
        if !self.extended_master_secret {
            // SSL_OP_NO_EXTENDED_MASTER_SECRET, which has no name there.
            builder.set_options(SslOptions::from_bits_retain(1));
        }
        if let Some(identity) = &self.identity {
            builder.set_certificate(&identity.x509()).unwrap();
            builder.set_private_key(&identity.pkey()).unwrap();
        }
        let mode = SslSessionCacheMode::CLIENT | SslSessionCacheMode::NO_INTERNAL;
        builder.set_session_cache_mode(mode);
        let kept = Arc::clone(kept);
        builder.set_new_session_callback(move |_, session| {
            kept.lock().unwrap().push(Ticket(session.to_der().unwrap()));
        });
        builder.build()
    }
}

type Kept = Arc<Mutex<Vec<Ticket>>>;

/// What a handshake came to.
pub(crate) struct Shaken {
    /// Whether it resumed; nothing if it failed. Both sides agree.
    pub(crate) resumed: Option<bool>,
    /// Why it failed, in the words of whoever noticed.
    pub(crate) failed: Option<String>,
    /// What the client was given to resume later.
    pub(crate) tickets: Vec<Ticket>,
}

impl Shaken {
    /// The first thing that the client was given.
    pub(crate) fn ticket(&self) -> Ticket {
        self.tickets[0].clone()
    }

    /// Whether it resumed; a failure is one of the test.
    pub(crate) fn has_resumed(&self) -> bool {
        self.resumed.unwrap_or_else(|| panic!("the handshake failed: {:?}", self.failed))
    }
}

/// A whole connection, which both sides close as one should.
pub(crate) fn shake(server: &dyn Server, hello: &Hello) -> Shaken {
    let mut connection = start(server, hello);
    connection.close();
    connection.shaken
}

/// A connection whose handshake is over, tickets included, and which is open.
pub(crate) struct Connection {
    client: SslStream<Pipe>,
    pipe: Pipe,
    peer: Box<dyn Peer>,
    pub(crate) shaken: Shaken,
}

impl Connection {
    /// Both sides say that they are done.
    pub(crate) fn close(&mut self) {
        // A client that has failed cannot.
        let _ = self.client.shutdown();
        self.peer.close();
        self.client_speaks();
    }

    /// The server's end says of itself what has been said of the connection's end.
    pub(crate) fn set_shutdown(&mut self, state: ShutdownState) {
        self.peer.set_shutdown(state);
    }

    /// The server hears what the client has said last.
    pub(crate) fn client_speaks(&mut self) {
        let said = self.pipe.drain();
        let (answer, _) = self.peer.hear(&said);
        self.pipe.fill(&answer);
    }

    /// The server hears something that is not TLS, and says so by a fatal alert.
    pub(crate) fn client_babbles(&mut self) {
        let (alert, heard) = self.peer.hear(&[0xff; 64]);
        assert!(heard.is_err() && !alert.is_empty());
    }

    /// The client hears something that is not TLS; the server hears its fatal alert.
    pub(crate) fn server_babbles(&mut self) {
        self.pipe.fill(&[0xff; 64]);
        assert!(self.client.ssl_read(&mut [0; 1]).is_err_and(|error| !waits(&error)));
        let alert = self.pipe.drain();
        assert!(!alert.is_empty());
        let (_, heard) = self.peer.hear(&alert);
        assert!(heard.is_err());
    }
}

/// What a client says at first.
pub(crate) fn first_flight(hello: &Hello) -> Vec<u8> {
    let pipe = Pipe::default();
    let mut client = SslStream::new(hello.connection(&Kept::default()), pipe.clone()).unwrap();
    assert!(client.connect().is_err_and(|error| waits(&error)));
    pipe.drain()
}

/// Connects as `hello` says.
pub(crate) fn start(server: &dyn Server, hello: &Hello) -> Connection {
    let kept = Kept::default();
    let mut driven = drive(server, hello.connection(&kept));
    driven.shaken.tickets = std::mem::take(&mut *kept.lock().unwrap());
    driven
}

/// Connects a client's connection, and lets both sides talk until they have nothing more to say.
pub(crate) fn drive(server: &dyn Server, connection: Ssl) -> Connection {
    let pipe = Pipe::default();
    let mut client = SslStream::new(connection, pipe.clone()).unwrap();
    let mut peer = server.accept();
    let mut failed = None;
    let mut connected = false;
    // Two flights each way at most, and the tickets.
    for _ in 0..8 {
        let step = if connected {
            client.ssl_read(&mut [0; 1]).map(drop)
        } else {
            client.connect().map(|()| connected = true)
        };
        match step {
            Err(error) if !waits(&error) => failed = failed.or(Some(error.to_string())),
            _ => (),
        }
        let (answer, heard) = peer.hear(&pipe.drain());
        if let Err(error) = heard {
            failed = Some(error);
        }
        pipe.fill(&answer);
    }
    let server_says = peer.resumed();
    let resumed = if failed.is_none() && connected {
        let resumed = client.ssl().session_reused();
        assert_eq!(server_says, Some(resumed), "both sides agree");
        Some(resumed)
    } else {
        None
    };
    Connection { client, pipe, peer, shaken: Shaken { resumed, failed, tickets: Vec::new() } }
}

/// Whether there is only nothing to read yet.
pub(crate) fn waits(error: &openssl::ssl::Error) -> bool {
    matches!(error.code(), ErrorCode::WANT_READ | ErrorCode::WANT_WRITE)
}

/// One end's bytes: what it is to read, and what it has written. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Pipe(Rc<RefCell<(Vec<u8>, Vec<u8>)>>);

impl Pipe {
    /// Gives it something to read.
    pub(crate) fn fill(&self, bytes: &[u8]) {
        self.0.borrow_mut().0.extend_from_slice(bytes);
    }

    /// What it has written since.
    pub(crate) fn drain(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.borrow_mut().1)
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let incoming = &mut self.0.borrow_mut().0;
        if incoming.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let some = buffer.len().min(incoming.len());
        buffer[..some].copy_from_slice(&incoming[..some]);
        incoming.drain(..some);
        Ok(some)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().1.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
