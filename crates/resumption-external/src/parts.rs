//! The callbacks. They look at the state and leave.

use std::sync::Arc;

use resumption_callbacks::{
    ExternalTake, GetSession, NewSession, Removal, RemoveSession, Retention,
};
use resumption_session::{Session, SessionId, SessionIdContext, SessionView};

use crate::kept::Kept;
use crate::name::Name;
use crate::options::Unasked;
use crate::shared::SharedSessions;
use crate::state::Taken;

/// Queues what was negotiated.
pub(crate) struct Learns(pub(crate) SharedSessions);

impl NewSession for Learns {
    fn new_session(&self, session: SessionView<'_>) -> Retention {
        let inner = &self.0.inner;
        let copy = Arc::new(Kept::new(session.to_session()));
        inner.with(|state, leaving| state.added(Name::of(&session), copy, leaving));
        inner.work.notify_one();
        Retention::Keep
    }
}

/// Answers with what lies ready.
pub(crate) struct Finds(pub(crate) SharedSessions);

impl GetSession for Finds {
    fn get(&self, context: &SessionIdContext, id: &SessionId) -> Option<Session> {
        let inner = &self.0.inner;
        let (name, until) = (Name::new(context, id), inner.latest_end());
        let found = inner.with(|state, leaving| state.get(&name, until, leaving))?;
        Some(found.session.view().to_session())
    }

    fn take(&self, context: &SessionIdContext, id: &SessionId) -> ExternalTake {
        let inner = &self.0.inner;
        let (name, until) = (Name::new(context, id), inner.latest_end());
        match inner.with(|state, leaving| state.take(&name, until, leaving)) {
            Taken::Absent => ExternalTake::Absent,
            Taken::Session(session) => ExternalTake::Taken(
                // Nobody else has it, but for a batch that is just ending.
                match Arc::try_unwrap(session) {
                    Ok(kept) => kept.session,
                    Err(shared) => shared.session.view().to_session(),
                },
            ),
            Taken::Unasked => match inner.options.unasked {
                Unasked::DecideLocally => ExternalTake::NotSupported,
                Unasked::FullHandshake => ExternalTake::Absent,
            },
        }
    }
}

/// Queues removals.
pub(crate) struct Removes(pub(crate) SharedSessions);

impl RemoveSession for Removes {
    fn remove_session(&self, removal: Removal<'_>) {
        if !removal.reason.deletes_externally() {
            return;
        }
        let inner = &self.0.inner;
        let latest = inner.latest_end();
        let until = removal.session.map_or(latest, |session| session.ends().min(latest));
        let name = Name::new(removal.context, removal.id);
        inner.with(|state, leaving| state.removed(name, removal.reason, until, leaving));
        inner.work.notify_one();
    }
}
