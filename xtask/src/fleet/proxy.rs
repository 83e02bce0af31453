//! A port in front of a store's server, which does to its replies what it is told to.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::lab::wait;

/// What is done to replies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// The connection ends in the middle of each.
    Cut,
    /// Each arrives so much later.
    Delay(Duration),
    /// Each becomes something else.
    Garble,
    #[default]
    None,
}

/// A proxy to one server on loopback. Takes no more connections when dropped; those there are end with
/// either side.
pub(crate) struct Proxy {
    port: u16,
    treatment: Arc<Mutex<Treatment>>,
    over: Arc<AtomicBool>,
}

impl Proxy {
    pub(crate) fn to(server: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let proxy = Self { port, treatment: Arc::default(), over: Arc::default() };
        let (treatment, over) = (Arc::clone(&proxy.treatment), Arc::clone(&proxy.over));
        thread::spawn(move || {
            for client in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                // Who is gone again needs no proxy, and a server that is away refuses by itself.
                let Ok(client) = client else { continue };
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else {
                    continue;
                };
                let treatment = Arc::clone(&treatment);
                thread::spawn(move || relay(&client, &server, &treatment));
            }
        });
        Ok(proxy)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn treat(&self, treatment: Treatment) {
        *self.treatment.lock().unwrap_or_else(PoisonError::into_inner) = treatment;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

/// Until either side has closed.
fn relay(client: &TcpStream, server: &TcpStream, treatment: &Mutex<Treatment>) {
    for stream in [client, server] {
        // Fails only when the stream is gone, which the copying finds out.
        let _ = stream.set_nodelay(true);
    }
    let (send, due) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::scope(|scope| {
        scope.spawn(|| {
            // Requests go on as they are.
            let _ = io::copy(&mut &*client, &mut &*server);
            close(client, server);
        });
        scope.spawn(move || {
            for (at, bytes) in due {
                wait(at.saturating_duration_since(Instant::now()));
                if (&mut &*client).write_all(&bytes).is_err() {
                    break;
                }
            }
            close(client, server);
        });
        replies(server, treatment, &send);
        drop(send);
    });
}

fn replies(
    mut server: &TcpStream,
    treatment: &Mutex<Treatment>,
    send: &mpsc::Sender<(Instant, Vec<u8>)>,
) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = server.read(&mut buffer) {
        let mut bytes = buffer[..read].to_vec();
        let mut at = Instant::now();
        let treatment = *treatment.lock().unwrap_or_else(PoisonError::into_inner);
        match treatment {
            Treatment::Cut => bytes.truncate(read / 2),
            Treatment::Delay(time) => at += time,
            // Neither a reply nor text, and different from reply to reply.
            Treatment::Garble => {
                for (place, byte) in bytes.iter_mut().enumerate() {
                    *byte = byte.rotate_left(3) ^ 0xA5 ^ place.to_le_bytes()[0];
                }
            }
            Treatment::None => {}
        }
        if send.send((at, bytes)).is_err() || treatment == Treatment::Cut {
            return;
        }
    }
}

fn close(one: &TcpStream, other: &TcpStream) {
    for stream in [one, other] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}
