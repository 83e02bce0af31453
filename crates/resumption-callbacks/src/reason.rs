//! What a remove callback is told.

use core::fmt;

use resumption_session::{SessionId, SessionIdContext, SessionView};

/// Why a session left a cache. Each departure has one reason and is reported once.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RemovalReason {
    /// There was no room.
    Evicted,
    /// It was too old.
    Expired,
    /// Everything was flushed.
    Flushed,
    /// Its context was invalidated: a policy, a certificate or a trust anchor changed.
    Invalidated,
    /// Somebody asked for it, or the new callback declined the session.
    Removed,
    /// Another session came under the same id.
    Replaced,
    /// The cache itself ended.
    ShutDown,
    /// It was handed out once.
    Taken,
}

impl RemovalReason {
    /// Whether an external store should delete its copy too.
    ///
    /// Only what must not resume any more goes everywhere: removed, taken and invalidated sessions.
    /// What left for want of room or memory here may well live on there, and expired sessions end
    /// by the store's own clock.
    pub const fn deletes_externally(self) -> bool {
        matches!(self, Self::Invalidated | Self::Removed | Self::Taken)
    }

    /// A short lower-case name, for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Evicted => "evicted",
            Self::Expired => "expired",
            Self::Flushed => "flushed",
            Self::Invalidated => "invalidated",
            Self::Removed => "removed",
            Self::Replaced => "replaced",
            Self::ShutDown => "shut_down",
            Self::Taken => "taken",
        }
    }
}

impl fmt::Display for RemovalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A departure, as a [`RemoveSession`](crate::RemoveSession) is told of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Removal<'a> {
    /// The isolation context.
    pub context: &'a SessionIdContext,
    /// The id.
    pub id: &'a SessionId,
    /// The session that left, or `None` when a removal was asked for and nothing was cached: a store
    /// may have it nevertheless.
    pub session: Option<SessionView<'a>>,
    /// Why it left.
    pub reason: RemovalReason,
}

impl<'a> Removal<'a> {
    /// The departure of `session`.
    pub fn of(session: SessionView<'a>, reason: RemovalReason) -> Self {
        Self { context: session.context(), id: session.id(), session: Some(session), reason }
    }

    /// A removal or a take that was asked for when nothing was cached.
    pub fn of_absent(
        context: &'a SessionIdContext,
        id: &'a SessionId,
        reason: RemovalReason,
    ) -> Self {
        Self { context, id, session: None, reason }
    }
}
