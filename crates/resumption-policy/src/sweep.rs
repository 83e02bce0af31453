//! When it is time to look for expired entries, and at how many places.

use resumption_session::{Lifetime, Timestamp};

/// Housekeeping in small steps, so that no operation pays for the whole table.
///
/// OpenSSL walks all expired sessions inside every 255th handshake. Here each operation may do one
/// step of [`SweepSchedule::STEP`] buckets, when one is due; the steps go round the table once a
/// lap. With fewer operations than steps a lap takes longer: an expired session then keeps its
/// memory, never its validity.
///
/// ```
/// use resumption_policy::SweepSchedule;
/// use resumption_session::Timestamp;
///
/// let schedule = SweepSchedule::default();
/// let at = Timestamp::from_unix_secs(1000);
/// let due = schedule.due(at, at, 6400).expect("the instant has come");
/// assert_eq!(due.buckets, 64);
/// // 100 steps in 10 s: the next one is due 100 ms later.
/// assert_eq!(due.next.saturating_since(at).as_nanos(), 100_000_000);
/// assert!(schedule.due(due.next, at, 6400).is_none());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SweepSchedule {
    lap: Lifetime,
}

/// One step of housekeeping.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Due {
    /// How many buckets to look at.
    pub buckets: usize,
    /// When the next step is due.
    pub next: Timestamp,
}

impl SweepSchedule {
    /// The buckets of one step: two to three microseconds when none of them is in a cache.
    pub const STEP: usize = 64;

    /// How long a lap takes by default: 10 s.
    pub const DEFAULT_LAP: Lifetime = Lifetime::from_secs(10);

    /// Once round the table in `lap`. [`Lifetime::NEVER`] means never.
    pub const fn new(lap: Lifetime) -> Self {
        Self { lap }
    }

    /// How long a lap takes when there are operations enough.
    pub const fn lap(&self) -> Lifetime {
        self.lap
    }

    /// The step to do at `now`, when the next one was due at `next` and there are `buckets` buckets.
    ///
    /// Being late makes up for at most one lap, a step an operation.
    pub fn due(&self, next: Timestamp, now: Timestamp, buckets: usize) -> Option<Due> {
        if now < next || self.lap.is_never() || buckets == 0 {
            return None;
        }
        let steps = buckets.div_ceil(Self::STEP);
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let interval = Lifetime::from_nanos((self.lap.as_nanos() / steps).max(1));
        let one_lap_ago = Timestamp::from_nanos(now.as_nanos().saturating_sub(self.lap.as_nanos()));
        Some(Due {
            buckets: buckets.min(Self::STEP),
            next: next.max(one_lap_ago).saturating_add(interval),
        })
    }
}

impl Default for SweepSchedule {
    fn default() -> Self {
        Self::new(Self::DEFAULT_LAP)
    }
}
