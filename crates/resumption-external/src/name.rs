//! Which session: what the process knows it by, as opposed to its name in the store.

use resumption_session::{SessionId, SessionIdContext, SessionView};

/// A session's context and id. No `Debug`: an id is a bearer token.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub(crate) struct Name {
    pub(crate) context: SessionIdContext,
    pub(crate) id: SessionId,
}

impl Name {
    pub(crate) const fn new(context: &SessionIdContext, id: &SessionId) -> Self {
        Self { context: *context, id: *id }
    }

    pub(crate) fn of(session: &SessionView<'_>) -> Self {
        Self::new(session.context(), session.id())
    }
}
