//! The `ClientHello` before the handshake: for servers on tokio whose sessions lie across a network.

mod error;
mod offered;

use core::fmt;
use core::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use resumption_hello::{ClientHello, HelloReader};
use rustls::ServerConfig;
use rustls::server::{Accepted, AcceptedAlert, Acceptor};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::StartHandshake;
use tokio_rustls::server::TlsStream;

pub use error::AcceptError;
pub use offered::OfferedSessions;

use crate::RustlsStore;

/// How much is asked of a connection at once: most `ClientHello`s come in one piece.
const PART: usize = 4096;

/// Whether clients may send 0-RTT data with sessions that were fetched.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum EarlyData {
    /// As the server's configuration says.
    AsConfigured,
    /// Never: they resume, and send their data after the handshake.
    ///
    /// A server that replicates its store asynchronously may find a session that another host has taken
    /// already. That is harmless for a resumption, where the client proves that it is alive, and a replay
    /// for 0-RTT data, where nothing else proves it (RFC 8446, section 8).
    #[default]
    Refused,
}

/// Reads `ClientHello`s off new connections, so that their sessions can be fetched before the handshake.
///
/// rustls asks its session storage in the middle of the handshake, and waits for the answer. If that lies
/// across a network, all connections of the thread wait with it. Therefore:
///
/// ```no_run
/// # use std::sync::Arc;
/// # use resumption_rustls::{HelloAcceptor, OfferedSessions, RustlsStore};
/// # use tokio::net::TcpStream;
/// # async fn fetch(_: &RustlsStore, _: OfferedSessions) {}
/// # async fn serve(
/// #     tcp: TcpStream, store: RustlsStore, config: Arc<rustls::ServerConfig>,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// // Bounded in bytes and in time.
/// let greeted = HelloAcceptor::new().accept(tcp).await?;
/// // Here a server of several names chooses, by `greeted.server_name()`, a store and a configuration.
/// let offered = greeted.offered();
/// // `fetch` gets what is offered from wherever it lies, and puts it where the get callback of the
/// // store's cache finds it at once.
/// let tls = greeted.handshake_after(&store, &config, fetch(&store, offered)).await?;
/// # drop(tls);
/// # Ok(())
/// # }
/// ```
///
/// What the client offers is never invalid because of this: rustls reads the same bytes, and decides.
#[derive(Clone, Copy, Debug)]
pub struct HelloAcceptor {
    hello_within: Duration,
    fetch_within: Duration,
    early_data: EarlyData,
}

impl HelloAcceptor {
    /// How long a client may take for its `ClientHello`, unless said otherwise.
    pub const DEFAULT_HELLO_WITHIN: Duration = Duration::from_secs(10);

    /// How long a fetch may delay a handshake, unless said otherwise.
    pub const DEFAULT_FETCH_WITHIN: Duration = Duration::from_millis(30);

    /// The defaults, and no 0-RTT for sessions that were fetched.
    pub const fn new() -> Self {
        Self {
            hello_within: Self::DEFAULT_HELLO_WITHIN,
            fetch_within: Self::DEFAULT_FETCH_WITHIN,
            early_data: EarlyData::Refused,
        }
    }

    /// Gives a client so long for its `ClientHello`.
    #[must_use]
    pub const fn with_hello_within(mut self, time: Duration) -> Self {
        self.hello_within = time;
        self
    }

    /// Gives a fetch so long. After that the handshake goes on without.
    #[must_use]
    pub const fn with_fetch_within(mut self, time: Duration) -> Self {
        self.fetch_within = time;
        self
    }

    /// Says whether clients may send 0-RTT data with sessions that were fetched.
    #[must_use]
    pub const fn with_early_data(mut self, early_data: EarlyData) -> Self {
        self.early_data = early_data;
        self
    }

    /// Reads the `ClientHello` of a new connection, and nothing else.
    ///
    /// # Errors
    /// [`AcceptError`]. If the client broke the rules, rustls' alert was sent.
    /// # Cost
    /// Besides what rustls does itself: one more copy of the bytes, which are 68 KiB at most.
    pub async fn accept<IO>(self, mut io: IO) -> Result<Greeted<IO>, AcceptError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let read = timeout(self.hello_within, read_hello(&mut io)).await;
        let (accepted, reader) = read.map_err(|_elapsed| AcceptError::TimedOut)??;
        Ok(Greeted { start: StartHandshake::from_parts(accepted, io), reader, settings: self })
    }
}

impl Default for HelloAcceptor {
    fn default() -> Self {
        Self::new()
    }
}

/// rustls and the parser get the same bytes, until rustls says that the `ClientHello` is whole.
async fn read_hello<IO>(io: &mut IO) -> Result<(Accepted, HelloReader), AcceptError>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let mut acceptor = Acceptor::default();
    let mut reader = HelloReader::new();
    let mut part = Vec::with_capacity(PART);
    let mut received = 0;
    while received <= HelloReader::MAX_RECEIVED {
        part.clear();
        if io.read_buf(&mut part).await? == 0 {
            return Err(AcceptError::Closed);
        }
        received += part.len();
        // A failure is for rustls to judge, and stays in the reader.
        let _ = reader.feed(&part);
        let mut unread = &part[..];
        while !unread.is_empty() {
            // It fails only when its own buffer is full.
            acceptor.read_tls(&mut unread).map_err(|_full| AcceptError::TooLarge)?;
        }
        match acceptor.accept() {
            Ok(None) => {}
            Ok(Some(accepted)) => return Ok((accepted, reader)),
            Err((error, alert)) => {
                send(io, alert).await;
                return Err(AcceptError::Rejected(error));
            }
        }
    }
    Err(AcceptError::TooLarge)
}

/// Tells the client what was wrong, if it still listens.
async fn send<IO: AsyncWrite + Unpin>(io: &mut IO, mut alert: AcceptedAlert) {
    let mut bytes = Vec::new();
    if alert.write_all(&mut bytes).is_ok() && io.write_all(&bytes).await.is_ok() {
        let _ = io.flush().await;
    }
}

/// A connection whose `ClientHello` was read, and whose handshake has not begun.
///
/// Dropping it drops the connection.
pub struct Greeted<IO> {
    start: StartHandshake<IO>,
    reader: HelloReader,
    settings: HelloAcceptor,
}

impl<IO> Greeted<IO>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    /// The `ClientHello`, as far as resumption is concerned. `None` if only rustls could read it: nothing
    /// is offered then, as far as anybody can tell.
    pub fn hello(&self) -> Option<ClientHello<'_>> {
        self.reader.client_hello().ok()
    }

    /// The `ClientHello` as rustls shows it: names of protocols, cipher suites, signature schemes.
    pub fn rustls_hello(&self) -> rustls::server::ClientHello<'_> {
        self.start.client_hello()
    }

    /// The name of the server that the client asked for, in lower case. `None` if it named none.
    pub fn server_name(&self) -> Option<String> {
        self.rustls_hello().server_name().map(str::to_owned)
    }

    /// The sessions that rustls is going to ask for.
    pub fn offered(&self) -> OfferedSessions {
        let offered = self.hello().map(|hello| OfferedSessions::of(hello.resumption()));
        offered.unwrap_or_default()
    }

    /// The session that rustls is going to ask for where its configuration knows nothing newer than TLS
    /// 1.2: the session id of every client. That of one which could do TLS 1.3 is random unless it has a
    /// session, so this is fetched in vain with nearly each full handshake.
    pub fn offered_to_tls12(&self) -> OfferedSessions {
        let offered =
            self.hello().map(|hello| OfferedSessions::of(hello.resumption_by_session_id()));
        offered.unwrap_or_default()
    }

    /// The connection, of which the `ClientHello` has been read.
    pub fn io(&self) -> &IO {
        &self.start.io
    }

    /// Runs the handshake once `fetch` is done, or its time is up. Its sessions are those of `store`.
    ///
    /// From here on the handshake counts as begun: if the store's context is invalidated while `fetch`
    /// waits, the sessions of this handshake are not kept ([`RustlsStore::config_for_connection`]).
    ///
    /// `fetch` is dropped when its time is up. Where that would lose a session which a store has handed out
    /// by then, let `fetch` only wait for a task.
    ///
    /// # Errors
    /// What goes wrong with the handshake or the connection, never with the fetch.
    pub async fn handshake_after<F>(
        self,
        store: &RustlsStore,
        config: &Arc<ServerConfig>,
        fetch: F,
    ) -> io::Result<TlsStream<IO>>
    where
        F: Future,
    {
        let mut config = store.config_for_connection(config);
        if self.settings.early_data == EarlyData::Refused {
            // Made just now, so this copies nothing.
            Arc::make_mut(&mut config).max_early_data_size = 0;
        }
        let _ = timeout(self.settings.fetch_within, fetch).await;
        self.start.into_stream(config).await
    }

    /// Runs the handshake as `config` says, when nothing is to be fetched.
    ///
    /// # Errors
    /// What goes wrong with the handshake or the connection.
    pub async fn handshake(self, config: Arc<ServerConfig>) -> io::Result<TlsStream<IO>> {
        self.start.into_stream(config).await
    }
}

impl<IO> fmt::Debug for Greeted<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Greeted")
            .field("hello", &self.reader.client_hello())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
