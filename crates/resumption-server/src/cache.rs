//! The cache behind the server: how the options make it, and what it says of itself.

use std::fmt;
use std::num::NonZeroU64;
use std::path::Path;

use resumption_cache::{
    BuildError, CacheMode, Callbacks, Capacity, Context, ContextError, RejectedInserts,
    SessionCache, Stats, Timeouts,
};
use resumption_session::{Lifetime, SessionIdContext};
use resumption_snapshot::{Drained, SnapshotError, Snapshots};

use crate::cli::{ModeFlag, ServeArgs};

/// The one cache of all hosts.
pub(crate) struct Cache(SessionCache);

/// What clients offered and the cache was never asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TurnedAway {
    /// The connection had used up its lookups.
    pub(crate) over_budget: u64,
    /// No session can have an id of that length.
    pub(crate) wrong_length: u64,
}

impl Cache {
    pub(crate) fn new(args: &ServeArgs, callbacks: Callbacks) -> Result<Self, CacheError> {
        let mut capacity =
            args.capacity.entries().map_or_else(Capacity::unlimited, Capacity::of_entries);
        if let Some(bytes) = args.capacity_bytes.and_then(NonZeroU64::new) {
            capacity = capacity.with_bytes(bytes);
        }
        let timeout = Lifetime::from(args.timeout);
        let mut timeouts = Timeouts::default().with_session(timeout);
        if !args.store.store.is_empty() {
            timeouts = timeouts.with_clock_skew(Lifetime::from(args.store.store_clock_skew));
        }
        let cache = SessionCache::builder()
            .capacity(capacity)
            .mode(mode(&args.mode))
            .timeouts(timeouts)
            .callbacks(callbacks)
            .build()
            .map_err(CacheError::Build)?;
        Ok(Self(cache))
    }

    /// The sessions of a host.
    pub(crate) fn context(&self, bytes: SessionIdContext) -> Result<Context, CacheError> {
        self.0.context(bytes).map_err(CacheError::Context)
    }

    /// Turns it off and writes what it holds to `path`.
    pub(crate) fn drain(
        &self,
        snapshots: &Snapshots,
        path: &Path,
    ) -> Result<Drained, SnapshotError> {
        snapshots.drain(&self.0, path)
    }

    /// Housekeeping for quiet times, to be called ten times a second: traffic does its own.
    pub(crate) fn tend(&self) {
        self.0.maintain();
    }

    /// The figures, with those of the TLS library in their places.
    pub(crate) fn figures(&self, turned_away: TurnedAway) -> CacheFigures {
        let (stats, capacity) = (self.0.stats(), self.0.capacity());
        CacheFigures {
            lookups: stats.offered(),
            hits: stats.hits,
            callback_hits: stats.callback_hits,
            misses: stats.misses,
            expired: stats.expired,
            refused: vec![
                ("context", stats.refused.context),
                ("not_resumable", stats.refused.not_resumable),
                ("policy", stats.refused.policy),
                ("version", stats.refused.version),
            ],
            inserts: stats.insertions,
            rejected: rejected(&stats.rejected),
            departed: departed(&stats),
            key_rejected: vec![
                ("wrong length", turned_away.wrong_length),
                ("over budget", turned_away.over_budget),
            ],
            garbage: stats.garbage,
            entries: stats.entries,
            bytes: stats.bytes,
            capacity: capacity.entries().map(|entries| entries.get() as u64),
            capacity_bytes: capacity.bytes().map(NonZeroU64::get),
        }
    }
}

fn mode(flags: &[ModeFlag]) -> CacheMode {
    flags.iter().fold(CacheMode::OFF, |mode, flag| {
        mode | match flag {
            ModeFlag::Off => CacheMode::OFF,
            ModeFlag::Client => CacheMode::CLIENT,
            ModeFlag::Server => CacheMode::SERVER,
            ModeFlag::Both => CacheMode::BOTH,
            ModeFlag::NoAutoClear => CacheMode::NO_AUTO_CLEAR,
            ModeFlag::NoInternalLookup => CacheMode::NO_INTERNAL_LOOKUP,
            ModeFlag::NoInternalStore => CacheMode::NO_INTERNAL_STORE,
            ModeFlag::NoInternal => CacheMode::NO_INTERNAL,
            ModeFlag::UpdateTime => CacheMode::UPDATE_TIME,
        }
    })
}

fn departed(stats: &Stats) -> Vec<(&'static str, u64)> {
    vec![
        ("evicted", stats.evictions),
        ("expired", stats.expirations),
        ("flushed", stats.flushed),
        ("invalidated", stats.invalidated),
        ("removed", stats.removals),
        ("replaced", stats.replaced),
        ("taken", stats.taken),
    ]
}

fn rejected(rejected: &RejectedInserts) -> Vec<(&'static str, u64)> {
    vec![
        ("already_expired", rejected.already_expired),
        ("caching_off", rejected.caching_off),
        ("context", rejected.context),
        ("from_the_future", rejected.from_the_future),
        ("full", rejected.full),
        ("not_resumable", rejected.not_resumable),
        ("policy", rejected.policy),
        ("stalled", rejected.stalled),
        ("too_heavy", rejected.too_heavy),
        ("too_large", rejected.too_large),
    ]
}

/// The cache's figures. Reasons are named as metrics name them.
#[derive(Clone, Debug)]
pub(crate) struct CacheFigures {
    pub(crate) lookups: u64,
    pub(crate) hits: u64,
    /// Those of the hits that the store had.
    pub(crate) callback_hits: u64,
    pub(crate) misses: u64,
    pub(crate) expired: u64,
    pub(crate) refused: Vec<(&'static str, u64)>,
    pub(crate) inserts: u64,
    pub(crate) rejected: Vec<(&'static str, u64)>,
    pub(crate) departed: Vec<(&'static str, u64)>,
    pub(crate) key_rejected: Vec<(&'static str, u64)>,
    /// Departed sessions whose memory is not free yet.
    pub(crate) garbage: u64,
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    pub(crate) capacity: Option<u64>,
    pub(crate) capacity_bytes: Option<u64>,
}

impl CacheFigures {
    pub(crate) fn evictions(&self) -> u64 {
        self.departed("evicted")
    }

    pub(crate) fn replaced(&self) -> u64 {
        self.departed("replaced")
    }

    fn departed(&self, why: &str) -> u64 {
        self.departed.iter().find(|(name, _)| *name == why).map_or(0, |(_, count)| *count)
    }
}

/// Why there is no cache.
#[derive(Debug)]
#[non_exhaustive]
pub enum CacheError {
    /// The options contradict each other or ask for too much.
    Build(BuildError),
    /// The cache has no room for a context.
    Context(ContextError),
}

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(why) => write!(f, "cannot make the cache: {why}"),
            Self::Context(why) => write!(f, "cannot make the cache: {why}"),
        }
    }
}

impl std::error::Error for CacheError {}
