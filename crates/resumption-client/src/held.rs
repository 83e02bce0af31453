//! A session that connections hold.

use core::fmt;
use std::sync::Arc;

use resumption_session::{Session, SessionId, SessionObject, SessionView};

use crate::sync::{HintBool, Ordering};

/// A session that one or several connections hold, and the application: counted references to one object,
/// as those of an `SSL_SESSION`. It outlives its removal from any cache.
#[derive(Clone)]
pub struct HeldSession {
    shared: Arc<Held>,
}

struct Held {
    session: Session,
    // Relaxed: a word by itself, and a mark that is only ever set.
    revoked: HintBool,
}

impl HeldSession {
    /// The first reference to `session`.
    pub fn new(session: Session) -> Self {
        Self { shared: Arc::new(Held { session, revoked: HintBool::new(false) }) }
    }

    /// The session; not resumable any more if a connection that held it removed it.
    pub fn view(&self) -> SessionView<'_> {
        let view = self.shared.session.view();
        if self.shared.revoked.load(Ordering::Relaxed) { view.not_resumable() } else { view }
    }

    /// Whether it may be offered and resumed, as far as those who hold it know. OpenSSL:
    /// `SSL_SESSION_is_resumable`.
    pub fn is_resumable(&self) -> bool {
        self.view().is_resumable()
    }

    /// The id under which it is cached.
    pub fn id(&self) -> &SessionId {
        self.shared.session.id()
    }

    /// The TLS stack's own object, if the session is one.
    pub fn object(&self) -> Option<&Arc<dyn SessionObject>> {
        self.shared.session.object()
    }

    /// Whether both are references to one session object, and not only sessions of one id.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// How many references there are. OpenSSL counts them too, for `SSL_SESSION_free`.
    pub fn references(&self) -> usize {
        Arc::strong_count(&self.shared)
    }

    /// Marks it as one that must not be resumed, for all who hold it. OpenSSL: `not_resumable`.
    pub(crate) fn revoke(&self) {
        self.shared.revoked.store(true, Ordering::Relaxed);
    }
}

impl From<Session> for HeldSession {
    fn from(session: Session) -> Self {
        Self::new(session)
    }
}

impl fmt::Debug for HeldSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldSession").field(&self.view()).finish()
    }
}
