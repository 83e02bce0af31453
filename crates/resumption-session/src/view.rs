//! One resumable session, borrowed.

use std::sync::Arc;

use crate::{
    Lifetime, ProtocolVersion, SecretBytes, SecretRef, Session, SessionId, SessionIdContext,
    SessionObject, Timestamp, Usage,
};

/// A borrowed session: what callbacks, policies and lookups see.
///
/// Cheap to copy. `Debug` shows neither the payload nor the id.
#[derive(Clone, Copy, Debug)]
pub struct SessionView<'a> {
    id: &'a SessionId,
    context: &'a SessionIdContext,
    version: Option<ProtocolVersion>,
    created: Timestamp,
    lifetime: Lifetime,
    authenticated_at: Timestamp,
    usage: Usage,
    resumable: bool,
    payload: SecretRef<'a>,
    object: Option<&'a Arc<dyn SessionObject>>,
}

impl<'a> SessionView<'a> {
    /// A view of a session kept in parts; otherwise as [`Session::new`]. For whoever stores
    /// sessions in a form of its own.
    #[inline]
    pub fn new(
        id: &'a SessionId,
        context: &'a SessionIdContext,
        created: Timestamp,
        lifetime: Lifetime,
        payload: SecretRef<'a>,
    ) -> Self {
        Self {
            id,
            context,
            version: None,
            created,
            lifetime,
            authenticated_at: created,
            usage: Usage::Reusable,
            resumable: true,
            payload,
            object: None,
        }
    }

    /// A view of a session that is an object of the TLS stack; otherwise as [`Session::of_object`].
    pub fn of_object(
        id: &'a SessionId,
        context: &'a SessionIdContext,
        created: Timestamp,
        lifetime: Lifetime,
        object: &'a Arc<dyn SessionObject>,
    ) -> Self {
        Self::new(id, context, created, lifetime, SecretRef::default()).with_object(Some(object))
    }

    /// The same with this object of the TLS stack, or none.
    #[must_use]
    #[inline]
    pub fn with_object(mut self, object: Option<&'a Arc<dyn SessionObject>>) -> Self {
        self.object = object;
        self
    }

    /// The same with this protocol version, or none stated.
    #[must_use]
    #[inline]
    pub fn with_version(mut self, version: Option<ProtocolVersion>) -> Self {
        self.version = version;
        self
    }

    /// The same with this usage.
    #[must_use]
    #[inline]
    pub fn with_usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// The same with its creation moved to `created`; the life begins anew then, the lineage does not.
    #[must_use]
    #[inline]
    pub fn with_created(mut self, created: Timestamp) -> Self {
        self.created = created;
        self
    }

    /// The same with a life of this length.
    #[must_use]
    #[inline]
    pub fn with_lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// The same with this instant of the full handshake.
    #[must_use]
    #[inline]
    pub fn with_authenticated_at(mut self, at: Timestamp) -> Self {
        self.authenticated_at = at;
        self
    }

    /// The same, marked as one that must not be resumed.
    #[must_use]
    #[inline]
    pub fn not_resumable(mut self) -> Self {
        self.resumable = false;
        self
    }

    /// The id under which it is kept.
    #[inline]
    pub fn id(&self) -> &'a SessionId {
        self.id
    }

    /// The isolation context it belongs to.
    #[inline]
    pub fn context(&self) -> &'a SessionIdContext {
        self.context
    }

    /// The protocol version, or `None` where the TLS stack checks it itself.
    #[inline]
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.version
    }

    /// When its life began. OpenSSL: `SSL_SESSION_get_time`.
    #[inline]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// How long its life is. OpenSSL: `SSL_SESSION_get_timeout`.
    #[inline]
    pub fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// The last instant at which it may be resumed by its own account; a policy may end it sooner.
    #[inline]
    pub fn ends(&self) -> Timestamp {
        self.created.saturating_add(self.lifetime)
    }

    /// When the full handshake took place from which it descends.
    #[inline]
    pub fn authenticated_at(&self) -> Timestamp {
        self.authenticated_at
    }

    /// How often it may be resumed.
    #[inline]
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Whether it may be resumed at all. OpenSSL: `SSL_SESSION_is_resumable`.
    #[inline]
    pub fn is_resumable(&self) -> bool {
        self.resumable
    }

    /// What the TLS stack needs to resume it; empty if that is an object.
    #[inline]
    pub fn payload(&self) -> SecretRef<'a> {
        self.payload
    }

    /// The TLS stack's own object, if the session is one.
    #[inline]
    pub fn object(&self) -> Option<&'a Arc<dyn SessionObject>> {
        self.object
    }

    /// How many bytes of memory the payload or the object takes.
    #[inline]
    pub fn weight(&self) -> usize {
        match self.object {
            None => self.payload.len(),
            Some(object) => object.weight(),
        }
    }

    /// The session's secret as bytes for an external store: a copy of the payload, or the object's
    /// encoding. `None` if the object has none. OpenSSL: `i2d_SSL_SESSION`.
    pub fn encode(&self) -> Option<SecretBytes> {
        match self.object {
            None => Some(self.payload.duplicate()),
            Some(object) => object.encode(),
        }
    }

    /// An owned copy of the payload and all the rest; an object is shared. OpenSSL: `SSL_SESSION_dup`.
    pub fn to_session(&self) -> Session {
        let (id, context) = (*self.id, *self.context);
        let (created, lifetime) = (self.created, self.lifetime);
        let session = match self.object {
            None => Session::new(id, context, created, lifetime, self.payload.duplicate()),
            Some(object) => Session::of_object(id, context, created, lifetime, Arc::clone(object)),
        }
        .with_usage(self.usage)
        .with_authenticated_at(self.authenticated_at);
        let session = match self.version {
            Some(version) => session.with_version(version),
            None => session,
        };
        if self.resumable { session } else { session.not_resumable() }
    }
}
