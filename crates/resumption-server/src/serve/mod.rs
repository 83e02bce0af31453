//! `resumption serve`: a TLS server on the session cache.
//!
//! It accepts on one task, and gives each connection a task of its own. How many there are is bounded
//! by a semaphore, which is also how draining works: a server that holds every permit has no
//! connection left.

mod connection;
mod context;
mod counters;
mod describe;
mod error;
mod figures;
mod forward;
mod hello;
mod history;
mod hosts;
mod http;
mod metrics;
mod orders;
mod snapshot;
mod stack;
mod status;
mod store;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use resumption_cache::Callbacks;
use resumption_snapshot::Restored;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::cache::Cache;
use crate::cli::{Endpoint, ServeArgs};
use crate::out;
use crate::signals::{AtEndOfInput, Stop};
use crate::tls::TlsVersions;

use counters::Counters;
pub use error::ServeError;
use figures::{Figures, HostFigures};
use history::History;
use hosts::Hosts;
use orders::Orders;
use snapshot::Snapshot;
use stack::Stack;
use store::Store;

/// Connections that the kernel may hold for us while all permits are out.
const BACKLOG: u32 = 4_096;

/// The semaphore hands out permits by the `u32`, and this is more than a process has descriptors.
const MOST_CONNECTIONS: usize = 1 << 20;

/// How often the cache is tended when no traffic does it.
const MAINTENANCE: Duration = Duration::from_millis(100);

/// How long connections that are cut get to notice it.
const AFTER_CUT: Duration = Duration::from_secs(1);

/// Pause after a failed accept: out of file descriptors, as a rule, and trying at once would spin.
const AFTER_ACCEPT_ERROR: Duration = Duration::from_millis(50);

/// Runs `resumption serve` until it is told to stop.
///
/// # Errors
/// [`ServeError`] when the server cannot start. Once it runs, only an order to stop ends it.
pub fn run(args: &ServeArgs) -> Result<(), ServeError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(workers) = args.workers {
        builder.worker_threads(workers.get());
    }
    let runtime = builder.enable_all().build().map_err(ServeError::Runtime)?;
    runtime.block_on(async {
        let server = Server::bind(args)?;
        let input = if args.stop_with_stdin { AtEndOfInput::Stop } else { AtEndOfInput::Ignore };
        let stop = Stop::listen(input).map_err(ServeError::Runtime)?;
        out::print(format_args!("{}\n", server.ready_line()));
        // On a worker, where the I/O driver runs: accepting from here would cost a thread's wake-up.
        let serving = tokio::spawn(server.run(stop.wait()));
        let drained = serving.await.map_err(|why| ServeError::Runtime(why.into()))?;
        if drained.cut > 0 {
            out::complain(format_args!("stopped; connections cut short: {}", drained.cut));
        }
        Ok(())
    })
}

/// A server that is bound and ready, for running in-process.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
    orders: Orders,
    drain: Duration,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// Connections that had not finished when the time to drain was over.
    pub cut: usize,
}

/// What all connections share.
struct Shared {
    cache: Cache,
    stack: Stack,
    store: Option<Store>,
    snapshot: Option<Snapshot>,
    restored: Option<Restored>,
    counters: Counters,
    /// What the hosts are called, by their numbers.
    labels: Vec<String>,
    history: Mutex<History>,
    permits: Arc<Semaphore>,
    settings: Settings,
    address: SocketAddr,
    started: Instant,
}

/// The part of the arguments that is needed while serving.
struct Settings {
    versions: TlsVersions,
    upstream: Option<Endpoint>,
    handshake_timeout: Duration,
    idle_timeout: Duration,
    max_connections: usize,
    /// For the status page.
    described: Vec<(&'static str, String)>,
}

/// The stages of a server's life, which its connections follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Serving,
    /// No new connections; those there are should finish.
    Draining,
    /// Whatever is left ends now.
    Over,
}

/// A connection's view of the server's life.
#[derive(Clone)]
struct Life(watch::Receiver<Stage>);

impl Life {
    /// Waits until the server drains.
    async fn draining(&mut self) {
        self.reached(Stage::Draining).await;
    }

    /// Waits until the server is over.
    async fn over(&mut self) {
        self.reached(Stage::Over).await;
    }

    async fn reached(&mut self, stage: Stage) {
        // An error means that the server is gone: later than any stage.
        let _ = self.0.wait_for(|now| *now >= stage).await;
    }
}

impl Server {
    /// Prepares everything that can fail: certificate, keys, cache, upstream, port. Must be called in a
    /// tokio runtime; blocks for the resolver if names are given instead of addresses.
    ///
    /// # Errors
    /// [`ServeError`] with what is missing or wrong.
    pub fn bind(args: &ServeArgs) -> Result<Self, ServeError> {
        let hosts = Hosts::new(args)?;
        if let Some(upstream) = &args.upstream {
            upstream
                .resolve()
                .map_err(|why| ServeError::Upstream { endpoint: upstream.clone(), why })?;
        }
        let store = Store::new(args)?;
        let callbacks = store.as_ref().map_or_else(Callbacks::none, Store::callbacks);
        let cache = Cache::new(args, callbacks)?;
        let stack = Stack::new(args, &hosts, &cache)?;
        let labels: Vec<_> = hosts.iter().map(|host| host.label().to_owned()).collect();
        let listen = |why| ServeError::Listen { endpoint: args.listen.clone(), why };
        let listener = listen_on(&args.listen).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let orders = Orders::listen(args).map_err(ServeError::Runtime)?;
        // Last of all that can fail: the file is gone when it has been read.
        let snapshot = Snapshot::new(args);
        let restore = |snapshot: &Snapshot| snapshot.restore(&stack.contexts());
        let restored = snapshot.as_ref().map(restore).transpose()?;
        let max_connections = args.max_connections.get().min(MOST_CONNECTIONS);
        let settings = Settings {
            versions: args.versions,
            upstream: args.upstream.clone(),
            handshake_timeout: args.handshake_timeout,
            idle_timeout: args.idle_timeout,
            max_connections,
            described: describe::settings(args, restored.as_ref()),
        };
        let shared = Shared {
            cache,
            stack,
            store,
            snapshot,
            restored,
            counters: Counters::new(labels.len()),
            labels,
            history: Mutex::default(),
            permits: Arc::new(Semaphore::new(max_connections)),
            settings,
            address,
            started: Instant::now(),
        };
        Ok(Self { listener, shared: Arc::new(shared), orders, drain: args.drain })
    }

    /// Where it listens: the actual port when 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// One line that says where and what.
    #[must_use]
    pub fn ready_line(&self) -> String {
        let described: Vec<_> = self
            .shared
            .settings
            .described
            .iter()
            .filter(|(name, _)| {
                matches!(
                    *name,
                    "library" | "versions" | "certificate" | "upstream" | "store" | "restored"
                )
            })
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        format!("listening on https://{}/ ({})", self.shared.address, described.join(", "))
    }

    /// Serves until `stop` is done, then drains: connections get their time to finish, idle ones
    /// close at once, and what is left after that is cut.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Drained {
        let Self { listener, shared, orders, drain } = self;
        let (stage, life) = watch::channel(Stage::Serving);
        let life = Life(life);
        tokio::select! {
            () = accept(&listener, &shared, &life) => {}
            () = tend(&shared) => {}
            () = orders.obey(&shared) => {}
            () = stop => {}
        }
        drop(listener);
        stage.send_replace(Stage::Draining);
        let all = u32::try_from(shared.settings.max_connections).unwrap_or(u32::MAX);
        let drained = timeout(drain, shared.permits.acquire_many(all)).await.is_ok();
        let cut = if drained {
            0
        } else {
            shared.settings.max_connections - shared.permits.available_permits()
        };
        stage.send_replace(Stage::Over);
        // What a handshake takes now must not be in the snapshot. Each ends at its next step.
        let _ = timeout(AFTER_CUT, shared.permits.acquire_many(all)).await;
        if let Some(store) = &shared.store {
            store.drain().await;
        }
        if shared.snapshot.is_some() {
            // Reads, seals and writes, on a thread that may wait. A panic there leaves no file.
            let _ = spawn_blocking(move || shared.write_snapshot()).await;
        }
        Drained { cut }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.shared.address).finish_non_exhaustive()
    }
}

impl Shared {
    fn figures(&self) -> Figures {
        Figures {
            address: self.address.to_string(),
            settings: self.settings.described.clone(),
            uptime: self.started.elapsed(),
            cpu: figures::cpu_time(),
            connections: self.settings.max_connections - self.permits.available_permits(),
            max_connections: self.settings.max_connections,
            handshakes: self.counters.read(),
            hosts: self.hosts(),
            history: self.history.lock().unwrap_or_else(PoisonError::into_inner).seconds(),
            cache: self.cache.figures(self.stack.turned_away()),
            store: self.store.as_ref().map(Store::stats),
            restored: self.restored,
        }
    }

    fn write_snapshot(&self) {
        if let Some(snapshot) = &self.snapshot {
            snapshot.drain(&self.cache);
        }
    }

    fn hosts(&self) -> Vec<HostFigures> {
        let counted = self.labels.iter().cloned().zip(self.counters.of_hosts());
        counted.map(|(label, (full, resumed))| HostFigures { label, full, resumed }).collect()
    }
}

/// Accepts for ever. A permit is taken first: at the limit, further clients wait in the kernel.
async fn accept(listener: &TcpListener, shared: &Arc<Shared>, life: &Life) {
    loop {
        match accept_one(listener, shared).await {
            Ok((stream, permit)) => {
                tokio::spawn(connection::serve(stream, Arc::clone(shared), life.clone(), permit));
            }
            // That client went away before its turn: no reason to make the others wait.
            Err(why) if why.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => sleep(AFTER_ACCEPT_ERROR).await,
        }
    }
}

async fn accept_one(
    listener: &TcpListener,
    shared: &Arc<Shared>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(&shared.permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _peer) = listener.accept().await?;
    // Fails only when the client is gone again, which the handshake will find out.
    let _ = stream.set_nodelay(true);
    Ok((stream, permit))
}

/// Tends the cache when no traffic does, and writes the chart's history.
async fn tend(shared: &Shared) {
    let mut ticks = interval(MAINTENANCE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut noted = Instant::now();
    loop {
        ticks.tick().await;
        shared.cache.tend();
        if noted.elapsed() >= Duration::from_secs(1) {
            noted += Duration::from_secs(1);
            let mut history = shared.history.lock().unwrap_or_else(PoisonError::into_inner);
            history.note(shared.counters.read());
        }
    }
}

fn listen_on(endpoint: &Endpoint) -> io::Result<TcpListener> {
    let mut failed = io::Error::from(io::ErrorKind::NotFound);
    for address in endpoint.resolve()? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A restarted server need not wait for the last one's connections to be forgotten.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        match socket.bind(address).and_then(|()| socket.listen(BACKLOG)) {
            Ok(listener) => return Ok(listener),
            Err(why) => failed = why,
        }
    }
    Err(failed)
}
