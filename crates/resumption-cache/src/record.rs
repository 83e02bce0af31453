//! A session as the map keeps it.

use resumption_map::NewEntry;
use resumption_policy::Admission;
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, SessionView,
    Timestamp, Usage,
};

/// What an entry takes besides its payload: the map's two cache lines, and two bucket heads.
pub(crate) const ENTRY_OVERHEAD: u32 = 128 + 16;

/// A session without its id, which is the map's key, and without its context, whose number is in the
/// key's scope.
///
/// Not kept: whether the session is resumable. Only such sessions enter, and whoever leaves is known
/// to the map.
pub(crate) struct Record {
    created: Timestamp,
    lifetime: Lifetime,
    authenticated_at: Timestamp,
    payload: SecretBytes,
    version: Option<ProtocolVersion>,
    usage: Usage,
}

// With the map's own 64 bytes and its count, an entry is then two cache lines.
const _: () = assert!(size_of::<Record>() <= 56);

impl Record {
    pub(crate) fn new(session: Session) -> Self {
        let view = session.view();
        let (created, lifetime) = (view.created(), view.lifetime());
        let (authenticated_at, version, usage) =
            (view.authenticated_at(), view.version(), view.usage());
        Self {
            created,
            lifetime,
            authenticated_at,
            payload: session.into_payload(),
            version,
            usage,
        }
    }

    /// The map's entry for this record.
    pub(crate) fn admitted(self, admission: Admission) -> NewEntry<Self> {
        NewEntry {
            value: self,
            expires: admission.expires.as_nanos(),
            weight: admission.weight,
            credit: admission.credit,
        }
    }

    /// The session as everybody else sees it.
    #[inline]
    pub(crate) fn view<'a>(
        &'a self,
        id: &'a SessionId,
        context: &'a SessionIdContext,
    ) -> SessionView<'a> {
        SessionView::new(id, context, self.created, self.lifetime, &self.payload)
            .with_version(self.version)
            .with_usage(self.usage)
            .with_authenticated_at(self.authenticated_at)
    }

    /// The session again, after the map has refused it.
    pub(crate) fn into_session(self, id: SessionId, context: SessionIdContext) -> Session {
        let session = Session::new(id, context, self.created, self.lifetime, self.payload)
            .with_usage(self.usage)
            .with_authenticated_at(self.authenticated_at);
        match self.version {
            Some(version) => session.with_version(version),
            None => session,
        }
    }

    #[inline]
    pub(crate) fn created(&self) -> Timestamp {
        self.created
    }

    #[inline]
    pub(crate) fn version(&self) -> Option<ProtocolVersion> {
        self.version
    }

    #[inline]
    pub(crate) fn usage(&self) -> Usage {
        self.usage
    }
}
