//! `--upstream`: what arrives over TLS goes to another server in clear, and its answers come back.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::cli::Endpoint;

/// Bytes in flight per direction: one TLS record.
const BUFFER: usize = 16 * 1024;

/// How long the upstream server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Connects to the upstream server. Its name is resolved anew for each connection, so that a change
/// in DNS is followed.
pub(super) async fn connect(upstream: &Endpoint) -> io::Result<TcpStream> {
    let connecting = TcpStream::connect((upstream.host.as_str(), upstream.port));
    let stream = timeout(CONNECT_TIMEOUT, connecting).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Copies both ways until both sides are done, one fails, or neither says anything for `idle`.
///
/// A side that finishes sending closes only the other side's input: the answer may still follow.
pub(super) async fn both_ways<A, B>(client: A, upstream: B, idle: Duration) -> io::Result<()>
where
    A: AsyncRead + AsyncWrite,
    B: AsyncRead + AsyncWrite,
{
    let (client_out, client_in) = tokio::io::split(client);
    let (upstream_out, upstream_in) = tokio::io::split(upstream);
    let moved = AtomicU64::new(0);
    tokio::try_join!(
        one_way(client_out, upstream_in, &moved, idle),
        one_way(upstream_out, client_in, &moved, idle),
    )?;
    Ok(())
}

/// Copies until the end of `from`, then ends `to`. `moved` counts the bytes of both directions: a
/// direction that is silent while the other is busy is not idle.
async fn one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    moved: &AtomicU64,
    idle: Duration,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = {
            // The same read is polled again after each look at the clock: nothing is lost.
            let mut reading = std::pin::pin!(from.read(&mut buffer));
            loop {
                let before = moved.load(Ordering::Relaxed);
                match timeout(idle, reading.as_mut()).await {
                    Ok(read) => break read?,
                    Err(_) if moved.load(Ordering::Relaxed) == before => {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    Err(_) => {}
                }
            }
        };
        if read == 0 {
            return to.shutdown().await;
        }
        timeout(idle, to.write_all(&buffer[..read])).await??;
        timeout(idle, to.flush()).await??;
        moved.fetch_add(read as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;

    #[tokio::test]
    async fn half_a_close_lets_the_answer_through() {
        let (mut client, near) = duplex(64);
        let (far, mut upstream) = duplex(64);
        let copying = tokio::spawn(both_ways(near, far, Duration::from_secs(60)));
        client.write_all(b"question").await.unwrap();
        client.shutdown().await.unwrap();
        let mut heard = Vec::new();
        upstream.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"question");
        upstream.write_all(b"answer").await.unwrap();
        drop(upstream);
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"answer");
        copying.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn silence_on_both_sides_ends_it_and_on_one_does_not() {
        let (mut client, near) = duplex(64);
        let (far, mut upstream) = duplex(64);
        let idle = Duration::from_secs(10);
        let copying = tokio::spawn(both_ways(near, far, idle));
        for _ in 0..5 {
            tokio::time::advance(idle * 2 / 3).await;
            upstream.write_all(b"news").await.unwrap();
            let mut heard = [0; 4];
            client.read_exact(&mut heard).await.unwrap();
        }
        assert!(!copying.is_finished(), "the client was silent, the upstream was not");
        let error = copying.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
