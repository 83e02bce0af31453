//! One connection's task: handshake, then the pages or the upstream server.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::counters::HandshakeFailure;
use super::stack::{Accepted, Refusal, Stream};
use super::{Life, Shared, forward, hello, http};

/// How long saying goodbye may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Serves one connection. Its `permit` goes back at the very end.
pub(super) async fn serve(
    stream: TcpStream,
    shared: Arc<Shared>,
    life: Life,
    permit: OwnedSemaphorePermit,
) {
    let mut end = life.clone();
    tokio::select! {
        () = converse(stream, shared, life) => {}
        () = end.over() => {}
    }
    drop(permit);
}

async fn converse(stream: TcpStream, shared: Arc<Shared>, life: Life) {
    let mut tls = match handshake(stream, &shared).await {
        Ok(tls) => tls,
        Err(why) => return shared.counters.failure(why),
    };
    let Some(upstream) = &shared.settings.upstream else {
        return http::serve(tls, shared, life).await;
    };
    if let Ok(upstream) = forward::connect(upstream).await {
        // However it ends, both sides have been told by the close of their connections.
        let _ = forward::both_ways(tls, upstream, shared.settings.idle_timeout).await;
    } else {
        shared.counters.upstream_failure();
        let _ = timeout(CLOSE_TIMEOUT, tls.shutdown()).await;
    }
}

async fn handshake(
    stream: TcpStream,
    shared: &Shared,
) -> Result<Box<dyn Stream>, HandshakeFailure> {
    match timeout(shared.settings.handshake_timeout, accept(stream, shared)).await {
        Ok(Ok(accepted)) => {
            shared.counters.handshake(accepted.handshake);
            Ok(accepted.stream)
        }
        Ok(Err(why)) => Err(HandshakeFailure::Refusal(why)),
        Err(_) => Err(HandshakeFailure::TimedOut),
    }
}

/// With a store, the sessions that the client offers are fetched before the TLS library asks for them,
/// which is in the middle of the handshake, where nothing can wait.
async fn accept(stream: TcpStream, shared: &Shared) -> Result<Accepted, Refusal> {
    let Some(store) = &shared.store else { return shared.stack.accept(stream).await };
    let read = hello::read(stream, shared.settings.versions).await;
    let (stream, hello) = read.map_err(|_| Refusal::Abandoned)?;
    let context = shared.stack.context(hello.server_name.as_deref());
    store.prefetch(context, &hello).await;
    shared.stack.accept(stream).await
}
