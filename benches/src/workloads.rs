//! What is measured: eight loops, the same for every peer.

mod worker;

pub(crate) use worker::{Tally, Work, Worker};

use crate::peers::Able;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// TLS 1.3 as rustls does it: take a session, store two tickets, of which one is never used.
    Churn,
    /// Look up sessions one after the other, each chosen by what the last one held.
    Dependent,
    /// Look up a session that is there: TLS 1.2, by session id.
    GetHit,
    /// Look up a random id that nobody stored: what an attacker sends for free.
    GetMiss,
    /// Every thread looks up the same session.
    HotKey,
    /// Store a session in a cache that is full, so that another one has to go.
    InsertFull,
    /// Nine lookups and one insert, at capacity.
    Mixed,
    /// Take a session and store the next one: TLS 1.3, where a ticket is used once.
    TakePut,
}

/// How full a peer is when a workload starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// At its capacity: each insert needs another session's place.
    Full,
    /// Half as much capacity again as sessions: a sharded peer bounds each shard, random ids do not
    /// fill shards evenly, and here nothing may be evicted.
    Spare,
}

impl Room {
    /// The capacity a peer is made with to hold `entries`.
    pub(crate) fn capacity(self, entries: usize) -> usize {
        match self {
            Self::Full => entries,
            Self::Spare => entries + entries / 2 + 64,
        }
    }
}

impl Workload {
    /// In the order in which one filled peer can go through them.
    pub(crate) const ALL: [Self; 8] = [
        Self::GetHit,
        Self::Dependent,
        Self::GetMiss,
        Self::HotKey,
        Self::TakePut,
        Self::Mixed,
        Self::Churn,
        Self::InsertFull,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Churn => "take + 2 puts",
            Self::Dependent => "get, dependent",
            Self::GetHit => "get, hit",
            Self::GetMiss => "get, miss",
            Self::HotKey => "get, hot key",
            Self::InsertFull => "insert when full",
            Self::Mixed => "90/10 at capacity",
            Self::TakePut => "take + put",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Churn => {
                "a resumed TLS 1.3 handshake: one session taken, two stored, at capacity"
            }
            Self::Dependent => "each lookup waits for what the last one found: the latency of one",
            Self::GetHit => "look up a session that is there, in place where the peer can",
            Self::GetMiss => "reject a random id",
            Self::HotKey => "every thread looks up the same session",
            Self::InsertFull => "store a session in a full cache, which lets another one go",
            Self::Mixed => "nine lookups, one insert that evicts",
            Self::TakePut => "take one session, store another under a fresh id",
        }
    }

    pub(crate) fn room(self) -> Room {
        match self {
            Self::Churn | Self::InsertFull | Self::Mixed => Room::Full,
            _ => Room::Spare,
        }
    }

    /// Whether it only reads.
    pub(crate) fn reads(self) -> bool {
        matches!(self, Self::Dependent | Self::GetHit | Self::GetMiss | Self::HotKey)
    }

    /// Whether a peer that is able to so much can do it with so many sessions held.
    pub(crate) fn possible(self, able: Able, entries: usize) -> bool {
        let takes = matches!(self, Self::Churn | Self::TakePut);
        (able.evict || self.room() == Room::Spare)
            && (able.write || self.reads())
            && (able.take_among_many || !takes || entries <= MANY)
    }
}

/// More sessions than this, and a peer that searches all of them is left out.
const MANY: usize = 2_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers;

    #[test]
    fn only_who_can_takes_part() {
        let taking_part = |workload: Workload, entries| -> Vec<_> {
            let all = peers::all().into_iter();
            all.filter(|peer| workload.possible(peer.able, entries)).map(|peer| peer.name).collect()
        };
        assert!(taking_part(Workload::Dependent, 10).contains(&peers::PROBE));
        assert!(!taking_part(Workload::TakePut, 10).contains(&peers::PROBE));
        assert!(taking_part(Workload::TakePut, 10).contains(&peers::SHARDED));
        assert!(!taking_part(Workload::Mixed, 10).contains(&peers::SHARDED));
        assert!(taking_part(Workload::TakePut, 10).contains(&"rustls' own"));
        assert!(!taking_part(Workload::TakePut, 10_000_000).contains(&"rustls' own"));
        assert!(taking_part(Workload::GetHit, 10_000_000).contains(&"rustls' own"));
    }
}
