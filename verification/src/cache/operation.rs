//! What can be done to a cache: one enum for the property test and the fuzzer.

use resumption_cache::CacheMode;
use resumption_session::{ProtocolVersion, Usage};

/// How many bytes say one operation.
pub const SIZE: usize = 6;

/// How many contexts there are.
pub(super) const CONTEXTS: usize = 2;

/// How many ids there are in each.
const IDS: u8 = 24;

/// Where a session lies, and how it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which context.
    pub context: usize,
    /// Which id in it.
    pub id: u8,
    /// The version that the asking connection has, where the context checks it.
    pub version: Option<ProtocolVersion>,
}

/// Who inserts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The application, whatever the mode says of roles.
    Hand,
    /// A server's handshake.
    Server,
    /// A server's handshake that began when its context was last noted.
    ServerBegunBefore,
}

/// A new session, but for its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it goes; its version is this place's.
    pub place: Place,
    /// Seconds; `None` is the cache's own timeout.
    pub lifetime: Option<u8>,
    /// Seconds since it was created; negative ones are to come.
    pub age: i8,
    /// Bytes of its payload.
    pub payload: usize,
    /// How often it may resume.
    pub usage: Usage,
    /// Who inserts it.
    pub by: By,
}

/// One step. *Held* sessions are a queue of the caller's, the oldest in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Time passes.
    Advance {
        /// So many seconds.
        secs: u8,
    },
    /// `flush_all`.
    FlushAll,
    /// `flush_expired_at`.
    FlushAt {
        /// So many seconds from now; negative ones are past.
        secs: i8,
    },
    /// `flush_expired`.
    FlushExpired,
    /// `get`.
    Get(Place),
    /// `get_with`.
    GetWith(Place),
    /// `get`, and the session is held.
    Hold(Place),
    /// `insert` or `insert_negotiated`.
    Insert(Entry),
    /// `insert_again` of the session that a `get` finds.
    InsertAgain(Place),
    /// `insert_again` of the oldest session held, whatever became of it.
    InsertHeldAgain,
    /// `invalidate`.
    Invalidate {
        /// This context.
        context: usize,
    },
    /// `maintain`.
    Maintain,
    /// A handshake begins: `generation` of each context is noted.
    NoteGenerations,
    /// The oldest session held goes.
    Release,
    /// `remove`.
    Remove(Place),
    /// `set_capacity`: grow, shrink, or bound the bytes.
    SetCapacity {
        /// So many sessions; `None` is without limit.
        entries: Option<u8>,
        /// So many bytes; `None` is without limit.
        bytes: Option<u16>,
    },
    /// The clock is put back.
    SetBack {
        /// So many seconds.
        secs: u8,
    },
    /// `set_mode`.
    SetMode {
        /// To this one.
        mode: CacheMode,
    },
    /// `set_times`.
    SetTimes {
        /// Of the session here.
        place: Place,
        /// Seconds since it was created; negative ones are to come.
        age: i8,
        /// Seconds.
        lifetime: u8,
    },
    /// `set_timeout`.
    SetTimeout {
        /// So many seconds; zero is the default.
        secs: u8,
    },
    /// `take`.
    Take(Place),
    /// `take_with`.
    TakeWith(Place),
}

impl Operation {
    /// The operation that these bytes say. All bytes say something.
    pub fn from_bytes(bytes: [u8; SIZE]) -> Self {
        let [kind, at, asks, a, b, c] = bytes;
        let version = match asks % 8 {
            0 => Some(ProtocolVersion::Tls12),
            1 => Some(ProtocolVersion::Tls13),
            _ => None,
        };
        let context = usize::from(at & 1);
        let place = Place { context, id: (at >> 1) % IDS, version };
        let entry = Entry {
            place,
            lifetime: (a < 0xe0).then_some(a % 120),
            // Mostly from the past, sometimes from a second or two to come.
            age: i8::try_from(b % 64).unwrap_or(0) - 2,
            payload: 8 + usize::from(c) % 128,
            usage: if asks & 0x10 == 0 { Usage::Reusable } else { Usage::SingleUse },
            by: match asks >> 5 {
                0..5 => By::Hand,
                5 | 6 => By::Server,
                _ => By::ServerBegunBefore,
            },
        };
        match kind {
            0..0x0c => Self::Advance { secs: a % 30 },
            0x0c..0x0f => Self::FlushAll,
            0x0f..0x12 => Self::FlushExpired,
            0x12..0x14 => Self::FlushAt { secs: i8::from_le_bytes([a]) },
            0x14..0x2c => Self::Get(place),
            0x2c..0x30 => Self::SetTimes { place, age: entry.age, lifetime: c % 120 },
            0x30..0x44 => Self::GetWith(place),
            0x44..0x50 => Self::Hold(place),
            0x50..0xa0 => Self::Insert(entry),
            0xa0..0xa8 => Self::InsertAgain(place),
            0xa8..0xb0 => Self::InsertHeldAgain,
            0xb0..0xb4 => Self::Invalidate { context },
            0xb4..0xb8 => Self::Maintain,
            0xb8..0xbc => Self::NoteGenerations,
            0xbc..0xc0 => Self::Release,
            0xc0..0xd0 => Self::Remove(place),
            0xd0..0xd4 => Self::SetCapacity {
                entries: (a < 0xe0).then_some(1 + a % 20),
                bytes: (b < 0x40).then_some(400 + 16 * u16::from(c)),
            },
            0xd4..0xd6 => Self::SetBack { secs: a % 30 },
            0xd6..0xde => Self::SetMode { mode: mode(a) },
            0xde..0xe0 => Self::SetTimeout { secs: a },
            0xe0..0xf0 => Self::Take(place),
            0xf0.. => Self::TakeWith(place),
        }
    }

    /// As many operations as there are bytes for.
    pub fn all_from(bytes: &[u8]) -> impl Iterator<Item = Self> + '_ {
        bytes.chunks_exact(SIZE).filter_map(|bytes| bytes.try_into().ok().map(Self::from_bytes))
    }
}

fn mode(choice: u8) -> CacheMode {
    match choice % 10 {
        0 => CacheMode::BOTH,
        1 => CacheMode::CLIENT,
        2 => CacheMode::OFF,
        3 => CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR,
        4 => CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP,
        5 => CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE,
        6 | 7 => CacheMode::SERVER | CacheMode::UPDATE_TIME,
        _ => CacheMode::SERVER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_can_be_said() {
        let name = |operation: Operation| {
            let shown = format!("{operation:?}");
            shown.split([' ', '(']).next().map(str::to_owned)
        };
        let said: BTreeSet<_> =
            (0..=u8::MAX).map(|kind| name(Operation::from_bytes([kind, 1, 2, 3, 4, 5]))).collect();
        assert_eq!(said.len(), 22);
    }
}
