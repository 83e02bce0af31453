//! An isolation context: where sessions are stored and looked up.

use core::fmt;
use std::sync::Arc;

use resumption_policy::{Asked, Timeouts};
use resumption_session::{ProtocolVersion, SessionIdContext, Timestamp, Usage};

use crate::cache::SessionCache;
use crate::contexts::{ContextState, Generation};
use crate::shared::Shared;
use crate::ways::Ways;

/// The sessions of one isolation context. Clones are the same context.
///
/// What is stored here is found here and nowhere else: another context of the same cache does not
/// see it, whatever the id.
///
/// # What every operation does besides
/// A step of housekeeping, when one is due: it looks at 64 places for expired and invalidated
/// sessions. What leaves is reported to the remove callback on this thread, when nothing is locked
/// or pinned any more.
#[derive(Clone)]
pub struct Context {
    pub(crate) shared: Arc<Shared>,
    pub(crate) state: Arc<ContextState>,
    version: Option<ProtocolVersion>,
    pub(crate) ways: Ways,
}

impl Context {
    pub(crate) fn new(shared: Arc<Shared>, state: Arc<ContextState>) -> Self {
        Self { shared, state, version: None, ways: Ways::default() }
    }

    /// The same context, for connections of this protocol version: a session that states another one
    /// is refused, and stays. Without this, the TLS stack checks the version itself.
    #[must_use]
    pub fn for_version(mut self, version: ProtocolVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// The bytes that name the context.
    pub fn bytes(&self) -> &SessionIdContext {
        self.state.bytes()
    }

    /// The protocol version that lookups here accept, if they check it.
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.version
    }

    /// The cache that the context belongs to.
    pub fn cache(&self) -> SessionCache {
        SessionCache { shared: Arc::clone(&self.shared) }
    }

    /// The time by the cache's clock. Create sessions with it: one that another clock dates after it
    /// is refused.
    #[inline]
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// The cache's timeout and caps. [`Timeouts::for_new_session`] is what to give to a new session.
    #[inline]
    pub fn timeouts(&self) -> Timeouts {
        self.shared.live.timeouts()
    }

    /// The current generation, for a handshake that begins now: what it inserts with
    /// [`Context::insert_negotiated_under`] is refused if the context is invalidated meanwhile.
    #[inline]
    pub fn generation(&self) -> Generation {
        Generation(self.state.scope())
    }

    /// Forgets every session of this context at once: after a change of policy, certificates or
    /// trust anchors. Those that handshakes under way are about to insert are not kept either, if their
    /// adapter says in which generation they began ([`Context::insert_negotiated_under`]).
    ///
    /// A lookup that begins after this has returned finds none of them, nor an older one through the
    /// get callback. They leave the cache by and by, reported as invalidated, so that external
    /// stores delete them too.
    ///
    /// # Cost
    /// Two atomic operations, however many sessions there are.
    pub fn invalidate(&self) {
        self.state.invalidate(self.now());
    }

    /// Whether a session of this version suits the connections that the context is for.
    #[inline]
    pub(crate) fn accepts_version(&self, version: Option<ProtocolVersion>) -> bool {
        self.asked(Usage::SingleUse).accepts_version(version)
    }

    #[inline]
    pub(crate) fn asked(&self, usage: Usage) -> Asked<'_> {
        Asked { context: self.state.bytes(), version: self.version, usage }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("bytes", self.bytes())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
