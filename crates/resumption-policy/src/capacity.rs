//! How much a cache may keep.

use core::fmt;
use core::num::{NonZeroU64, NonZeroUsize};

/// How much a cache may keep: a number of sessions, a number of bytes, or both.
///
/// A capacity of N sessions holds N. (OpenSSL since 3.0 holds N - 1.) The bytes count payloads and
/// the memory that each entry takes besides.
///
/// ```
/// use resumption_policy::Capacity;
/// use std::num::NonZeroUsize;
///
/// assert_eq!(Capacity::default().entries(), NonZeroUsize::new(20_480));
/// assert_eq!(Capacity::from_openssl(0), Ok(Capacity::unlimited()));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Capacity {
    entries: Option<NonZeroUsize>,
    bytes: Option<NonZeroU64>,
}

impl Capacity {
    /// What OpenSSL keeps by default: `SSL_SESSION_CACHE_MAX_SIZE_DEFAULT`, 20 480 sessions.
    pub const DEFAULT_ENTRIES: usize = 20_480;

    /// At most `entries` sessions.
    pub const fn of_entries(entries: NonZeroUsize) -> Self {
        Self { entries: Some(entries), bytes: None }
    }

    /// As many sessions as come; give it a bound in bytes, or memory is what runs out.
    pub const fn unlimited() -> Self {
        Self { entries: None, bytes: None }
    }

    /// The same, and at most `bytes` bytes.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: NonZeroU64) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// A capacity as `SSL_CTX_sess_set_cache_size` takes it: zero is unlimited.
    ///
    /// # Errors
    /// [`NegativeCapacity`], the caller's fault. OpenSSL ignores such a call.
    pub fn from_openssl(size: i64) -> Result<Self, NegativeCapacity> {
        if size < 0 {
            return Err(NegativeCapacity { size });
        }
        // More than the address space holds is as good as unlimited.
        let entries = usize::try_from(size).ok().and_then(NonZeroUsize::new);
        Ok(Self { entries, bytes: None })
    }

    /// The most sessions, as `SSL_CTX_sess_get_cache_size` gives it: zero is unlimited.
    pub fn to_openssl(&self) -> i64 {
        self.entries.map_or(0, |entries| i64::try_from(entries.get()).unwrap_or(i64::MAX))
    }

    /// The same bound in bytes with this many sessions, or with no bound on their number.
    #[must_use]
    pub const fn with_entries(mut self, entries: Option<NonZeroUsize>) -> Self {
        self.entries = entries;
        self
    }

    /// The most sessions, or `None` for no such bound.
    pub const fn entries(&self) -> Option<NonZeroUsize> {
        self.entries
    }

    /// The most bytes, or `None` for no such bound.
    pub const fn bytes(&self) -> Option<NonZeroU64> {
        self.bytes
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self { entries: NonZeroUsize::new(Self::DEFAULT_ENTRIES), bytes: None }
    }
}

/// A negative number of sessions was given for a [`Capacity`]: the caller's fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NegativeCapacity {
    size: i64,
}

impl NegativeCapacity {
    /// What was given.
    pub const fn given(&self) -> i64 {
        self.size
    }
}

impl fmt::Display for NegativeCapacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a capacity of {} sessions, it cannot be negative", self.size)
    }
}

impl core::error::Error for NegativeCapacity {}
