//! What the server counts itself; the cache counts the rest.

use std::sync::atomic::{AtomicU64, Ordering};

use super::stack::{Kind, Refusal, Version};

/// Counts of connections and handshakes, shared by all tasks.
///
/// All accesses are relaxed: nothing else is read on the strength of a count.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    full: PerVersion,
    resumed: PerVersion,
    abandoned: AtomicU64,
    refused: AtomicU64,
    timed_out: AtomicU64,
    upstream_failures: AtomicU64,
}

#[derive(Debug, Default)]
struct PerVersion {
    tls12: AtomicU64,
    tls13: AtomicU64,
}

/// Why a handshake did not finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandshakeFailure {
    /// There is no connection.
    Refusal(Refusal),
    /// It took longer than it may.
    TimedOut,
}

impl Counters {
    pub(super) fn handshake(&self, version: Version, kind: Kind) {
        let versions = match kind {
            Kind::Full => &self.full,
            Kind::Resumed => &self.resumed,
        };
        let counter = match version {
            Version::Tls12 => &versions.tls12,
            Version::Tls13 => &versions.tls13,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failure(&self, why: HandshakeFailure) {
        let counter = match why {
            HandshakeFailure::Refusal(Refusal::Abandoned) => &self.abandoned,
            HandshakeFailure::Refusal(Refusal::Refused) => &self.refused,
            HandshakeFailure::TimedOut => &self.timed_out,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn upstream_failure(&self) {
        self.upstream_failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Handshakes {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Handshakes {
            full12: read(&self.full.tls12),
            full13: read(&self.full.tls13),
            resumed12: read(&self.resumed.tls12),
            resumed13: read(&self.resumed.tls13),
            abandoned: read(&self.abandoned),
            refused: read(&self.refused),
            timed_out: read(&self.timed_out),
            upstream_failures: read(&self.upstream_failures),
        }
    }
}

/// The counters as they were at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Handshakes {
    pub(crate) full12: u64,
    pub(crate) full13: u64,
    pub(crate) resumed12: u64,
    pub(crate) resumed13: u64,
    pub(crate) abandoned: u64,
    pub(crate) refused: u64,
    pub(crate) timed_out: u64,
    pub(crate) upstream_failures: u64,
}

impl Handshakes {
    pub(crate) fn full(&self) -> u64 {
        self.full12 + self.full13
    }

    pub(crate) fn resumed(&self) -> u64 {
        self.resumed12 + self.resumed13
    }
}
