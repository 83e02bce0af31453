//! The one place that time comes from.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use resumption_session::{Lifetime, Timestamp};
#[cfg(target_os = "linux")]
use rustix::time::ClockId;

/// Tells a cache what time it is.
///
/// Must not step back: a clock that does lengthens the life of what is cached. (What would then have
/// been created in the future is refused.)
pub trait Clock: Send + Sync {
    /// The time, since the Unix epoch.
    fn now(&self) -> Timestamp;
}

/// How often the wall clock is consulted, in nanoseconds.
const RECHECK: u64 = 1_000_000_000;

/// The system's time, which never steps back.
///
/// It is the wall clock's at the start and goes on with the monotonic clock. Once a second it looks
/// at the wall clock again and follows it forward, as after a suspension or a correction, never
/// back: a wall clock that is set back lengthens no session's life.
///
/// # Cost
/// [`SystemClock::new`] reads the coarse monotonic clock where there is one (Linux): 5 ns, exact to
/// the kernel's tick of 1 to 10 ms, by which a session may outlive its end. [`SystemClock::precise`]
/// reads the precise one: 25 ns. No system call either way.
pub struct SystemClock {
    source: Source,
    // The wall clock's time when the source was at zero, by what has been learnt since; only grows.
    base: AtomicU64,
    // When to look at the wall clock again, by the source.
    recheck: AtomicU64,
}

/// A clock that runs on evenly, from wherever it began.
enum Source {
    #[cfg(target_os = "linux")]
    Coarse,
    Precise(Instant),
}

impl Source {
    /// Nanoseconds since it began.
    #[inline]
    fn now(&self) -> u64 {
        match self {
            #[cfg(target_os = "linux")]
            Self::Coarse => coarse(ClockId::MonotonicCoarse),
            Self::Precise(start) => {
                let elapsed = start.elapsed();
                // Wraps 584 years from now.
                elapsed
                    .as_secs()
                    .wrapping_mul(1_000_000_000)
                    .wrapping_add(u64::from(elapsed.subsec_nanos()))
            }
        }
    }
}

impl Source {
    /// What the wall clock says, and when that was by this source.
    ///
    /// The coarse clocks tick together, so that at one tick their difference is the same for whoever
    /// reads both: clocks of one machine then agree, and none finds another's sessions in the future.
    fn with_the_wall_clock(&self) -> (u64, Timestamp) {
        match self {
            #[cfg(target_os = "linux")]
            Self::Coarse => loop {
                let at = self.now();
                let wall = coarse(ClockId::RealtimeCoarse);
                if self.now() == at {
                    return (at, Timestamp::from_nanos(wall));
                }
            },
            Self::Precise(_) => (self.now(), Timestamp::from_system_time(SystemTime::now())),
        }
    }
}

/// A coarse clock's nanoseconds.
#[cfg(target_os = "linux")]
#[inline]
fn coarse(clock: ClockId) -> u64 {
    let time = rustix::time::clock_gettime(clock);
    // Neither is ever negative: before 1970 no kernel runs.
    time.tv_sec.unsigned_abs().wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec.unsigned_abs())
}

impl SystemClock {
    /// A clock that starts with the wall clock's time, as exact as the kernel's tick.
    pub fn new() -> Self {
        #[cfg(target_os = "linux")]
        let source = Source::Coarse;
        #[cfg(not(target_os = "linux"))]
        let source = Source::Precise(Instant::now());
        Self::on(source)
    }

    /// A clock that starts with the wall clock's time, as exact as the system allows.
    pub fn precise() -> Self {
        Self::on(Source::Precise(Instant::now()))
    }

    fn on(source: Source) -> Self {
        let clock = Self { source, base: AtomicU64::new(0), recheck: AtomicU64::new(0) };
        clock.consult_the_wall_clock();
        clock
    }

    /// Follows the wall clock forward, which says `wall` when the source says `at`.
    fn follow(&self, at: u64, wall: Timestamp) {
        // Relaxed: a number that only grows, and publishes nothing else.
        self.base.fetch_max(wall.as_nanos().saturating_sub(at), Ordering::Relaxed);
    }

    #[cold]
    fn consult_the_wall_clock(&self) {
        let (at, wall) = self.source.with_the_wall_clock();
        self.recheck.store(at.saturating_add(RECHECK), Ordering::Relaxed);
        self.follow(at, wall);
    }
}

impl Clock for SystemClock {
    #[inline]
    fn now(&self) -> Timestamp {
        let at = self.source.now();
        if at >= self.recheck.load(Ordering::Relaxed) {
            self.consult_the_wall_clock();
        }
        Timestamp::from_nanos(self.base.load(Ordering::Relaxed).saturating_add(at))
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
        let _ = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, later);
    }

    /// Puts the clock at `at`, even if that is back.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.as_nanos(), Ordering::Release);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.load(Ordering::Acquire))
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

    const MINUTE: Lifetime = Lifetime::from_secs(60);

    fn both() -> [SystemClock; 2] {
        [SystemClock::new(), SystemClock::precise()]
    }

    #[test]
    fn the_system_clock_follows_the_wall_clock_forward_and_never_back() {
        for clock in both() {
            let start = clock.now();
            clock.follow(clock.source.now(), start.saturating_add(MINUTE));
            let ahead = clock.now();
            assert!(ahead >= start.saturating_add(MINUTE));
            clock.follow(clock.source.now(), start);
            assert!(clock.now() >= ahead);
        }
    }

    #[test]
    fn the_system_clock_starts_at_the_wall_clock() {
        for clock in both() {
            let wall = Timestamp::from_system_time(SystemTime::now());
            let off = wall.saturating_since(clock.now()).max(clock.now().saturating_since(wall));
            assert!(off < MINUTE, "{off:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn clocks_of_one_machine_agree() {
        let first = SystemClock::new();
        let mut bases = vec![first.base.load(Ordering::Relaxed)];
        for _tick in 0..5 {
            let seen = first.now();
            while first.now() == seen {
                std::hint::spin_loop();
            }
            bases.push(SystemClock::new().base.load(Ordering::Relaxed));
        }
        // But for what a time server corrects meanwhile.
        let spread = bases.iter().max().expect("some") - bases.iter().min().expect("some");
        assert!(spread < 100_000, "{spread} ns apart");
    }

    #[test]
    fn a_due_look_at_the_wall_clock_follows_it() {
        for clock in both() {
            let hour_behind = clock.base.load(Ordering::Relaxed) - 60 * MINUTE.as_nanos();
            clock.base.store(hour_behind, Ordering::Relaxed);
            let behind = clock.now();
            clock.recheck.store(0, Ordering::Relaxed);
            assert!(clock.now() >= behind.saturating_add(MINUTE));
            assert!(clock.recheck.load(Ordering::Relaxed) > 0);
        }
    }

    #[test]
    fn time_passes() {
        for clock in both() {
            let start = clock.now();
            while clock.now() == start {
                std::hint::spin_loop();
            }
            assert!(clock.now() > start);
        }
    }
}
