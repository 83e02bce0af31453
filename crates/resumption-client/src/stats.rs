//! What a client's cache counts beside what the cache below counts.

use crate::sync::{HintU64, Ordering};

/// What a client's cache has done since it was made. The cache below counts entries: a lookup here may be
/// several there.
///
/// At rest, `lookups` = `found` + `expired` + `absent`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ClientStats {
    /// Questions for something to offer.
    pub lookups: u64,
    /// Those that got a session. OpenSSL counts a client's hit only when the server agrees: `reused`.
    pub found: u64,
    /// Those that got none because what there was had expired.
    pub expired: u64,
    /// Those that got none because there was none.
    pub absent: u64,
    /// Offered sessions that the server resumed, of the attempts that said so. OpenSSL:
    /// `SSL_CTX_sess_hits` of a client.
    pub reused: u64,
    /// Offered sessions that the server refused, of the attempts that said so. OpenSSL:
    /// `SSL_CTX_sess_misses` of a client.
    pub refused: u64,
    /// Sessions that servers gave and that are kept.
    pub stored: u64,
    /// Sessions that servers gave and that the cache below refused; it counts the reasons.
    pub rejected: u64,
    /// Tickets that servers gave with no lifetime, and that were dropped.
    pub without_lifetime: u64,
}

/// The counters. Relaxed: nothing else is read on the strength of a count. All threads share them: one
/// locked instruction is nothing beside a client's handshake.
#[derive(Default)]
pub(crate) struct Counters {
    found: HintU64,
    expired: HintU64,
    absent: HintU64,
    reused: HintU64,
    refused: HintU64,
    stored: HintU64,
    rejected: HintU64,
    without_lifetime: HintU64,
}

/// What there is to count.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Absent,
    Expired,
    Found,
    Refused,
    Rejected,
    Reused,
    Stored,
    WithoutLifetime,
}

impl Counters {
    pub(crate) fn one(&self, count: Count) {
        let counter = match count {
            Count::Absent => &self.absent,
            Count::Expired => &self.expired,
            Count::Found => &self.found,
            Count::Refused => &self.refused,
            Count::Rejected => &self.rejected,
            Count::Reused => &self.reused,
            Count::Stored => &self.stored,
            Count::WithoutLifetime => &self.without_lifetime,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> ClientStats {
        let read = |counter: &HintU64| counter.load(Ordering::Relaxed);
        let (found, expired, absent) = (read(&self.found), read(&self.expired), read(&self.absent));
        ClientStats {
            lookups: found.wrapping_add(expired).wrapping_add(absent),
            found,
            expired,
            absent,
            reused: read(&self.reused),
            refused: read(&self.refused),
            stored: read(&self.stored),
            rejected: read(&self.rejected),
            without_lifetime: read(&self.without_lifetime),
        }
    }
}
