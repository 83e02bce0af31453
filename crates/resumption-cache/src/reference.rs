//! A session that a lookup found.

use core::fmt;
use std::sync::Arc;

use resumption_map::Handle;
use resumption_session::{
    Lifetime, ProtocolVersion, SecretRef, Session, SessionId, SessionObject, SessionView,
    Timestamp, Usage,
};

use crate::contexts::ContextState;
use crate::record::Record;

/// A session that a lookup found: readable as long as this lives, whatever happens to the cache
/// meanwhile.
///
/// While it lives, a session that has left the cache keeps its place in memory. Hold it for a
/// handshake, not for hours.
///
/// # Cost
/// Making and dropping one is a locked instruction each; `get_with` has none.
#[derive(Clone)]
pub struct SessionRef<'c> {
    id: SessionId,
    state: &'c ContextState,
    held: Held<'c>,
}

#[derive(Clone)]
enum Held<'c> {
    /// An entry of the cache, or one that was.
    Entry(Handle<'c, Record>),
    /// The get callback's, which is not in the cache; it may be handed out again.
    Own(Arc<Session>),
    /// The get callback's, handed out once, or removed.
    Taken(Arc<Session>),
}

impl<'c> SessionRef<'c> {
    pub(crate) fn entry(
        id: SessionId,
        state: &'c ContextState,
        handle: Handle<'c, Record>,
    ) -> Self {
        Self { id, state, held: Held::Entry(handle) }
    }

    pub(crate) fn own(state: &'c ContextState, session: Session) -> Self {
        Self { id: *session.id(), state, held: Held::Own(session.into()) }
    }

    pub(crate) fn taken(state: &'c ContextState, session: Session) -> Self {
        Self { id: *session.id(), state, held: Held::Taken(session.into()) }
    }

    pub(crate) fn handle(&self) -> Option<&Handle<'c, Record>> {
        match &self.held {
            Held::Entry(handle) => Some(handle),
            Held::Own(_) | Held::Taken(_) => None,
        }
    }

    pub(crate) fn state(&self) -> &'c ContextState {
        self.state
    }

    /// The session. Its own [`SessionView::is_resumable`] is this one's at this moment.
    pub fn view(&self) -> SessionView<'_> {
        let view = self.view_for_the_taker();
        if self.is_resumable() { view } else { view.not_resumable() }
    }

    /// The session as it was when it was found: for whoever it was handed out to, it is resumable.
    pub(crate) fn view_for_the_taker(&self) -> SessionView<'_> {
        match &self.held {
            Held::Entry(handle) => handle.view(handle.bytes(), &self.id, self.state.bytes()),
            Held::Own(session) | Held::Taken(session) => session.view(),
        }
    }

    /// Whether a later handshake may resume it: false once it has left the cache, for whatever
    /// reason, and once its context was invalidated. What was taken is for the taker alone, so this
    /// is false for it from the start.
    ///
    /// OpenSSL: `SSL_SESSION_is_resumable`.
    pub fn is_resumable(&self) -> bool {
        match &self.held {
            Held::Entry(handle) => handle.is_live() && handle.scope() == self.state.scope(),
            Held::Own(session) => session.view().is_resumable(),
            Held::Taken(_) => false,
        }
    }

    /// Marks what the get callback found, and was never cached, as not resumable. An entry of the cache
    /// is marked by leaving it.
    pub(crate) fn mark_not_resumable(&mut self) {
        if let Held::Own(session) = &self.held {
            self.held = Held::Taken(Arc::clone(session));
        }
    }

    /// The id under which it was found.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// What the TLS stack needs to resume it; empty if that is an object.
    pub fn payload(&self) -> SecretRef<'_> {
        self.view().payload()
    }

    /// The TLS stack's own object, if the session is one.
    pub fn object(&self) -> Option<&Arc<dyn SessionObject>> {
        self.view_for_the_taker().object()
    }

    /// The protocol version, if the session states one.
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.view().version()
    }

    /// When its life began.
    pub fn created(&self) -> Timestamp {
        self.view().created()
    }

    /// How long its life is.
    pub fn lifetime(&self) -> Lifetime {
        self.view().lifetime()
    }

    /// When the full handshake took place from which it descends.
    pub fn authenticated_at(&self) -> Timestamp {
        self.view().authenticated_at()
    }

    /// How often it may be resumed.
    pub fn usage(&self) -> Usage {
        self.view().usage()
    }

    /// An owned copy, payload included; not resumable if this is not.
    pub fn to_session(&self) -> Session {
        self.view().to_session()
    }
}

impl fmt::Debug for SessionRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionRef").field(&self.view()).finish()
    }
}
