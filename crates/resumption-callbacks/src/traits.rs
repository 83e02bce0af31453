//! What a cache tells and asks about sessions.

use resumption_session::{Session, SessionId, SessionIdContext, SessionView};

use crate::Removal;

/// What becomes of a new session in the cache.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retention {
    /// It leaves the cache at once. OpenSSL: the callback returns 0, as its manual has it.
    Discard,
    /// It stays where it is.
    Keep,
}

/// Hears of every session that was negotiated. OpenSSL: `SSL_CTX_sess_set_new_cb`.
///
/// Any `Fn(SessionView<'_>) -> Retention` is one.
pub trait NewSession: Send + Sync {
    /// `session` was negotiated and, unless the mode says otherwise, is in the cache already. Copy
    /// what is to be kept: [`SessionView::to_session`].
    fn new_session(&self, session: SessionView<'_>) -> Retention;
}

impl<F> NewSession for F
where
    F: Fn(SessionView<'_>) -> Retention + Send + Sync,
{
    fn new_session(&self, session: SessionView<'_>) -> Retention {
        self(session)
    }
}

/// Whether a session that was negotiated may ever be resumed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Resumability {
    /// It must not: it is not kept, and nobody hears of it.
    NotResumable,
    /// It may, as far as this goes.
    Resumable,
}

/// Decides whether a negotiated session may ever be resumed. OpenSSL:
/// `SSL_CTX_set_not_resumable_session_callback`.
///
/// Any `Fn(SessionView<'_>) -> Resumability` is one. Sessions that are inserted by hand, and those that a
/// get callback finds, are not asked for: whoever gives them has decided.
///
/// For one connection alone, mark the session: [`Session::not_resumable`].
pub trait AdmitSession: Send + Sync {
    /// `session` was negotiated, and would be kept.
    fn admit(&self, session: SessionView<'_>) -> Resumability;
}

impl<F> AdmitSession for F
where
    F: Fn(SessionView<'_>) -> Resumability + Send + Sync,
{
    fn admit(&self, session: SessionView<'_>) -> Resumability {
        self(session)
    }
}

/// What an external store says to a take.
#[derive(Debug)]
pub enum ExternalTake {
    /// The store has no such session, or has handed it out already.
    Absent,
    /// The store cannot hand a session out exactly once: the cache decides by itself.
    NotSupported,
    /// The session, which the store will hand to nobody else, ever.
    Taken(Session),
}

/// Finds sessions that the cache does not have. OpenSSL: `SSL_CTX_sess_set_get_cb`.
///
/// Any `Fn(&SessionIdContext, &SessionId) -> Option<Session>` is one, without `take`.
///
/// Whatever it answers is checked (id, context, version, times, mark) before it resumes anything or
/// enters the cache.
pub trait GetSession: Send + Sync {
    /// The session of `context` under `id`, or `None`. It stays where it is.
    ///
    /// Never asked for a single-use session: an answer of that usage is refused.
    fn get(&self, context: &SessionIdContext, id: &SessionId) -> Option<Session>;

    /// Hands the session of `context` under `id` out, at most once among all who share the store.
    ///
    /// # Security
    /// This is what makes a ticket single-use across a fleet. A store that answers anything but
    /// [`ExternalTake::NotSupported`] is the only judge of a take: the cache's own copy is
    /// discarded, never handed out, because another server may have taken the store's. A store that
    /// cannot read and delete in one step must not claim to: leave the default, and single-use
    /// sessions resume on the server that made them only.
    fn take(&self, context: &SessionIdContext, id: &SessionId) -> ExternalTake {
        let _ = (context, id);
        ExternalTake::NotSupported
    }
}

impl<F> GetSession for F
where
    F: Fn(&SessionIdContext, &SessionId) -> Option<Session> + Send + Sync,
{
    fn get(&self, context: &SessionIdContext, id: &SessionId) -> Option<Session> {
        self(context, id)
    }
}

/// Hears of every departure. OpenSSL: `SSL_CTX_sess_set_remove_cb`.
///
/// Any `Fn(Removal<'_>)` is one.
///
/// Must be idempotent: a removal that is asked for twice is told twice, and one may be told of an id
/// that it never heard of. Whether to delete from a store is
/// [`RemovalReason::deletes_externally`](crate::RemovalReason::deletes_externally).
///
/// # Security
/// A store that also answers [`GetSession::get`] must have deleted when this returns. Until then the
/// removed session can come back through a get.
pub trait RemoveSession: Send + Sync {
    /// A session left the cache, or was asked to and was not there.
    fn remove_session(&self, removal: Removal<'_>);
}

impl<F> RemoveSession for F
where
    F: Fn(Removal<'_>) + Send + Sync,
{
    fn remove_session(&self, removal: Removal<'_>) {
        self(removal);
    }
}
