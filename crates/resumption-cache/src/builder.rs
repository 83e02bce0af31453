//! How a cache is made.

use core::fmt;
use core::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;

use resumption_callbacks::{Callbacks, Registry};
use resumption_map::{ConfigError, Map, MapConfig};
use resumption_policy::{CacheMode, Capacity, Limits, SweepSchedule, Timeouts};

use crate::cache::SessionCache;
use crate::clock::{Clock, ClockSource, SystemClock};
use crate::contexts::ContextTable;
use crate::counters::Counters;
use crate::record::{PAYLOAD_IN_PLACE, entry_bytes};
use crate::shared::{Live, NextSweep, Shared};
use crate::stamps::Stamps;
use crate::sync::HintU64;

/// Where a bound in bytes is so small that a shard's part would hold fewer of the largest sessions
/// than this, there are fewer shards.
const SESSIONS_PER_SHARD: u64 = 8;

/// Collects the configuration of a [`SessionCache`]. The defaults are OpenSSL's: 20 480 sessions,
/// 7200 s, server mode, no callbacks.
///
/// ```
/// use resumption_cache::SessionCache;
/// use resumption_policy::Capacity;
/// use std::num::NonZeroUsize;
///
/// let hundred_thousand = NonZeroUsize::new(100_000).expect("not zero");
/// let cache = SessionCache::builder().capacity(Capacity::of_entries(hundred_thousand)).build()?;
/// assert!(cache.is_empty());
/// # Ok::<(), resumption_cache::BuildError>(())
/// ```
pub struct CacheBuilder {
    capacity: Capacity,
    expected: Option<usize>,
    shards: Option<usize>,
    payload_in_place: usize,
    mode: CacheMode,
    timeouts: Timeouts,
    limits: Limits,
    schedule: SweepSchedule,
    callbacks: Callbacks,
    clock: Option<Box<dyn Clock>>,
}

impl CacheBuilder {
    pub(crate) fn new() -> Self {
        Self {
            capacity: Capacity::default(),
            expected: None,
            shards: None,
            payload_in_place: PAYLOAD_IN_PLACE,
            mode: CacheMode::default(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            schedule: SweepSchedule::default(),
            callbacks: Callbacks::none(),
            clock: None,
        }
    }

    /// How much is kept.
    #[must_use]
    pub fn capacity(mut self, capacity: Capacity) -> Self {
        self.capacity = capacity;
        self
    }

    /// How many sessions to lay the index out for, where the capacity does not say or is about to
    /// grow: 16 bytes each.
    #[must_use]
    pub fn expected(mut self, sessions: usize) -> Self {
        self.expected = Some(sessions);
        self
    }

    /// How many shards, instead of what suits the number of CPUs.
    #[must_use]
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = Some(shards);
        self
    }

    /// The largest payload that is kept in place, in the same piece of memory as the rest of its entry:
    /// 200 bytes unless stated otherwise. An entry takes 136 bytes and this room, rounded up so that all
    /// but 16 bytes are whole cache lines of 64; a larger payload takes memory of its own besides.
    ///
    /// Worth setting to what the TLS stack makes. rustls' sessions have about 80 bytes without client
    /// certificates: with 136, an entry is four cache lines instead of five.
    #[must_use]
    pub fn payload_in_place(mut self, bytes: usize) -> Self {
        self.payload_in_place = bytes;
        self
    }

    /// What the cache does by itself.
    #[must_use]
    pub fn mode(mut self, mode: CacheMode) -> Self {
        self.mode = mode;
        self
    }

    /// How long sessions live.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// What one session may take.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How fast housekeeping goes round.
    #[must_use]
    pub fn sweep(mut self, schedule: SweepSchedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// The callbacks at the start.
    #[must_use]
    pub fn callbacks(mut self, callbacks: Callbacks) -> Self {
        self.callbacks = callbacks;
        self
    }

    /// Where the time comes from, instead of a [`SystemClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Makes the cache.
    ///
    /// # Errors
    /// [`BuildError`] when the shape is impossible.
    /// # Cost
    /// Allocates the index, 16 bytes for each session of the capacity or of what is expected.
    pub fn build(self) -> Result<SessionCache, BuildError> {
        let shape = self.shape();
        let map = Map::new(shape)?;
        if map.capacity() != self.capacity.entries() {
            // Laid out for more than it may hold yet.
            map.set_capacity(self.capacity.entries());
        }
        let bytes_in_place = map.bytes_in_place();
        let clock = match self.clock {
            Some(clock) => ClockSource::Other(clock),
            None => ClockSource::System(SystemClock::new()),
        };
        let shared = Shared {
            map,
            contexts: ContextTable::new(),
            callbacks: Registry::new(self.callbacks),
            counters: Counters::new(),
            clock,
            stamps: Stamps::default(),
            schedule: self.schedule,
            live: Live::new(
                self.mode,
                self.timeouts,
                self.limits,
                self.capacity,
                entry_bytes(&shape),
                bytes_in_place,
            ),
            next_sweep: NextSweep(HintU64::new(0)),
        };
        shared.schedule_sweeps(shared.now());
        Ok(SessionCache { shared: Arc::new(shared) })
    }

    fn shape(&self) -> MapConfig {
        let entries = self.capacity.entries();
        let expected = self.laid_out_for();
        let shape = match entries {
            Some(entries) if entries.get() == expected => MapConfig::bounded(entries),
            _ => MapConfig::unbounded(expected),
        };
        let bytes = self.capacity.bytes().map(NonZeroU64::get);
        let shape = shape.weight_limit(bytes).bytes_in_place(self.payload_in_place);
        match (self.shards, bytes) {
            (Some(shards), _) => shape.shards(shards),
            (None, Some(bytes)) => shape.at_most_shards(self.most_shards_for(bytes, &shape)),
            (None, None) => shape,
        }
    }

    /// How many sessions to lay the index out for.
    fn laid_out_for(&self) -> usize {
        let entries = self.capacity.entries().map(NonZeroUsize::get);
        match (entries, self.expected) {
            (Some(entries), Some(expected)) => entries.max(expected),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => Capacity::DEFAULT_ENTRIES,
        }
    }

    /// Each shard gets an equal part of a bound in bytes, which should be enough for several sessions
    /// as large as the limits allow.
    fn most_shards_for(&self, bytes: u64, shape: &MapConfig) -> usize {
        let largest = (self.limits.max_payload() as u64).saturating_add(entry_bytes(shape).into());
        usize::try_from(bytes / largest / SESSIONS_PER_SHARD).unwrap_or(usize::MAX)
    }
}

impl fmt::Debug for CacheBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("capacity", &self.capacity)
            .field("mode", &self.mode)
            .field("timeouts", &self.timeouts)
            .field("callbacks", &self.callbacks)
            .finish_non_exhaustive()
    }
}

/// Why a cache cannot be made: the caller's fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BuildError {
    /// The number of shards is not a power of two from 1 to 256.
    Shards {
        /// What was asked for.
        shards: usize,
    },
    /// The capacity, or what is expected, is more than an index can be laid out for.
    TooLarge,
}

impl From<ConfigError> for BuildError {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Shards { shards } => Self::Shards { shards },
            _ => Self::TooLarge,
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shards { shards } => {
                write!(f, "{shards} shards: not a power of two from 1 to 256")
            }
            Self::TooLarge => f.write_str("more sessions than an index can be laid out for"),
        }
    }
}

impl core::error::Error for BuildError {}
