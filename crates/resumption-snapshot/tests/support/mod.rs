//! Servers on a common clock, and sessions of all kinds.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeSet;

use resumption_cache::{Capacity, Context, ManualClock, SessionCache};
use resumption_sealing::{Codec, KeyRing, MasterKey, Namespace};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, SessionView,
    Timestamp, Usage,
};
use resumption_snapshot::Snapshots;

pub(crate) const WEEK: Lifetime = Lifetime::from_secs(7 * 86_400);

const START: u64 = 1_800_000_000;

/// So many seconds after the beginning of every test.
pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_secs(START + seconds)
}

pub(crate) fn key(byte: u8) -> MasterKey {
    MasterKey::new([byte; 32])
}

pub(crate) fn snapshots() -> Snapshots {
    let ring = KeyRing::new(&[key(1)], &[key(2)]).unwrap();
    Snapshots::new(ring, Namespace::new("test").unwrap(), Codec::RUSTLS_0_23)
}

/// One life of a server.
pub(crate) struct Server {
    pub(crate) cache: SessionCache,
    pub(crate) contexts: Vec<Context>,
    pub(crate) clock: ManualClock,
}

impl Server {
    pub(crate) fn new(names: &[&str]) -> Self {
        Self::of(Capacity::unlimited(), names)
    }

    /// A server with room for a few sessions, which is made in no time.
    pub(crate) fn small(names: &[&str]) -> Self {
        Self::of(Capacity::from_openssl(32).unwrap(), names)
    }

    fn of(capacity: Capacity, names: &[&str]) -> Self {
        let clock = ManualClock::new(at(0));
        let cache =
            SessionCache::builder().clock(clock.clone()).capacity(capacity).build().unwrap();
        let context = |name: &&str| SessionIdContext::new(name.as_bytes()).unwrap();
        let contexts = names.iter().map(|name| cache.context(context(name)).unwrap()).collect();
        Self { cache, contexts, clock }
    }

    /// Inserts the session of this number, into one context after the other.
    pub(crate) fn insert(&self, number: usize) {
        let context = &self.contexts[number % self.contexts.len()];
        context.insert(session(number, context)).unwrap();
    }

    /// All sessions, told whole.
    pub(crate) fn told(&self) -> BTreeSet<String> {
        self.cache.sessions().map(|session| told(&session.view())).collect()
    }
}

/// A session of one kind or another.
pub(crate) fn session(number: usize, context: &Context) -> Session {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let id = if number % 5 == 4 { SessionId::new(&id[..9]).unwrap() } else { SessionId::from(id) };
    let length = [0, 81, 199, 200, 201, 1_500][number % 6];
    let payload = SecretBytes::new(vec![number.to_le_bytes()[0]; length]);
    let usage = if number % 2 == 0 { Usage::SingleUse } else { Usage::Reusable };
    let authenticated = context.now().as_unix_secs() - (number % 100) as u64;
    let session =
        Session::new(id, *context.bytes(), context.now(), Lifetime::from_secs(7_200), payload)
            .with_usage(usage)
            .with_authenticated_at(Timestamp::from_unix_secs(authenticated));
    match number % 3 {
        0 => session,
        1 => session.with_version(ProtocolVersion::Tls12),
        _ => session.with_version(ProtocolVersion::Tls13),
    }
}

/// Everything that a session has, its secrets too: for tests alone.
pub(crate) fn told(session: &SessionView<'_>) -> String {
    format!(
        "{:?} {:?} {:?} {} {} {} {:?} {} {:?}",
        session.id().as_bytes(),
        session.context(),
        session.version(),
        session.created().as_nanos(),
        session.lifetime().as_nanos(),
        session.authenticated_at().as_nanos(),
        session.usage(),
        session.is_resumable(),
        session.payload().expose(),
    )
}
