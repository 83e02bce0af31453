//! What ends a program that runs until told otherwise: SIGINT and SIGTERM, and the end of standard
//! input for a server that is another program's child.

use std::io::Read;

use tokio::sync::oneshot;

/// Listens for the order to stop. Made before the server says that it is ready, so that no order
/// given after that is lost.
pub(crate) struct Stop {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    stdin_closed: Option<oneshot::Receiver<()>>,
}

/// Whether the end of standard input is an order to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtEndOfInput {
    /// It means nothing: servers are often started with `</dev/null`.
    Ignore,
    /// Stop: the parent is gone, or wants it so.
    Stop,
}

impl Stop {
    /// Starts listening.
    ///
    /// # Errors
    /// When the system does not let the process handle its signals.
    pub(crate) fn listen(input: AtEndOfInput) -> std::io::Result<Self> {
        #[cfg(unix)]
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
            stdin_closed: match input {
                AtEndOfInput::Ignore => None,
                AtEndOfInput::Stop => Some(end_of_input()?),
            },
        })
    }

    /// Waits for the first of them.
    pub(crate) async fn wait(mut self) {
        let input = async {
            match self.stdin_closed {
                // The sender also goes when reading fails: the end as well.
                Some(closed) => drop(closed.await),
                None => std::future::pending().await,
            }
        };
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = input => {}
        }
        #[cfg(not(unix))]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = input => {}
        }
    }
}

/// A thread of its own: a blocking read of standard input cannot be cancelled, and the runtime would
/// wait for it at the end.
fn end_of_input() -> std::io::Result<oneshot::Receiver<()>> {
    let (tell, told) = oneshot::channel();
    std::thread::Builder::new().name("end of input".to_owned()).spawn(move || {
        let mut ignored = [0; 256];
        let mut stdin = std::io::stdin().lock();
        while matches!(stdin.read(&mut ignored), Ok(1..)) {}
        drop(tell);
    })?;
    Ok(told)
}
