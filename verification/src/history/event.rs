//! What happened to one key, as somebody saw it; and what a sequential map would do.

use resumption_map::Cause;

use crate::map::Spot;

/// From when to when, by the history's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Before the first step.
    pub began: u64,
    /// After the last step.
    pub ended: u64,
}

/// One thing that happened to one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Who saw it.
    pub thread: usize,
    /// The operation's interval; it took effect somewhere inside.
    pub when: Interval,
    /// The key.
    pub at: Spot,
    /// What was seen.
    pub call: Call,
}

/// What was seen. Every entry has a number of its own; `now` is the operation's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// A lookup, a take or a remove found nothing.
    Absent,
    /// An entry departed, as this operation reported.
    Departed {
        /// Which.
        number: u64,
        /// Why.
        cause: Cause,
        /// The operation's time.
        now: u64,
    },
    /// An object that is held was not in the map any more.
    Gone {
        /// Which.
        number: u64,
    },
    /// A lookup found an entry.
    Hit {
        /// Which.
        number: u64,
        /// The operation's time.
        now: u64,
    },
    /// An entry came.
    Inserted {
        /// Which.
        number: u64,
        /// Its last instant.
        expires: u64,
        /// The entry whose place it took without a gap.
        replaced: Option<u64>,
        /// The operation's time.
        now: u64,
    },
    /// An entry was in the map, expired or not.
    Still {
        /// Which.
        number: u64,
    },
    /// A take handed an entry out.
    Taken {
        /// Which.
        number: u64,
        /// The operation's time.
        now: u64,
    },
}

/// What a sequential map has for one key: an entry's number and its last instant.
pub(super) type State = Option<(u64, u64)>;

impl Call {
    /// What a sequential map has after this, if it would have shown the same.
    pub(super) fn apply(self, state: State) -> Option<State> {
        let is = |number| state.is_some_and(|(held, _)| held == number);
        let valid = |now| state.is_some_and(|(_, expires)| expires >= now);
        let (possible, after) = match self {
            Self::Absent => (state.is_none(), state),
            Self::Departed { number, cause, now } => {
                let fits = match cause {
                    Cause::Expired => !valid(now),
                    // Only removing asks no clock.
                    Cause::Removed => true,
                    _ => valid(now),
                };
                (is(number) && fits, None)
            }
            Self::Gone { number } => (!is(number), state),
            Self::Hit { number, now } => (is(number) && valid(now), state),
            Self::Inserted { number, expires, replaced, now } => {
                let fits = match replaced {
                    Some(old) => is(old) && valid(now),
                    None => state.is_none(),
                };
                (fits, Some((number, expires)))
            }
            Self::Still { number } => (is(number), state),
            Self::Taken { number, now } => (is(number) && valid(now), None),
        };
        possible.then_some(after)
    }

    /// The entry that departed, if one did.
    pub(super) fn departed(self) -> Option<u64> {
        match self {
            Self::Departed { number, .. } | Self::Taken { number, .. } => Some(number),
            Self::Inserted { replaced, .. } => replaced,
            _ => None,
        }
    }
}
