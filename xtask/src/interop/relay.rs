//! A port of its own in front of a server: passes bytes on, and writes down what it sees.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::wire::{Seen, Wire};

/// A relay to one server, for one client. Ends when dropped.
pub(crate) struct Relay {
    address: SocketAddr,
    connections: Arc<Mutex<Vec<Arc<Connection>>>>,
    over: Arc<AtomicBool>,
}

struct Connection {
    wire: Mutex<Wire>,
    /// Whether both sides have closed it.
    closed: AtomicBool,
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
                let connection =
                    Arc::new(Connection { wire: Mutex::default(), closed: AtomicBool::new(false) });
                lock(&connections).push(Arc::clone(&connection));
                thread::spawn(move || connection.relay(&client, &server));
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
        let connections = std::mem::take(&mut *lock(&self.connections));
        let seen = connections.iter().map(|connection| lock(&connection.wire).seen().clone());
        seen.filter(|seen| *seen != Seen::default()).collect()
    }

    /// Waits until no connection is open; false if that takes longer than `patience`.
    pub(crate) fn quiet(&self, patience: Duration) -> bool {
        let started = Instant::now();
        let open = || lock(&self.connections).iter().any(|one| !one.closed.load(Ordering::Acquire));
        while open() {
            if started.elapsed() > patience {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
        true
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
    fn relay(&self, client: &TcpStream, server: &TcpStream) {
        for stream in [client, server] {
            // Fails only when the stream is gone, which the copying finds out.
            let _ = stream.set_nodelay(true);
        }
        thread::scope(|scope| {
            scope.spawn(|| copy(client, server, |bytes| lock(&self.wire).from_client(bytes)));
            copy(server, client, |bytes| lock(&self.wire).from_server(bytes));
        });
        self.closed.store(true, Ordering::Release);
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
