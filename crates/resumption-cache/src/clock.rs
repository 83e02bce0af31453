//! The one place that time comes from.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use resumption_session::{Lifetime, Timestamp};

/// Tells a cache what time it is.
///
/// Must not step back: a clock that does lengthens the life of what is cached. (What would then have
/// been created in the future is refused.)
pub trait Clock: Send + Sync {
    /// The time, since the Unix epoch.
    fn now(&self) -> Timestamp;
}

/// How often the wall clock is consulted.
const RECHECK: u64 = 1_000_000_000;

/// The system's time, which never steps back.
///
/// It is the wall clock's at the start and goes on with the monotonic clock. Once a second it looks
/// at the wall clock again and follows it forward, as after a suspension or a correction, never
/// back: a wall clock that is set back lengthens no session's life.
///
/// # Cost
/// A read of the monotonic clock, some 20 ns; no system call on Linux.
pub struct SystemClock {
    start: Instant,
    // The wall clock's time at `start`, by what has been learnt since; only grows.
    base: AtomicU64,
    // When to look at the wall clock again, in nanoseconds since `start`.
    recheck: AtomicU64,
}

impl SystemClock {
    /// A clock that starts with the wall clock's time.
    pub fn new() -> Self {
        let clock = Self {
            start: Instant::now(),
            base: AtomicU64::new(0),
            recheck: AtomicU64::new(RECHECK),
        };
        clock.follow(0, Timestamp::from_system_time(SystemTime::now()));
        clock
    }

    /// Follows the wall clock forward, `elapsed` nanoseconds after the start.
    fn follow(&self, elapsed: u64, wall: Timestamp) {
        // Relaxed: a number that only grows, and publishes nothing else.
        self.base.fetch_max(wall.as_nanos().saturating_sub(elapsed), Ordering::Relaxed);
    }

    #[cold]
    fn consult_the_wall_clock(&self, elapsed: u64) {
        self.recheck.store(elapsed.saturating_add(RECHECK), Ordering::Relaxed);
        self.follow(elapsed, Timestamp::from_system_time(SystemTime::now()));
    }
}

impl Clock for SystemClock {
    #[inline]
    fn now(&self) -> Timestamp {
        // A lifetime saturates where the number of nanoseconds does not fit, 584 years from now.
        let elapsed = Lifetime::from_duration(self.start.elapsed()).as_nanos();
        if elapsed >= self.recheck.load(Ordering::Relaxed) {
            self.consult_the_wall_clock(elapsed);
        }
        Timestamp::from_nanos(self.base.load(Ordering::Relaxed).saturating_add(elapsed))
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SystemClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemClock").field("now", &self.now()).finish()
    }
}

/// A clock that stands still until it is told otherwise: for tests. Clones are the same clock.
///
/// ```
/// use resumption_cache::{Clock, ManualClock};
/// use resumption_session::{Lifetime, Timestamp};
///
/// let clock = ManualClock::new(Timestamp::from_unix_secs(1000));
/// let same = clock.clone();
/// clock.advance(Lifetime::from_secs(5));
/// assert_eq!(same.now(), Timestamp::from_unix_secs(1005));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock that stands at `at`.
    pub fn new(at: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(at.as_nanos())))
    }

    /// Moves the clock forward.
    pub fn advance(&self, span: Lifetime) {
        let later = |nanos| Some(Timestamp::from_nanos(nanos).saturating_add(span).as_nanos());
        // Cannot fail: the closure always has an answer.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
    }

    /// Puts the clock at `at`, even if that is back.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.as_nanos(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.load(Ordering::SeqCst))
    }
}

/// The clock of a cache: the usual one without the cost of a virtual call.
pub(crate) enum ClockSource {
    Other(Box<dyn Clock>),
    System(SystemClock),
}

impl ClockSource {
    #[inline]
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::Other(clock) => clock.now(),
            Self::System(clock) => clock.now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_follows_the_wall_clock_forward_and_never_back() {
        let clock = SystemClock::new();
        let start = clock.now();
        let hour = Lifetime::from_secs(3600);
        clock.follow(0, start.saturating_add(hour));
        let ahead = clock.now();
        assert!(ahead >= start.saturating_add(hour));
        clock.follow(0, start);
        assert!(clock.now() >= ahead);
    }

    #[test]
    fn the_system_clock_starts_at_the_wall_clock() {
        let before = Timestamp::from_system_time(SystemTime::now());
        let clock = SystemClock::new();
        let minute = Lifetime::from_secs(60);
        assert!(clock.now() >= before);
        assert!(
            clock.now() < Timestamp::from_system_time(SystemTime::now()).saturating_add(minute)
        );
    }

    #[test]
    fn a_due_look_at_the_wall_clock_changes_nothing_when_they_agree() {
        let clock = SystemClock::new();
        clock.recheck.store(0, Ordering::Relaxed);
        let first = clock.now();
        assert!(clock.recheck.load(Ordering::Relaxed) >= RECHECK);
        assert!(clock.now() >= first);
    }
}
