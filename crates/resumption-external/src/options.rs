//! What an operator decides.

use core::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use resumption_session::{Lifetime, Timestamp};

use crate::breaker::{Breaker, Rules};
use crate::queue;
use crate::timed::Bounds;

/// Whether the store is in use: a switch that can be thrown at run time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum StoreUse {
    /// Nothing is asked and nothing is written. Sessions are not queued; removals are, and written when
    /// it is on again.
    Off,
    /// Asked and written to.
    #[default]
    On,
}

/// What a take says of a session about which the store was not asked: nobody prefetched it, the breaker
/// is open, the store is switched off, or this handshake had asked often enough.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Unasked {
    /// The session is resumed if this process has it, as if there were no store. Another server may have
    /// taken it from the store, or may still: then a single-use session is used twice, here and there.
    /// Without 0-RTT that is what reusable sessions do anyway.
    DecideLocally,
    /// A full handshake: single use is once in the whole fleet, and costs resumptions while the store is
    /// away.
    #[default]
    FullHandshake,
}

/// How much of everything, and how long. Each limit has a default that suits a store on the same network.
#[derive(Clone)]
pub struct Options {
    pub(crate) deadline: Duration,
    pub(crate) write_deadline: Duration,
    pub(crate) lookups_per_handshake: u32,
    pub(crate) concurrent_lookups: usize,
    pub(crate) batch: usize,
    pub(crate) queue: queue::Bounds,
    pub(crate) stash: Bounds,
    pub(crate) absent: Bounds,
    pub(crate) breaker: Rules,
    pub(crate) longest_life: Lifetime,
    pub(crate) unasked: Unasked,
    pub(crate) now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Options {
    /// The defaults, each of which its method names.
    pub fn new() -> Self {
        Self {
            deadline: Duration::from_millis(20),
            write_deadline: Duration::from_millis(250),
            lookups_per_handshake: 1,
            concurrent_lookups: 256,
            batch: 128,
            queue: queue::Bounds { puts: 16_384, put_bytes: 16 << 20, removals: 65_536 },
            stash: Bounds { entries: 4_096, weight: 8 << 20, lifetime: Duration::from_secs(5) },
            absent: Bounds { entries: 4_096, weight: 0, lifetime: Duration::from_secs(1) },
            breaker: Rules {
                failures: Breaker::WINDOW / 4 * 3,
                pause: Duration::from_millis(100),
                longest_pause: Duration::from_secs(1),
            },
            longest_life: Lifetime::from_secs(7 * 24 * 3600),
            unasked: Unasked::default(),
            now: Arc::new(|| Timestamp::from_system_time(SystemTime::now())),
        }
    }

    /// How long a handshake waits for the store at most, all its lookups together: 20 ms.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long the writer waits for the answers to one batch: 250 ms.
    #[must_use]
    pub const fn write_deadline(mut self, deadline: Duration) -> Self {
        self.write_deadline = deadline;
        self
    }

    /// How many sessions a handshake may ask the store for: 1. A `ClientHello` can offer hundreds.
    #[must_use]
    pub const fn lookups_per_handshake(mut self, lookups: u32) -> Self {
        self.lookups_per_handshake = lookups;
        self
    }

    /// How many questions may be open at a time, all handshakes together: 256. What would be more is not
    /// asked, and counted.
    #[must_use]
    pub const fn concurrent_lookups(mut self, lookups: usize) -> Self {
        self.concurrent_lookups = lookups;
        self
    }

    /// How many sessions and how many removals are written together, at most: 128 of each, at least 1.
    /// With a store that writes them one after the other, take fewer: they share one deadline.
    #[must_use]
    pub fn batch(mut self, writes: usize) -> Self {
        self.batch = writes.max(1);
        self
    }

    /// How many sessions may wait to be written, and how many bytes of them: 16 384, 16 MiB. The oldest
    /// are dropped for the newest.
    #[must_use]
    pub const fn queued_puts(mut self, sessions: usize, bytes: usize) -> Self {
        self.queue.puts = sessions;
        self.queue.put_bytes = bytes;
        self
    }

    /// How many removals may wait to be written: 65 536, some 10 MiB. They wait apart from the sessions,
    /// so that no number of those displaces them. One half is kept from those of an invalidated context,
    /// which come all at once.
    #[must_use]
    pub const fn queued_removals(mut self, removals: usize) -> Self {
        self.queue.removals = removals;
        self
    }

    /// How many sessions may lie ready for a handshake, how many bytes of them, and for how long: 4 096,
    /// 8 MiB, 5 s. What nobody picks up is wiped.
    #[must_use]
    pub const fn stash(mut self, sessions: usize, bytes: usize, lifetime: Duration) -> Self {
        self.stash = Bounds { entries: sessions, weight: bytes, lifetime };
        self
    }

    /// How many sessions are remembered not to be in the store, and for how long: 4 096, 1 s.
    #[must_use]
    pub const fn known_absent(mut self, sessions: usize, lifetime: Duration) -> Self {
        self.absent.entries = sessions;
        self.absent.lifetime = lifetime;
        self
    }

    /// When the breakers open and for how long: at this many failures (1 to 32) among the last 32
    /// outcomes, for `pause` at first and up to `longest`: 24, 100 ms, 1 s. There is one for lookups and
    /// one for writes.
    ///
    /// Questions that are open at the same time fail together when the store pauses for a moment: the
    /// first pause is short, so that such a moment costs little. With a third of a cluster away, a third of
    /// the answers fail; that is to leave the breaker closed.
    #[must_use]
    pub fn breaker(mut self, failures: u32, pause: Duration, longest: Duration) -> Self {
        let failures = failures.clamp(1, Breaker::WINDOW);
        self.breaker = Rules { failures, pause, longest_pause: longest.max(pause) };
        self
    }

    /// How long a session may lie in the store at most, whatever its own life: 7 days, the most that
    /// TLS 1.3 allows (RFC 8446, section 4.6.1).
    #[must_use]
    pub const fn longest_life(mut self, life: Lifetime) -> Self {
        self.longest_life = life;
        self
    }

    /// What a take says of a session about which the store was not asked: [`Unasked::FullHandshake`].
    #[must_use]
    pub const fn unasked(mut self, unasked: Unasked) -> Self {
        self.unasked = unasked;
        self
    }

    /// What time it is, for the ends of sessions: the system's clock. Use the cache's.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.now = Arc::new(now);
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("deadline", &self.deadline)
            .field("write_deadline", &self.write_deadline)
            .field("lookups_per_handshake", &self.lookups_per_handshake)
            .field("concurrent_lookups", &self.concurrent_lookups)
            .field("batch", &self.batch)
            .field("queue", &self.queue)
            .field("stash", &self.stash)
            .field("absent", &self.absent)
            .field("breaker", &self.breaker)
            .field("longest_life", &self.longest_life)
            .field("unasked", &self.unasked)
            .finish_non_exhaustive()
    }
}
