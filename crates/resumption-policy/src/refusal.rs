//! Why a session may not enter or may not resume.

use core::fmt;

/// Why a session may not enter a cache, or may not resume although it was found.
///
/// Not a fault of anyone, except where a variant says so: the handshake goes on in full, unless
/// [`Refusal::is_fatal`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// Its life was over before it came.
    AlreadyExpired,
    /// The mode keeps no session of this role.
    CachingOff,
    /// It belongs to another isolation context.
    Context,
    /// It belongs to no context, and so does the server that was offered it, although that verifies
    /// clients: whom the session was made for cannot be told. The handshake must fail
    /// ([`Refusal::is_fatal`]). The caller's fault: give the server a context.
    ContextUninitialized,
    /// It was created after now, by more than clocks may differ: a wrong clock, or a forgery, would
    /// give it a longer life.
    FromTheFuture,
    /// It was marked as not resumable: removed, taken, or never meant to resume.
    NotResumable,
    /// A policy says no, whatever its own times say: its lineage has lasted too long, or its context
    /// was invalidated after it was created.
    Policy,
    /// It may be handed out once only, and was looked up in a way that leaves it in place: use
    /// `take`. The caller's fault.
    SingleUse,
    /// Its payload is larger than one session may be.
    TooLarge,
    /// It was made under another protocol version.
    Version,
    /// The get callback answered with a session of another id: the callback's fault.
    WrongId,
}

impl Refusal {
    /// Whether the handshake must be aborted instead of going on in full. OpenSSL:
    /// `SSL_R_SESSION_ID_CONTEXT_UNINITIALIZED`, the one such case.
    pub const fn is_fatal(self) -> bool {
        matches!(self, Self::ContextUninitialized)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyExpired => "the session is already expired",
            Self::CachingOff => "the cache mode keeps no such session",
            Self::Context => "the session belongs to another context",
            Self::ContextUninitialized => "the server verifies clients and has no context",
            Self::FromTheFuture => "the session was created after now",
            Self::NotResumable => "the session is not resumable",
            Self::Policy => "a policy does not let the session resume",
            Self::SingleUse => "the session is single-use and must be taken",
            Self::TooLarge => "the session is larger than the limit",
            Self::Version => "the session was made under another protocol version",
            Self::WrongId => "the get callback answered with another id",
        })
    }
}

impl core::error::Error for Refusal {}
