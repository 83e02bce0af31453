//! A session as the map keeps it.

use std::sync::Arc;

use resumption_map::{MapConfig, NewEntry};
use resumption_policy::Admission;
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, SecretRef, SessionId, SessionIdContext, SessionObject,
    SessionView, Timestamp, Usage,
};

/// The payloads that are kept in place unless the builder is told otherwise: a TLS stack's sessions fit
/// where no client certificate is among them. With the rest of an entry, five lines.
pub(crate) const PAYLOAD_IN_PLACE: usize = 200;

/// What an entry takes in the index: two bucket heads.
const HEADS: usize = 16;

/// A session without its id, which is the map's key, and without its context, whose number is in the
/// key's scope. Its payload lies behind it in the map's memory, if it fits there.
///
/// Not kept: whether the session is resumable. Only such sessions enter, and whoever leaves is known
/// to the map.
pub(crate) struct Record {
    created: Timestamp,
    lifetime: Lifetime,
    authenticated_at: Timestamp,
    /// What is not in place. One word, so that a payload that is costs no more than that.
    apart: Option<Box<Apart>>,
    version: Option<ProtocolVersion>,
    usage: Usage,
}

/// What a session has apart from its entry.
enum Apart {
    /// A payload that does not fit.
    Payload(SecretBytes),
    /// The TLS stack's own object.
    Object(Arc<dyn SessionObject>),
}

// With the map's own 80 bytes, an entry's payload then begins 120 bytes into it.
const _: () = assert!(size_of::<Record>() == 40);

/// What an entry takes, index included, with a payload that is kept in place.
pub(crate) fn entry_bytes(shape: &MapConfig) -> u32 {
    u32::try_from(shape.bytes_per_entry::<Record>() + HEADS).unwrap_or(u32::MAX)
}

impl Record {
    /// The record of a session, of whose payload only what does not fit in place is copied.
    #[inline]
    pub(crate) fn new(session: &SessionView<'_>, bytes_in_place: usize) -> Self {
        let payload = session.payload();
        let apart = match session.object() {
            None if payload.len() <= bytes_in_place => None,
            None => Some(Box::new(Apart::Payload(payload.duplicate()))),
            Some(object) => Some(Box::new(Apart::Object(Arc::clone(object)))),
        };
        Self {
            created: session.created(),
            lifetime: session.lifetime(),
            authenticated_at: session.authenticated_at(),
            apart,
            version: session.version(),
            usage: session.usage(),
        }
    }

    /// The map's entry for this record, made of `session`.
    #[inline]
    pub(crate) fn admitted<'a>(
        self,
        session: &SessionView<'a>,
        admission: Admission,
    ) -> NewEntry<'a, Self> {
        NewEntry {
            bytes: if self.apart.is_none() { session.payload().expose() } else { &[] },
            value: self,
            expires: admission.expires.as_nanos(),
            weight: admission.weight,
            credit: admission.credit,
        }
    }

    /// The session as everybody else sees it; `bytes` are those of its entry.
    #[inline]
    pub(crate) fn view<'a>(
        &'a self,
        bytes: &'a [u8],
        id: &'a SessionId,
        context: &'a SessionIdContext,
    ) -> SessionView<'a> {
        let (payload, object) = match self.apart.as_deref() {
            None => (SecretRef::new(bytes), None),
            Some(Apart::Payload(payload)) => (payload.as_secret(), None),
            Some(Apart::Object(object)) => (SecretRef::default(), Some(object)),
        };
        SessionView::new(id, context, self.created, self.lifetime, payload)
            .with_object(object)
            .with_version(self.version)
            .with_usage(self.usage)
            .with_authenticated_at(self.authenticated_at)
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
