//! A port of its own in front of a server: passes bytes on, and writes down what it sees.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::wire::{Seen, Wire};

/// A relay to one server, for one client. Ends when dropped.
pub(crate) struct Relay {
    address: SocketAddr,
    connections: Arc<Connections>,
    over: Arc<AtomicBool>,
}

#[derive(Default)]
struct Connections {
    since_taken: Mutex<Vec<Arc<Connection>>>,
    /// How many are open, those from before included.
    open: Mutex<usize>,
    /// Told when one closes.
    closed: Condvar,
}

#[derive(Default)]
struct Connection {
    wire: Mutex<Wire>,
}

impl Relay {
    pub(crate) fn to(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let relay = Self { address, connections: Arc::default(), over: Arc::default() };
        let (connections, over) = (Arc::clone(&relay.connections), Arc::clone(&relay.over));
        thread::spawn(move || {
            for client in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                // A client that is gone again, or a server that is: the client's report will say so.
                let Ok(client) = client else { continue };
                let Ok(server) = TcpStream::connect(server) else { continue };
                let connection = Arc::new(Connection::default());
                lock(&connections.since_taken).push(Arc::clone(&connection));
                *lock(&connections.open) += 1;
                let connections = Arc::clone(&connections);
                thread::spawn(move || {
                    connection.relay(&client, &server);
                    *lock(&connections.open) -= 1;
                    connections.closed.notify_all();
                });
            }
        });
        Ok(relay)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was seen since the last call, connection by connection in the order of their beginnings.
    /// Connections on which nobody said anything (browsers open such) are left out.
    pub(crate) fn take(&self) -> Vec<Seen> {
        let connections = std::mem::take(&mut *lock(&self.connections.since_taken));
        let seen = connections.iter().map(|connection| lock(&connection.wire).seen().clone());
        seen.filter(|seen| *seen != Seen::default()).collect()
    }

    /// Waits until no connection is open; false if that takes longer than `patience`.
    pub(crate) fn quiet(&self, patience: Duration) -> bool {
        let open = lock(&self.connections.open);
        let waited = self.connections.closed.wait_timeout_while(open, patience, |open| *open > 0);
        let (open, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *open == 0
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

impl Connection {
    /// Until both sides have closed it.
    fn relay(&self, client: &TcpStream, server: &TcpStream) {
        for stream in [client, server] {
            // Fails only when the stream is gone, which the copying finds out.
            let _ = stream.set_nodelay(true);
        }
        thread::scope(|scope| {
            scope.spawn(|| copy(client, server, |bytes| lock(&self.wire).client_says(bytes)));
            copy(server, client, |bytes| lock(&self.wire).server_says(bytes));
        });
    }
}

/// Passes bytes on, each piece after it was looked at: who has received something finds it written down.
fn copy(mut from: &TcpStream, mut to: &TcpStream, mut look: impl FnMut(&[u8])) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        look(&buffer[..read]);
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A thread that panicked has nothing half-written here.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
