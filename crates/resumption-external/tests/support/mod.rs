//! A fleet in one process: hosts with a cache each, and a store that misbehaves on command.
//!
//! Time stands still in these tests unless all tasks wait for it, and goes then to where the first of them
//! wants it: nothing sleeps, and every duration is exact.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use resumption_cache::{Context, Lookup, ManualClock, Role, SessionCache};
use resumption_callbacks::{
    ExternalStore, ExternalTake, Overwrite, SealedSession, StoreError, StoreFuture, StoreKey,
};
use resumption_external::{Options, SharedSessions, Stats};
use resumption_sealing::{Codec, KeyRing, MasterKey, Namespace, Sealer};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, Timestamp, Usage,
};
use tokio::runtime::Handle;
use tokio::time::sleep;

pub(crate) const START: Timestamp = Timestamp::from_unix_secs(1_000_000);
pub(crate) const LIFE: Lifetime = Lifetime::from_secs(600);
pub(crate) const DEADLINE: Duration = Duration::from_millis(20);
pub(crate) const AWAY: StoreError = StoreError::Unavailable("away");
pub(crate) const LOST: StoreError = StoreError::Unavailable("the connection broke");
pub(crate) const FULL: StoreError = StoreError::Refused("full");

/// What the store does when it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    Fails(StoreError),
    Fine,
    Hangs,
    /// It does what it was asked, and the answer is lost.
    Loses,
    Panics,
    Slow(Duration),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    Get,
    Put,
    Remove,
    Take,
}

pub(crate) struct FakeStore {
    inside: Mutex<Inside>,
}

struct Inside {
    values: HashMap<StoreKey, Vec<u8>>,
    mode: Mode,
    calls: Vec<(Call, StoreKey)>,
}

impl FakeStore {
    pub(crate) fn new() -> Arc<Self> {
        let inside = Inside { values: HashMap::new(), mode: Mode::Fine, calls: Vec::new() };
        Arc::new(Self { inside: Mutex::new(inside) })
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.with(|inside| inside.mode = mode);
    }

    pub(crate) fn len(&self) -> usize {
        self.with(|inside| inside.values.len())
    }

    /// How often it was asked to do this, at all.
    pub(crate) fn calls(&self, call: Call) -> usize {
        self.with(|inside| inside.calls.iter().filter(|(made, _)| *made == call).count())
    }

    /// What it was asked, in order.
    pub(crate) fn log(&self) -> Vec<Call> {
        self.with(|inside| inside.calls.iter().map(|(call, _)| *call).collect())
    }

    /// Changes each value that is there.
    pub(crate) fn alter(&self, change: impl FnMut(&mut Vec<u8>)) {
        self.with(|inside| inside.values.values_mut().for_each(change));
    }

    /// Puts the only value that is there under another name.
    pub(crate) fn move_to(&self, key: StoreKey) {
        self.with(|inside| {
            let value = inside.values.drain().next().expect("a value").1;
            inside.values.insert(key, value);
        });
    }

    pub(crate) fn copy_of_values(&self) -> HashMap<StoreKey, Vec<u8>> {
        self.with(|inside| inside.values.clone())
    }

    fn with<R>(&self, f: impl FnOnce(&mut Inside) -> R) -> R {
        f(&mut self.inside.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn act<'a, R: Send + 'a>(
        &'a self,
        call: Call,
        key: &'a StoreKey,
        act: impl FnOnce(&mut HashMap<StoreKey, Vec<u8>>) -> R + Send + 'a,
    ) -> StoreFuture<'a, R> {
        Box::pin(async move {
            let mode = self.with(|inside| {
                inside.calls.push((call, *key));
                inside.mode
            });
            match mode {
                Mode::Fine | Mode::Loses => {}
                Mode::Fails(error) => return Err(error),
                Mode::Hangs => core::future::pending().await,
                Mode::Panics => resume_unwind(Box::new("as it was told")),
                Mode::Slow(by) => sleep(by).await,
            }
            let done = self.with(|inside| act(&mut inside.values));
            if matches!(mode, Mode::Loses) { Err(LOST) } else { Ok(done) }
        })
    }
}

impl ExternalStore for FakeStore {
    fn put<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a SealedSession,
        overwrite: Overwrite,
        _within: Duration,
    ) -> StoreFuture<'a, bool> {
        assert_eq!(overwrite, Overwrite::Allowed);
        self.act(Call::Put, key, |values| values.insert(*key, value.bytes().to_vec()).is_none())
    }

    fn get<'a>(&'a self, key: &'a StoreKey, _within: Duration) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.act(Call::Get, key, |values| values.get(key).cloned())
    }

    fn take<'a>(
        &'a self,
        key: &'a StoreKey,
        _within: Duration,
    ) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.act(Call::Take, key, |values| values.remove(key))
    }

    fn remove<'a>(&'a self, key: &'a StoreKey, _within: Duration) -> StoreFuture<'a, bool> {
        self.act(Call::Remove, key, |values| values.remove(key).is_some())
    }
}

/// One server of the fleet.
pub(crate) struct Host {
    pub(crate) shared: SharedSessions,
    pub(crate) cache: SessionCache,
    pub(crate) context: Context,
}

impl Host {
    /// Negotiates a session.
    pub(crate) fn negotiate(&self, session: Session) {
        self.context.insert_negotiated(Role::Server, session).expect("there is room");
    }

    /// Whether a take in this host's cache hands the session out; from the store, if so.
    pub(crate) fn takes(&self, id: SessionId) -> bool {
        match self.context.take(&id) {
            Lookup::CallbackHit(session) => {
                assert_eq!(session.view().payload().expose(), payload(id));
                true
            }
            Lookup::Hit(_) => panic!("the cache has decided by itself"),
            _ => false,
        }
    }

    pub(crate) fn gets(&self, id: SessionId) -> bool {
        self.context.get(&id).is_hit()
    }

    pub(crate) async fn settle(&self) {
        assert!(self.shared.drain(Duration::from_secs(60)).await, "the queue is written");
    }

    pub(crate) fn stats(&self) -> Stats {
        let stats = self.shared.stats();
        assert_adds_up(&stats);
        stats
    }
}

/// Whether nothing of `stats` got lost.
pub(crate) fn assert_adds_up(stats: &Stats) {
    assert_eq!(stats.lookups.wanted, stats.lookups.accounted(), "{stats:#?}");
    assert_eq!(stats.lookups.asked, stats.answers.accounted(), "{stats:#?}");
    assert_eq!(stats.puts.offered, stats.puts.accounted(), "{stats:#?}");
    assert_eq!(stats.removals.offered, stats.removals.accounted(), "{stats:#?}");
}

/// Hosts with the same keys at the same store.
pub(crate) struct Fleet {
    pub(crate) store: Arc<FakeStore>,
    pub(crate) clock: ManualClock,
}

impl Fleet {
    pub(crate) fn new() -> Self {
        Self { store: FakeStore::new(), clock: ManualClock::new(START) }
    }

    pub(crate) fn host(&self) -> Host {
        self.host_with(ring(&[1], &[2]), |options| options)
    }

    pub(crate) fn host_where(&self, change: impl FnOnce(Options) -> Options) -> Host {
        self.host_with(ring(&[1], &[2]), change)
    }

    pub(crate) fn host_with(&self, ring: KeyRing, change: impl FnOnce(Options) -> Options) -> Host {
        use resumption_cache::Clock;

        let clock = self.clock.clone();
        let options = Options::new()
            .deadline(DEADLINE)
            .breaker(16, Duration::from_millis(500), Duration::from_secs(5))
            .clock(move || clock.now());
        let namespace = Namespace::new("fleet").expect("a namespace");
        let sealer = Sealer::new(ring, namespace, Codec::RUSTLS_0_23);
        let store: Arc<dyn ExternalStore> = Arc::clone(&self.store) as _;
        let shared = SharedSessions::new(store, sealer, Handle::current(), change(options));
        let cache = SessionCache::builder()
            .clock(self.clock.clone())
            .callbacks(shared.callbacks())
            .build()
            .expect("a cache");
        let context = cache.context(context()).expect("a context");
        Host { shared, cache, context }
    }
}

pub(crate) fn ring(sealing: &[u8], names: &[u8]) -> KeyRing {
    let keys = |bytes: &[u8]| -> Vec<MasterKey> {
        bytes.iter().map(|byte| MasterKey::new([*byte; 32])).collect()
    };
    KeyRing::new(&keys(sealing), &keys(names)).expect("a ring")
}

pub(crate) fn context() -> SessionIdContext {
    SessionIdContext::new(b"www").expect("a context")
}

pub(crate) fn id(number: u8) -> SessionId {
    SessionId::from([number; 32])
}

fn payload(id: SessionId) -> Vec<u8> {
    [b"secret of ", id.as_bytes()].concat()
}

/// A TLS 1.2 session.
pub(crate) fn reusable(number: u8) -> Session {
    let (id, payload) = (id(number), SecretBytes::new(payload(id(number))));
    Session::new(id, context(), START, LIFE, payload).with_version(ProtocolVersion::Tls12)
}

/// A stateful TLS 1.3 ticket.
pub(crate) fn ticket(number: u8) -> Session {
    reusable(number).with_version(ProtocolVersion::Tls13).with_usage(Usage::SingleUse)
}

/// What the get callback of `shared` says to a take.
pub(crate) fn callback_takes(shared: &SharedSessions, id: SessionId) -> ExternalTake {
    let callbacks = shared.callbacks();
    callbacks.get_callback().expect("set").take(&context(), &id)
}

/// All of these at once.
pub(crate) async fn all<T>(futures: Vec<Pin<Box<dyn Future<Output = T> + Send>>>) -> Vec<T>
where
    T: Send + 'static,
{
    let tasks: Vec<_> = futures.into_iter().map(tokio::spawn).collect();
    let mut outputs = Vec::new();
    for task in tasks {
        outputs.push(task.await.expect("no panic"));
    }
    outputs
}
