//! A session in one of our tables.

use resumption_session::Session;

/// A session and its weight, which is asked for once and outside of the lock: a session that is an object
/// answers with code of its TLS stack's adapter.
pub(crate) struct Kept {
    pub(crate) session: Session,
    weight: usize,
}

impl Kept {
    pub(crate) fn new(session: Session) -> Self {
        let weight = size_of::<Self>() + session.view().weight();
        Self { session, weight }
    }

    /// Bytes of memory.
    pub(crate) const fn weight(&self) -> usize {
        self.weight
    }
}
