//! What the server counts itself; the cache counts the rest.

use std::sync::atomic::{AtomicU64, Ordering};

use super::stack::{Handshake, Kind, Refusal, Version};

/// Counts of connections and handshakes, shared by all tasks.
///
/// All accesses are relaxed: nothing else is read on the strength of a count.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    full: PerVersion,
    resumed: PerVersion,
    hosts: Vec<PerKind>,
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

#[derive(Debug, Default)]
struct PerKind {
    full: AtomicU64,
    resumed: AtomicU64,
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
    /// Counters for so many hosts.
    pub(super) fn new(hosts: usize) -> Self {
        Self {
            hosts: std::iter::repeat_with(PerKind::default).take(hosts).collect(),
            ..Self::default()
        }
    }

    pub(super) fn handshake(&self, handshake: Handshake) {
        let versions = match handshake.kind {
            Kind::Full => &self.full,
            Kind::Resumed => &self.resumed,
        };
        let counter = match handshake.version {
            Version::Tls12 => &versions.tls12,
            Version::Tls13 => &versions.tls13,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        if let Some(host) = self.hosts.get(handshake.host) {
            let counter = match handshake.kind {
                Kind::Full => &host.full,
                Kind::Resumed => &host.resumed,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Full and resumed handshakes of each host.
    pub(super) fn of_hosts(&self) -> Vec<(u64, u64)> {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        self.hosts.iter().map(|host| (read(&host.full), read(&host.resumed))).collect()
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
