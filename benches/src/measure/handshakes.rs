//! Resumed TLS 1.3 handshakes of rustls, with different places to keep sessions.

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use resumption_cache::{Capacity, SessionCache};
use resumption_rustls::RustlsStore;
use resumption_session::SessionIdContext;
use rustls::ServerConfig;
use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};

use super::tls::{Identity, Tickets, shake};
use super::{cores, count, pass, stolen};
use crate::ids;
use crate::random::Random;

/// Clients that each thread plays in turn.
const CLIENTS: usize = 32;
/// What rustls stores for a session without a client certificate.
const SESSION_BYTES: usize = 81;

/// Where a server keeps its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// One slot for each thread, which serves one client: a store that costs nothing.
    Nowhere,
    /// This cache, through its adapter, a copy of the configuration for each connection included.
    Ours,
    /// `ServerSessionMemoryCache`.
    Rustls,
}

impl Place {
    pub(crate) const ALL: [Self; 3] = [Self::Ours, Self::Nowhere, Self::Rustls];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nowhere => "free store",
            Self::Ours => crate::peers::OURS,
            Self::Rustls => "rustls' own",
        }
    }
}

/// Why no handshake could be measured.
#[derive(Debug)]
pub(crate) enum HandshakeError {
    Certificate(rcgen::Error),
    Tls(rustls::Error),
    Transport(io::Error),
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(error) => write!(f, "no certificate: {error}"),
            Self::Transport(error) => write!(f, "bytes did not arrive: {error}"),
            Self::Tls(error) => write!(f, "rustls: {error}"),
        }
    }
}

impl std::error::Error for HandshakeError {}

impl From<rcgen::Error> for HandshakeError {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate(error)
    }
}

impl From<io::Error> for HandshakeError {
    fn from(error: io::Error) -> Self {
        Self::Transport(error)
    }
}

impl From<rustls::Error> for HandshakeError {
    fn from(error: rustls::Error) -> Self {
        Self::Tls(error)
    }
}

/// A store that costs nothing: one thread's one slot, without an id and without any others.
#[derive(Debug, Default)]
struct Slot(Mutex<Option<Vec<u8>>>);

impl StoresServerSessions for Slot {
    fn put(&self, _key: Vec<u8>, value: Vec<u8>) -> bool {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        true
    }

    fn get(&self, _key: &[u8]) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take(&self, _key: &[u8]) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// A server that holds many sessions.
pub(crate) struct Server {
    identity: Identity,
    config: Arc<ServerConfig>,
    place: Place,
    ours: Option<RustlsStore>,
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// Handshakes a second of all threads together, both ends of each included.
    pub(crate) per_second: f64,
    /// Microseconds that a handshake kept the server busy.
    pub(crate) server_micros: f64,
    /// The share of handshakes that were resumed.
    pub(crate) resumed: f64,
}

impl Server {
    /// A server whose place for sessions has room for `held` and is full.
    pub(crate) fn full(place: Place, held: usize) -> Result<Self, HandshakeError> {
        Self::holding(place, held, held)
    }

    fn holding(place: Place, room: usize, held: usize) -> Result<Self, HandshakeError> {
        let identity = Identity::new()?;
        let mut config = identity.server()?;
        let ours = (place == Place::Ours).then(|| our_store(room));
        config.session_storage = match (&ours, place) {
            (Some(store), _) => Arc::new(store.clone()),
            (None, Place::Rustls) => ServerSessionMemoryCache::new(room),
            (None, _) => Arc::new(Slot::default()),
        };
        if place != Place::Nowhere {
            let mut random = Random::new(1);
            for _session in 0..held {
                let id = ids::fresh(&mut random).to_vec();
                config.session_storage.put(id, vec![0x5a; SESSION_BYTES]);
            }
        }
        Ok(Self { identity, config: Arc::new(config), place, ours })
    }

    /// Shakes hands on so many threads for so long, after a warm-up of a fifth of that.
    pub(crate) fn rate(&self, threads: usize, slice: Duration) -> Result<Rate, HandshakeError> {
        let (warm, stop) = (AtomicBool::new(false), AtomicBool::new(false));
        let ready = Barrier::new(threads + 1);
        let cores = cores::for_threads(threads);
        let parts = thread::scope(|scope| {
            let started: Vec<_> = cores
                .iter()
                .map(|core| {
                    let (warm, stop, ready) = (&warm, &stop, &ready);
                    scope.spawn(move || {
                        cores::stay_on(*core);
                        let clients = Clients::new(self);
                        ready.wait();
                        let mut clients = clients?;
                        clients.shake_until(warm)?;
                        clients.shake_until(stop)
                    })
                })
                .collect();
            ready.wait();
            pass(slice / 5);
            warm.store(true, Ordering::Relaxed);
            pass(slice);
            stop.store(true, Ordering::Relaxed);
            started
                .into_iter()
                .map(|thread| thread.join().expect("no thread panics"))
                .collect::<Result<Vec<Part>, _>>()
        })?;
        Ok(together(&parts, cores.contains(&None)))
    }

    fn config(&self, own: &Arc<ServerConfig>) -> Arc<ServerConfig> {
        match &self.ours {
            Some(store) => store.config_for_connection(own),
            None => Arc::clone(own),
        }
    }
}

fn our_store(room: usize) -> RustlsStore {
    let entries = NonZeroUsize::new(room).unwrap_or(NonZeroUsize::MIN);
    let cache = SessionCache::builder().capacity(Capacity::of_entries(entries)).build();
    let bytes = SessionIdContext::new(b"bench").expect("at most 32 bytes");
    let context = cache.expect("the default shape is possible").context(bytes);
    RustlsStore::new(context.expect("the first of many contexts"))
}

/// The clients of one thread, each with a ticket.
struct Clients<'s> {
    server: &'s Server,
    /// The thread's own where there is one slot.
    config: Arc<ServerConfig>,
    client: Arc<rustls::ClientConfig>,
    tickets: Arc<Tickets>,
    count: usize,
    next: usize,
    bytes: Vec<u8>,
}

impl<'s> Clients<'s> {
    /// Full handshakes, for a ticket each.
    fn new(server: &'s Server) -> Result<Self, HandshakeError> {
        let (count, config) = if server.place == Place::Nowhere {
            let mut own = ServerConfig::clone(&server.config);
            own.session_storage = Arc::new(Slot::default());
            (1, Arc::new(own))
        } else {
            (CLIENTS, Arc::clone(&server.config))
        };
        let tickets = Tickets::of(count);
        let client = server.identity.client(Arc::clone(&tickets))?;
        let (next, bytes) = (0, Vec::with_capacity(1 << 14));
        let mut clients = Self { server, config, client, tickets, count, next, bytes };
        for _client in 0..count {
            clients.shake()?;
        }
        Ok(clients)
    }

    fn shake(&mut self) -> Result<super::tls::Shaken, HandshakeError> {
        self.tickets.turn_to(self.next);
        self.next = (self.next + 1) % self.count;
        shake(&self.client, || self.server.config(&self.config), &mut self.bytes)
    }

    fn shake_until(&mut self, stop: &AtomicBool) -> Result<Part, HandshakeError> {
        let (from, before) = (Instant::now(), stolen::so_far());
        let (mut handshakes, mut resumed, mut server) = (0, 0, Duration::ZERO);
        while handshakes == 0 || !stop.load(Ordering::Relaxed) {
            let shaken = self.shake()?;
            handshakes += 1;
            resumed += u64::from(shaken.resumed);
            server += shaken.server;
        }
        let stolen = stolen::so_far().saturating_sub(before);
        Ok(Part { handshakes, resumed, server, from, to: Instant::now(), stolen })
    }
}

/// What one thread did.
#[derive(Clone, Copy, Debug)]
struct Part {
    handshakes: u64,
    resumed: u64,
    server: Duration,
    from: Instant,
    to: Instant,
    stolen: Duration,
}

/// All threads' rates over the time in which each had its core; of a crowd, the rate over the time
/// from the first start to the last end.
fn together(parts: &[Part], crowded: bool) -> Rate {
    let rate = |part: &Part| {
        let own = (part.to - part.from).saturating_sub(part.stolen);
        count(part.handshakes) / own.as_secs_f64().max(1e-9)
    };
    let from = parts.iter().map(|part| part.from).min();
    let to = parts.iter().map(|part| part.to).max();
    let time = from.zip(to).map_or(Duration::ZERO, |(from, to)| to - from);
    let handshakes = count(parts.iter().map(|part| part.handshakes).sum()).max(1.0);
    let server: Duration = parts.iter().map(|part| part.server).sum();
    Rate {
        per_second: if crowded {
            handshakes / time.as_secs_f64().max(1e-9)
        } else {
            parts.iter().map(rate).sum()
        },
        server_micros: 1e6 * server.as_secs_f64() / handshakes,
        resumed: count(parts.iter().map(|part| part.resumed).sum()) / handshakes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_handshake_is_resumed_wherever_sessions_are_kept() {
        for place in Place::ALL {
            // With room to spare: what is full may let the session of a client go before it comes back.
            let server = Server::holding(place, 8000, 1000).expect("a server");
            let rate = server.rate(2, Duration::from_millis(5)).expect("handshakes");
            assert!((rate.resumed - 1.0).abs() < 1e-9, "{}: {rate:?}", place.name());
            assert!(rate.per_second > 0.0 && rate.server_micros > 0.0);
        }
    }
}
