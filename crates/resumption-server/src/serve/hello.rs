//! The `ClientHello`, read before the TLS library sees it: its callbacks cannot wait for a store.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use resumption_external::Wanted;
use resumption_hello::{ClientHello, HelloReader, Offered, Progress};
use resumption_session::SessionId;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::tls::TlsVersions;

/// How much is asked of a connection at once: most `ClientHello`s come in one piece.
const PART: usize = 4096;

/// What a client asks for, as far as sessions are concerned.
#[derive(Debug, Default)]
pub(super) struct Hello {
    /// The server that it wants to talk to.
    pub(super) server_name: Option<String>,
    /// The sessions that the TLS library is going to ask for.
    pub(super) wanted: Vec<Wanted>,
}

impl Hello {
    fn of(hello: &ClientHello<'_>, versions: TlsVersions) -> Self {
        Self {
            server_name: hello.server_name().map(str::to_owned),
            wanted: wanted(hello, versions),
        }
    }
}

/// TLS 1.3 sessions are taken, by either library; those of TLS 1.2 are read.
fn wanted(hello: &ClientHello<'_>, versions: TlsVersions) -> Vec<Wanted> {
    let offered = match versions {
        TlsVersions::Both | TlsVersions::Tls13 => hello.resumption(),
        TlsVersions::Tls12 => hello.resumption_by_session_id(),
    };
    match offered {
        Offered::Tls12SessionId(id) if versions != TlsVersions::Tls13 => {
            SessionId::new(id).map(Wanted::Get).into_iter().collect()
        }
        Offered::Tls13Identities(ids) => ids.map(|id| Wanted::Take(SessionId::from(*id))).collect(),
        _ => Vec::new(),
    }
}

/// Reads the `ClientHello` of a new connection, and returns the connection as it was.
///
/// What is no `ClientHello` asks for nothing, and is for the TLS library to judge. Bounded in bytes by
/// [`HelloReader::MAX_RECEIVED`]; the caller bounds the time.
///
/// # Errors
/// Those of the connection.
pub(super) async fn read<S>(mut stream: S, versions: TlsVersions) -> io::Result<(Replay<S>, Hello)>
where
    S: AsyncRead + Unpin,
{
    let mut reader = HelloReader::new();
    let mut received = Vec::with_capacity(PART);
    loop {
        let before = received.len();
        received.reserve(PART);
        let come = (&mut stream).take(PART as u64).read_buf(&mut received).await?;
        let progress = reader.feed(&received[before..]);
        if come == 0 || !matches!(progress, Ok(Progress::NeedMore(_))) {
            break;
        }
    }
    let hello = reader.client_hello();
    let hello = hello.map_or_else(|_| Hello::default(), |hello| Hello::of(&hello, versions));
    Ok((Replay { received, read: 0, stream }, hello))
}

/// A connection of which the beginning has been read already, and is read again.
pub(super) struct Replay<S> {
    received: Vec<u8>,
    read: usize,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Replay<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self.received.get(self.read..).unwrap_or_default();
        if left.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let now = left.len().min(buf.remaining());
        buf.put_slice(&left[..now]);
        self.read += now;
        if self.read == self.received.len() {
            // A connection lives for long after its first bytes.
            self.received = Vec::new();
            self.read = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Replay<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::Arc;

    use rustls::{ClientConfig, ClientConnection, RootCertStore};
    use rustls_pki_types::ServerName;
    use tokio::io::{AsyncWriteExt, duplex};

    /// The first flight of a client that has no session.
    fn first_flight() -> Vec<u8> {
        let config = ClientConfig::builder_with_provider(crate::tls::provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let name = ServerName::try_from("shop.example").unwrap();
        let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut flight = Vec::new();
        client.write_tls(&mut flight).unwrap();
        flight
    }

    async fn read_all(sent: Vec<u8>) -> (Vec<u8>, Hello) {
        let (mut client, server) = duplex(7);
        let sending = tokio::spawn(async move {
            client.write_all(&sent).await.unwrap();
        });
        let (mut replay, hello) = read(server, TlsVersions::Both).await.unwrap();
        let mut replayed = Vec::new();
        replay.read_to_end(&mut replayed).await.unwrap();
        sending.await.unwrap();
        (replayed, hello)
    }

    #[tokio::test]
    async fn what_was_read_is_read_again_with_what_comes_behind_it() {
        let mut sent = first_flight();
        sent.extend_from_slice(b"and more");
        let (replayed, hello) = read_all(sent.clone()).await;
        assert_eq!(replayed, sent);
        assert_eq!(hello.server_name.as_deref(), Some("shop.example"));
        assert!(hello.wanted.is_empty(), "nothing is offered");
    }

    #[tokio::test]
    async fn what_is_no_hello_is_left_to_the_library() {
        for sent in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"", &first_flight()[..100]] {
            let (replayed, hello) = read_all(sent.to_vec()).await;
            assert_eq!(replayed, sent);
            assert!(hello.server_name.is_none() && hello.wanted.is_empty());
        }
    }
}
