//! What the operations of a cache answer.

use core::fmt;

use resumption_policy::Refusal;
use resumption_session::Session;

/// What a lookup led to. Each lookup is counted once, under one of these.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lookup<R> {
    /// The get callback had the session.
    CallbackHit(R),
    /// There was one, and its life is over; it has left the cache.
    Expired,
    /// The cache had the session.
    Hit(R),
    /// There is none: a full handshake.
    Miss,
    /// There was one, and it may not resume; it stays where it is. The handshake goes on in full,
    /// unless [`Lookup::is_fatal`].
    Refused(Refusal),
}

impl<R> Lookup<R> {
    /// The session, wherever it was found.
    pub fn hit(self) -> Option<R> {
        match self {
            Self::CallbackHit(found) | Self::Hit(found) => Some(found),
            Self::Expired | Self::Miss | Self::Refused(_) => None,
        }
    }

    /// Whether a session was found that may resume.
    pub const fn is_hit(&self) -> bool {
        matches!(self, Self::CallbackHit(_) | Self::Hit(_))
    }

    /// Whether the handshake must be aborted, and not go on in full: [`Refusal::is_fatal`].
    pub const fn is_fatal(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_fatal())
    }

    /// The same outcome, with something else made of the session.
    pub fn map<S>(self, f: impl FnOnce(R) -> S) -> Lookup<S> {
        match self {
            Self::CallbackHit(found) => Lookup::CallbackHit(f(found)),
            Self::Expired => Lookup::Expired,
            Self::Hit(found) => Lookup::Hit(f(found)),
            Self::Miss => Lookup::Miss,
            Self::Refused(refusal) => Lookup::Refused(refusal),
        }
    }

    /// A short lower-case name, for metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::CallbackHit(_) => "callback_hit",
            Self::Expired => "expired",
            Self::Hit(_) => "hit",
            Self::Miss => "miss",
            Self::Refused(_) => "refused",
        }
    }
}

/// What became of a session that was given to a cache.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Inserted {
    /// The new callback declined it, and it has left the cache again.
    Discarded,
    /// The mode keeps no negotiated session inside; the new callback, if there is one, was told.
    External,
    /// It is cached; there was none under its id.
    New,
    /// It is cached; another one under its id has left.
    Replaced,
    /// It was cached already and still is.
    Unchanged,
}

/// Why a session was not inserted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum InsertRefusal {
    /// There was no room, and nothing that could be evicted at once.
    Full,
    /// The policy says no.
    Refused(Refusal),
    /// A thread that stands still, or references held for long, keep what has left from being freed;
    /// memory does not grow instead.
    Stalled,
    /// The session is heavier than its part of the cache's bound in bytes.
    TooHeavy,
}

impl fmt::Display for InsertRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the cache has no room"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Stalled => f.write_str("departed sessions cannot be freed yet"),
            Self::TooHeavy => f.write_str("the session exceeds the cache's bound in bytes"),
        }
    }
}

impl core::error::Error for InsertRefusal {}

impl From<Refusal> for InsertRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A session was not inserted: the reason, and the session. Nothing is lost.
#[derive(Debug)]
pub struct InsertError {
    why: InsertRefusal,
    // Boxed, so that the common result of an insert is small.
    session: Box<Session>,
}

impl InsertError {
    pub(crate) fn new(why: InsertRefusal, session: Session) -> Self {
        Self { why, session: Box::new(session) }
    }

    /// The reason.
    pub fn why(&self) -> InsertRefusal {
        self.why
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The session, to keep.
    pub fn into_session(self) -> Session {
        *self.session
    }
}

impl fmt::Display for InsertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not inserted: {}", self.why)
    }
}

impl core::error::Error for InsertError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.why)
    }
}
