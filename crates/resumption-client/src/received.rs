//! A session as a server gave it to the client.

use core::fmt;
use std::sync::Arc;

use resumption_cache::InsertRefusal;
use resumption_policy::Timeouts;
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, SecretRef, SessionId, SessionIdContext, SessionObject,
    SessionView, Timestamp, Usage,
};

/// What a TLS stack needs to offer a session.
#[derive(Debug)]
#[non_exhaustive]
pub enum Content {
    /// The session, encoded.
    Bytes(SecretBytes),
    /// The TLS stack's own object.
    Object(Arc<dyn SessionObject>),
}

/// A session that a server has just given to the client, to be kept.
#[derive(Debug)]
pub struct ReceivedSession {
    version: ProtocolVersion,
    hint: Lifetime,
    authenticated_at: Timestamp,
    content: Content,
}

impl ReceivedSession {
    /// A session of this protocol version, with the lifetime that the server gave it: `ticket_lifetime`
    /// of RFC 8446, section 4.6.1, and `ticket_lifetime_hint` of RFC 5077, section 3.3.
    ///
    /// What of TLS 1.3 (or DTLS 1.3) comes is a ticket, which is offered once. Before that version it is
    /// *the* session with its server, and a hint of zero says that the server states no lifetime: it is
    /// then the cache's timeout, as for a session without ticket.
    pub fn new(version: ProtocolVersion, hint: Lifetime, content: Content) -> Self {
        Self { version, hint, authenticated_at: Timestamp::END_OF_TIME, content }
    }

    /// States the instant of the full handshake from which the session descends, if that is not the one
    /// in which it was received: at that time the server's certificate was verified.
    #[must_use]
    pub fn with_authenticated_at(mut self, at: Timestamp) -> Self {
        self.authenticated_at = at;
        self
    }

    /// The same, of a lineage that began at `origin` or before.
    pub(crate) fn descended_from(mut self, origin: Timestamp) -> Self {
        self.authenticated_at = self.authenticated_at.min(origin);
        self
    }

    /// Whether it is a ticket that is offered once.
    pub(crate) fn usage(&self) -> Usage {
        match self.version {
            ProtocolVersion::Tls13 | ProtocolVersion::Dtls13 => Usage::SingleUse,
            _ => Usage::Reusable,
        }
    }

    /// How long to keep it.
    pub(crate) fn lifetime(&self, timeouts: &Timeouts) -> Result<Lifetime, NotKept> {
        let lifetime = match (self.usage(), self.hint.is_zero()) {
            (Usage::SingleUse, true) => return Err(NotKept::NoLifetime),
            (Usage::Reusable, true) => timeouts.for_new_session(),
            (_, false) => self.hint,
        };
        Ok(lifetime.min(Timeouts::WEEK))
    }

    /// The same as the cache sees it.
    pub(crate) fn view<'a>(
        &'a self,
        id: &'a SessionId,
        context: &'a SessionIdContext,
        now: Timestamp,
        lifetime: Lifetime,
    ) -> SessionView<'a> {
        let (payload, object) = match &self.content {
            Content::Bytes(bytes) => (bytes.as_secret(), None),
            Content::Object(object) => (SecretRef::default(), Some(object)),
        };
        SessionView::new(id, context, now, lifetime, payload)
            .with_object(object)
            .with_version(Some(self.version))
            .with_usage(self.usage())
            .with_authenticated_at(self.authenticated_at.min(now))
    }
}

/// Why a session that a server gave is not kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum NotKept {
    /// The cache below refused it: it has no room, or its mode keeps no sessions of clients.
    Cache(InsertRefusal),
    /// It is a ticket that the server gave no lifetime, which is to be thrown away (RFC 8446, section
    /// 4.6.1). No fault of anybody's.
    NoLifetime,
}

impl From<InsertRefusal> for NotKept {
    fn from(refusal: InsertRefusal) -> Self {
        Self::Cache(refusal)
    }
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cache(_) => f.write_str("the cache does not keep the session"),
            Self::NoLifetime => f.write_str("a ticket of no lifetime is not kept"),
        }
    }
}

impl core::error::Error for NotKept {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Cache(refusal) => Some(refusal),
            Self::NoLifetime => None,
        }
    }
}
