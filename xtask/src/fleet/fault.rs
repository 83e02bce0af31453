//! What can happen to a store: how each fault begins, goes on and ends, and what the counters must say of it.

use std::time::{Duration, Instant};

use super::counters::{ANSWERS, Counters, LOOKUP_FAILURES, PUT_FAILURES, REJECTED};
use super::lab::wait;
use super::proxy::Treatment;
use super::store::{ClockJump, Store};
use crate::failure::Failure;

/// How long most faults last.
const LASTS: Duration = Duration::from_secs(3);

/// How often a fault that is done to what lies in the store is done again.
const AGAIN: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// kill -9 of one of three primaries.
    Killed,
    /// SIGSTOP for two seconds.
    Stopped,
    /// Connections that end in the middle of a reply.
    Cut,
    /// No room, and no leave to forget.
    Full,
    /// Replies that are none.
    Garbage,
    /// Good replies with values that somebody else has written.
    Forged,
    /// The clock jumps back by an hour: nothing is forgotten in time.
    ClockBack,
    /// The clock jumps forward by an hour: everything is forgotten too early.
    ClockForward,
    /// A wrong password, from the start until it is right.
    Password,
    /// No server, from the start until there is one.
    Down,
}

/// A counter, what its labels have in them, and what it is called in the table.
type Sign = (&'static str, &'static str);

impl Fault {
    pub(crate) const ALL: [Self; 10] = [
        Self::Killed,
        Self::Stopped,
        Self::Cut,
        Self::Full,
        Self::Garbage,
        Self::Forged,
        Self::ClockBack,
        Self::ClockForward,
        Self::Password,
        Self::Down,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Killed => "kill -9 of a primary",
            Self::Stopped => "stopped for 2 s",
            Self::Cut => "cut in mid-reply",
            Self::Full => "full",
            Self::Garbage => "garbage replies",
            Self::Forged => "forged values",
            Self::ClockBack => "clock 1 h back",
            Self::ClockForward => "clock 1 h forward",
            Self::Password => "wrong password",
            Self::Down => "down at the start",
        }
    }

    /// The store, as the hosts find it.
    pub(crate) fn store(self) -> Result<Store, Failure> {
        match self {
            Self::Killed => Store::cluster(),
            Self::Password => Store::locked(),
            Self::Down => {
                let mut store = Store::one()?;
                store.kill();
                Ok(store)
            }
            _ => Store::one(),
        }
    }

    /// Whether nothing ever was well.
    pub(crate) fn is_there_from_the_start(self) -> bool {
        matches!(self, Self::Down | Self::Password)
    }

    /// How long sessions may be resumed: for the clock's faults, no longer than they last.
    pub(crate) fn timeout(self) -> Duration {
        match self {
            Self::ClockBack | Self::ClockForward => Self::SHORT_LIFE,
            _ => Duration::from_secs(2 * 3600),
        }
    }

    /// See [`Fault::timeout`].
    pub(crate) const SHORT_LIFE: Duration = Duration::from_secs(2);

    /// Begins, and lasts.
    pub(crate) fn strike(self, store: &mut Store) -> Result<(), Failure> {
        match self {
            Self::Killed => {
                store.kill();
                store.fail_over()?;
                // Until the hosts have found the new primary too.
                wait(Duration::from_secs(1));
            }
            Self::Stopped => {
                store.pause()?;
                wait(Duration::from_secs(2));
            }
            Self::Cut => {
                store.treat(Treatment::Cut)?;
                wait(LASTS);
            }
            Self::Full => {
                store.fill()?;
                wait(LASTS);
            }
            Self::Garbage => {
                store.treat(Treatment::Garble)?;
                wait(LASTS);
            }
            Self::Forged => again(LASTS, || store.forge())?,
            // Longer than the sessions that were made before it began.
            Self::ClockBack => again(LASTS + Self::SHORT_LIFE, || store.jump(ClockJump::Back))?,
            Self::ClockForward => again(LASTS, || store.jump(ClockJump::Forward))?,
            Self::Password | Self::Down => wait(LASTS),
        }
        Ok(())
    }

    /// Ends.
    pub(crate) fn heal(self, store: &mut Store) -> Result<(), Failure> {
        match self {
            Self::Killed | Self::Down => store.restart(),
            Self::Stopped => store.go_on(),
            Self::Cut | Self::Garbage => store.treat(Treatment::None),
            Self::Full => store.make_room(),
            Self::Forged | Self::ClockBack | Self::ClockForward => Ok(()),
            Self::Password => store.accept_the_wrong_password(),
        }
    }

    /// What must have been counted while it lasted: at least one of these.
    fn signs(self) -> &'static [Sign] {
        match self {
            Self::Killed => &[(LOOKUP_FAILURES, "unavailable"), (LOOKUP_FAILURES, "timed_out")],
            Self::Stopped => &[(LOOKUP_FAILURES, "timed_out")],
            Self::Cut => &[(LOOKUP_FAILURES, "malformed"), (LOOKUP_FAILURES, "unavailable")],
            Self::Down => &[(LOOKUP_FAILURES, "unavailable")],
            Self::Full => &[(PUT_FAILURES, "refused")],
            Self::Garbage => &[(LOOKUP_FAILURES, "malformed")],
            Self::Forged => &[(REJECTED, "moved"), (REJECTED, "forged"), (REJECTED, "not_a_seal")],
            Self::ClockBack => &[(REJECTED, "expired")],
            Self::ClockForward => &[(ANSWERS, "absent")],
            Self::Password => &[(LOOKUP_FAILURES, "refused")],
        }
    }

    /// Whether the counters told what happened.
    pub(crate) fn was_told(self, grown: &Counters) -> bool {
        let seen = |sign: &Sign| grown.sum(sign.0, sign.1) > 0;
        self.signs().iter().any(seen)
    }

    /// The breakers that must have opened: of lookups, of writes.
    pub(crate) fn opens(self) -> &'static [&'static str] {
        match self {
            Self::Cut | Self::Garbage | Self::Password | Self::Down => &["lookups", "writes"],
            // Writes that nobody answers fail batch by batch, after a quarter of a second each.
            Self::Stopped => &["lookups"],
            Self::Full => &["writes"],
            // Two thirds of a cluster go on, and a store that forgets or lies answers all the same.
            Self::Killed | Self::Forged | Self::ClockBack | Self::ClockForward => &[],
        }
    }

    /// Whether a store that goes through this may hand a session out twice. A primary takes the last
    /// deletions with it, see `docs/fleet.md`.
    pub(crate) fn may_forget_what_was_taken(self) -> bool {
        self == Self::Killed
    }
}

fn again(time: Duration, mut act: impl FnMut() -> Result<(), Failure>) -> Result<(), Failure> {
    let began = Instant::now();
    while began.elapsed() < time {
        act()?;
        wait(AGAIN);
    }
    Ok(())
}
