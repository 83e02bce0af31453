//! Removing a session that the caller has, and not only its id.

use resumption_session::Session;

use crate::context::Context;
use crate::reference::SessionRef;

impl Context {
    /// Removes the session that has the id of this one, whether it is the same or another, and marks this
    /// one as not resumable, whether or not one was cached. Says whether one was. OpenSSL:
    /// `SSL_CTX_remove_session`, which also goes by the id.
    ///
    /// Otherwise as [`Context::remove`]: the remove callback is told of the cached session, or of the id
    /// alone when there was none.
    pub fn remove_session(&self, session: &mut Session) -> bool {
        session.mark_not_resumable();
        self.remove(session.id())
    }

    /// Removes the session that a lookup found, or whichever has its id by now. It is not resumable then,
    /// even if it was never cached. Otherwise as [`Context::remove`].
    ///
    /// If it is from another context or another cache, it stays there as it is; here its id is removed.
    pub fn remove_found(&self, session: &mut SessionRef<'_>) -> bool {
        if core::ptr::eq(session.state(), &raw const *self.state) {
            session.mark_not_resumable();
        }
        self.remove(session.id())
    }
}
