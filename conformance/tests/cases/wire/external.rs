//! An external store: sessions as bytes, outside of the cache.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use resumption_cache::{ExternalTake, GetSession};
use resumption_session::{Session, SessionId, SessionIdContext, SessionView};

/// What a database would keep. Clones are the same store.
#[derive(Clone, Default)]
pub(crate) struct Store(Arc<Inner>);

#[derive(Default)]
struct Inner {
    sessions: Mutex<HashMap<SessionId, Session>>,
    asked: AtomicUsize,
}

impl Store {
    /// Keeps a copy of `session`, as bytes.
    pub(crate) fn keep(&self, session: &SessionView<'_>) {
        let bytes = session.encode().expect("a form that can leave the process");
        let (id, context) = (*session.id(), *session.context());
        let kept = Session::new(id, context, session.created(), session.lifetime(), bytes)
            .with_usage(session.usage())
            .with_authenticated_at(session.authenticated_at());
        let kept = match session.version() {
            Some(version) => kept.with_version(version),
            None => kept,
        };
        self.0.sessions.lock().unwrap().insert(id, kept);
    }

    pub(crate) fn forget(&self, id: &SessionId) {
        self.0.sessions.lock().unwrap().remove(id);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.sessions.lock().unwrap().len()
    }

    /// How often it was asked for a session.
    pub(crate) fn asked(&self) -> usize {
        self.0.asked.load(Ordering::Relaxed)
    }

    /// Copies of all that it has.
    pub(crate) fn copies(&self) -> Vec<Session> {
        self.0.sessions.lock().unwrap().values().map(|kept| kept.view().to_session()).collect()
    }
}

impl GetSession for Store {
    fn get(&self, _: &SessionIdContext, id: &SessionId) -> Option<Session> {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
        self.0.sessions.lock().unwrap().get(id).map(|kept| kept.view().to_session())
    }

    fn take(&self, _: &SessionIdContext, id: &SessionId) -> ExternalTake {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
        let taken = self.0.sessions.lock().unwrap().remove(id);
        taken.map_or(ExternalTake::Absent, ExternalTake::Taken)
    }
}
