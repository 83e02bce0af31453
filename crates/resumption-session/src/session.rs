//! One resumable session, owned.

use std::sync::Arc;

use crate::{
    Lifetime, ProtocolVersion, SecretBytes, SessionId, SessionIdContext, SessionObject,
    SessionView, Timestamp, Usage,
};

/// One resumable session: what identifies it, how long it lives, and the secret that resumes it.
///
/// Not `Clone`, because its payload is not; [`SessionView::to_session`] copies deliberately.
/// `Debug` shows neither the payload nor the id.
///
/// ```
/// use resumption_session::{
///     Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, Timestamp,
/// };
///
/// let session = Session::new(
///     SessionId::from([1; 32]),
///     SessionIdContext::EMPTY,
///     Timestamp::from_unix_secs(1_000_000),
///     Lifetime::from_secs(7200),
///     SecretBytes::new(b"what the TLS stack wants back".to_vec()),
/// )
/// .with_version(ProtocolVersion::Tls12);
/// assert_eq!(session.view().payload().expose().len(), 29);
/// ```
#[derive(Debug)]
pub struct Session {
    id: SessionId,
    context: SessionIdContext,
    version: Option<ProtocolVersion>,
    created: Timestamp,
    lifetime: Lifetime,
    authenticated_at: Timestamp,
    usage: Usage,
    resumable: bool,
    payload: SecretBytes,
    object: Option<Arc<dyn SessionObject>>,
}

impl Session {
    /// A session made at `created`, valid for `lifetime` from then on.
    ///
    /// It is reusable and resumable, of no stated version, and `created` counts as the instant of
    /// its full handshake; the `with_*` methods say otherwise.
    pub fn new(
        id: SessionId,
        context: SessionIdContext,
        created: Timestamp,
        lifetime: Lifetime,
        payload: SecretBytes,
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

    /// A session that is an object of the TLS stack, and has no payload; otherwise as [`Session::new`].
    pub fn of_object(
        id: SessionId,
        context: SessionIdContext,
        created: Timestamp,
        lifetime: Lifetime,
        object: Arc<dyn SessionObject>,
    ) -> Self {
        let object = Some(object);
        Self { object, ..Self::new(id, context, created, lifetime, SecretBytes::default()) }
    }

    /// States the protocol version, so that a lookup can check it. Without, the TLS stack that reads
    /// the payload checks it itself.
    #[must_use]
    pub fn with_version(mut self, version: ProtocolVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// Says how often the session may be resumed.
    #[must_use]
    pub fn with_usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// States the instant of the full handshake from which this session descends. A session issued
    /// on a resumed connection inherits it, so that resuming for ever does not avoid
    /// authentication for ever. As `auth_timeout` of Google's fork of OpenSSL.
    #[must_use]
    pub fn with_authenticated_at(mut self, at: Timestamp) -> Self {
        self.authenticated_at = at;
        self
    }

    /// Moves the creation to `created`; the life begins anew then, the lineage does not. OpenSSL:
    /// `SSL_SESSION_set_time` of a session that is in no cache.
    #[must_use]
    pub fn with_created(mut self, created: Timestamp) -> Self {
        self.created = created;
        self
    }

    /// Changes how long its life is, from its creation on. OpenSSL: `SSL_SESSION_set_timeout` of a
    /// session that is in no cache.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Marks the session as one that must not be resumed. OpenSSL: `not_resumable`.
    #[must_use]
    pub fn not_resumable(mut self) -> Self {
        self.mark_not_resumable();
        self
    }

    /// Marks the session as one that must not be resumed, in place; there is no way back.
    pub fn mark_not_resumable(&mut self) {
        self.resumable = false;
    }

    /// The borrowed form, by which everything else reads a session.
    #[inline]
    pub fn view(&self) -> SessionView<'_> {
        let view = SessionView::new(
            &self.id,
            &self.context,
            self.created,
            self.lifetime,
            self.payload.as_secret(),
        )
        .with_version(self.version)
        .with_usage(self.usage)
        .with_authenticated_at(self.authenticated_at)
        .with_object(self.object.as_ref());
        if self.resumable { view } else { view.not_resumable() }
    }

    /// The id under which it is kept.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// The isolation context it belongs to.
    pub fn context(&self) -> &SessionIdContext {
        &self.context
    }

    /// What the TLS stack needs to resume it; empty if that is an object.
    pub fn payload(&self) -> &SecretBytes {
        &self.payload
    }

    /// The TLS stack's own object, if the session is one.
    pub fn object(&self) -> Option<&Arc<dyn SessionObject>> {
        self.object.as_ref()
    }

    /// The payload alone; the rest is dropped. Does not copy.
    pub fn into_payload(self) -> SecretBytes {
        self.payload
    }
}
