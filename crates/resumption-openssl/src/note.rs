//! What a connection writes on its own session object, for when libssl removes that object and does
//! not say which connection it was, nor why.

use std::sync::atomic::{AtomicBool, Ordering};

use resumption_cache::Context;
use resumption_session::SessionId;

/// Where the session of a connection comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The connection was resumed with it: it, or others under its id, may serve others too.
    Resumed,
    /// The connection made it.
    Own,
}

/// The note. Duplicates of the session, the cache's among them, have none.
///
/// One thread at a time drives a connection, so relaxed accesses suffice; the atomics are for whoever
/// shares a session object between threads.
pub(crate) struct Note {
    pub(crate) context: Context,
    pub(crate) id: SessionId,
    pub(crate) origin: Origin,
    established: AtomicBool,
    failed: AtomicBool,
    removed: AtomicBool,
}

impl Note {
    pub(crate) fn new(context: Context, id: SessionId, origin: Origin) -> Self {
        Self {
            context,
            id,
            origin,
            established: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            removed: AtomicBool::new(false),
        }
    }

    /// The handshake is over.
    pub(crate) fn establish(&self) {
        self.established.store(true, Ordering::Relaxed);
    }

    /// A fatal alert came.
    pub(crate) fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Whether libssl gives the session up because of a fatal alert, and not because the connection was
    /// closed without a `close_notify`: a handshake that ends early always ends in one.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed) || !self.established.load(Ordering::Relaxed)
    }

    /// Whether this is the first to remove the session.
    pub(crate) fn claim_removal(&self) -> bool {
        !self.removed.swap(true, Ordering::Relaxed)
    }
}
