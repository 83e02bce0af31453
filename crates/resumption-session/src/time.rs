//! Instants and spans in nanoseconds, which saturate and never wrap.

use core::fmt;
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant: nanoseconds since the Unix epoch, good until the year 2554.
///
/// The unit is OpenSSL's own since 3.4 (`OSSL_TIME`). Sums saturate: the end of time stays the end
/// of time. There is no `now`: this crate reads no clock.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The Unix epoch, the first instant there is.
    pub const EPOCH: Self = Self(0);

    /// The last instant there is: what expires then never expires.
    pub const END_OF_TIME: Self = Self(u64::MAX);

    /// The instant `nanos` nanoseconds after the Unix epoch.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The instant `secs` seconds after the Unix epoch, or the end of time.
    pub const fn from_unix_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(NANOS_PER_SECOND))
    }

    /// The same instant; one before the epoch becomes the epoch.
    pub fn from_system_time(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(Lifetime::from_duration(since).0)
    }

    /// Nanoseconds since the Unix epoch.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    pub const fn as_unix_secs(self) -> u64 {
        self.0 / NANOS_PER_SECOND
    }

    /// The instant `span` later, or the end of time.
    ///
    /// OpenSSL: `ossl_time_add`, which saturates too.
    #[must_use]
    #[inline]
    pub const fn saturating_add(self, span: Lifetime) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The span from `earlier` to this instant; zero if `earlier` is the later one.
    #[inline]
    pub const fn saturating_since(self, earlier: Self) -> Lifetime {
        Lifetime(self.0.saturating_sub(earlier.0))
    }
}

/// A span: how long a session may be resumed, in nanoseconds.
///
/// *Timeout* is the word for configuration, *lifetime* for a session's own.
///
/// ```
/// use resumption_session::Lifetime;
///
/// assert_eq!(Lifetime::from_secs(7200).as_secs(), 7200);
/// // Saturates where OpenSSL's seconds wrap to a fraction of a second.
/// assert_eq!(Lifetime::from_secs(18_446_744_074), Lifetime::NEVER);
/// assert!(Lifetime::from_openssl_seconds(-1).is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Lifetime(u64);

impl Lifetime {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// The span that does not end: what lives so long never expires.
    pub const NEVER: Self = Self(u64::MAX);

    /// A span of `nanos` nanoseconds.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A span of `millis` milliseconds, or [`Lifetime::NEVER`] if that is more than fits.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// A span of `secs` seconds, or [`Lifetime::NEVER`] if that is more than fits (584 years).
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(NANOS_PER_SECOND))
    }

    /// A span as `SSL_CTX_set_timeout` and `SSL_SESSION_set_timeout` take it.
    ///
    /// # Errors
    /// [`NegativeLifetime`], the caller's fault. OpenSSL 4.0 reads -1 as "never", 3.0 as "at once".
    pub const fn from_openssl_seconds(secs: i64) -> Result<Self, NegativeLifetime> {
        if secs < 0 {
            return Err(NegativeLifetime { secs });
        }
        Ok(Self::from_secs(secs.unsigned_abs()))
    }

    /// The same span, or [`Lifetime::NEVER`] if it is more than fits.
    pub fn from_duration(span: Duration) -> Self {
        Self(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX))
    }

    /// Nanoseconds.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole seconds.
    pub const fn as_secs(self) -> u64 {
        self.0 / NANOS_PER_SECOND
    }

    /// The same span as the standard library has it.
    pub const fn as_duration(self) -> Duration {
        Duration::from_nanos(self.0)
    }

    /// Whether this is [`Lifetime::NEVER`].
    pub const fn is_never(self) -> bool {
        self.0 == u64::MAX
    }

    /// Whether this is [`Lifetime::ZERO`].
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl From<Duration> for Lifetime {
    fn from(span: Duration) -> Self {
        Self::from_duration(span)
    }
}

/// A negative number of seconds was given for a [`Lifetime`]: the caller's fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NegativeLifetime {
    secs: i64,
}

impl NegativeLifetime {
    /// What was given, in seconds.
    pub const fn given(&self) -> i64 {
        self.secs
    }
}

impl fmt::Display for NegativeLifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a lifetime of {} seconds, it cannot be negative", self.secs)
    }
}

impl core::error::Error for NegativeLifetime {}
