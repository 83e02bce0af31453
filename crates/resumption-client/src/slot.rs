//! The session of one connection: `SSL_set_session(3)` and its companions.

use core::fmt;

use resumption_cache::{Context, Role};
use resumption_policy::UncleanClose;
use resumption_session::ProtocolVersion;

use crate::held::HeldSession;
use crate::shutdown::ShutdownState;

/// How a handshake ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Established {
    /// In full. What was set before is let go, and the connection has a session of its own, unless that
    /// is still to come (TLS 1.3) or the other side keeps none.
    Full(Option<HeldSession>),
    /// With the session that is set.
    Resumed,
}

/// The session of one connection, of a client or a server.
///
/// It holds a reference to it, and removes it from the cache when it turns out to be bad: when a
/// connection that is open (the handshake is over, and [`ShutdownState::SENT`] is not set) is given
/// another session, cleared, or dropped.
///
/// ```
/// use resumption_cache::{CacheMode, Role, SessionCache};
/// use resumption_client::{Established, HeldSession, SessionSlot, ShutdownState};
/// use resumption_session::{SecretBytes, Session, SessionId, SessionIdContext};
///
/// let cache = SessionCache::builder().mode(CacheMode::BOTH).build()?;
/// let context = cache.context(SessionIdContext::new(b"mail")?)?;
/// let session = Session::new(
///     SessionId::from([7; 32]),
///     *context.bytes(),
///     context.now(),
///     context.timeouts().for_new_session(),
///     SecretBytes::new(b"what the TLS stack wants back".to_vec()),
/// );
/// context.insert_negotiated(Role::Client, session.view().to_session())?;
///
/// // A connection that resumes it, and ends as it should.
/// let session = HeldSession::new(session);
/// let mut slot = SessionSlot::new(context.clone(), Role::Client);
/// slot.set(Some(session.clone()));
/// slot.begin_handshake();
/// slot.established(Established::Resumed);
/// assert!(slot.is_reused());
/// slot.set_shutdown(ShutdownState::SENT);
/// drop(slot);
/// assert_eq!(cache.len(), 1);
///
/// // One that breaks off.
/// let mut slot = SessionSlot::new(context, Role::Client);
/// slot.set(Some(session.clone()));
/// slot.begin_handshake();
/// slot.established(Established::Resumed);
/// drop(slot);
/// assert_eq!(cache.len(), 0);
/// assert!(!session.is_resumable());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Concurrency
/// A connection is used by one thread at a time, and so is its slot. Removals call the cache's remove
/// callback, on this thread and with nothing locked.
pub struct SessionSlot {
    context: Context,
    role: Role,
    unclean_close: UncleanClose,
    session: Option<HeldSession>,
    origin: Origin,
    phase: Phase,
    reused: bool,
    shutdown: ShutdownState,
}

/// Where the session in the slot comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Origin {
    Made,
    Set,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// Before the handshake or in it: nothing that happens then says anything about the session.
    Beginning,
    Open,
}

impl SessionSlot {
    /// The slot of a connection whose sessions are cached in `context`.
    pub fn new(context: Context, role: Role) -> Self {
        Self {
            context,
            role,
            unclean_close: UncleanClose::Remove,
            session: None,
            origin: Origin::Set,
            phase: Phase::Beginning,
            reused: false,
            shutdown: ShutdownState::NONE,
        }
    }

    /// What becomes of the session when the connection ends without saying so.
    #[must_use]
    pub fn with_unclean_close(mut self, policy: UncleanClose) -> Self {
        self.unclean_close = policy;
        self
    }

    /// Sets the session to be used, or none, and gives the former one back. One whose connection is still
    /// open is bad, and leaves the cache. OpenSSL: `SSL_set_session`.
    pub fn set(&mut self, session: Option<HeldSession>) -> Option<HeldSession> {
        self.remove_if_bad();
        self.origin = Origin::Set;
        core::mem::replace(&mut self.session, session)
    }

    /// The session, borrowed. OpenSSL: `SSL_get0_session`, `SSL_get_session`.
    pub fn get0(&self) -> Option<&HeldSession> {
        self.session.as_ref()
    }

    /// The session, with a reference of its own: it outlives the connection, and its removal. OpenSSL:
    /// `SSL_get1_session`.
    pub fn get1(&self) -> Option<HeldSession> {
        self.session.clone()
    }

    /// Whether the handshake resumed the session that was set. OpenSSL: `SSL_session_reused`.
    pub fn is_reused(&self) -> bool {
        self.reused
    }

    /// The handshake begins: until it is over, no end of the connection is held against the session.
    pub fn begin_handshake(&mut self) {
        self.phase = Phase::Beginning;
    }

    /// The handshake is over, and the connection open.
    ///
    /// A client that has resumed a TLS 1.3 session removes it, under
    /// [`CacheMode::CLIENT`](resumption_cache::CacheMode::CLIENT): it is good for one time.
    pub fn established(&mut self, how: Established) {
        self.phase = Phase::Open;
        match how {
            Established::Full(session) => {
                self.reused = false;
                self.origin = Origin::Made;
                self.session = session;
            }
            Established::Resumed => {
                self.reused = self.session.is_some();
                if self.is_client_that_caches() && self.is_single_use() {
                    self.remove();
                }
            }
        }
    }

    /// The connection is given a session on top of the one it has: a TLS 1.3 ticket, which on a server it
    /// sends, or a new ticket for a session of before that version.
    ///
    /// The former one is let go and stays in the cache, since nothing is wrong with it; but a client's
    /// that was resumed before TLS 1.3 has been superseded, and is removed under
    /// [`CacheMode::CLIENT`](resumption_cache::CacheMode::CLIENT).
    pub fn renewed(&mut self, session: HeldSession) {
        let superseded = self.reused && !self.is_single_use() && self.origin == Origin::Set;
        if superseded && self.is_client_that_caches() {
            let same_id = self.session.as_ref().is_some_and(|former| former.id() == session.id());
            // Under its own id the new one has replaced it already.
            if !same_id {
                self.remove();
            }
        }
        self.session = Some(session);
        self.origin = Origin::Made;
    }

    /// What has been said of the connection's end. OpenSSL: `SSL_get_shutdown`.
    pub fn shutdown(&self) -> ShutdownState {
        self.shutdown
    }

    /// Says what has been said of the connection's end, whatever was said before; `close_notify` went out
    /// with [`ShutdownState::SENT`], and a quiet shutdown is [`ShutdownState::BOTH`]. OpenSSL:
    /// `SSL_set_shutdown`.
    pub fn set_shutdown(&mut self, state: ShutdownState) {
        self.shutdown = state;
    }

    /// This side has sent its `close_notify`. OpenSSL: `SSL_shutdown`.
    pub fn close_sent(&mut self) {
        self.shutdown = self.shutdown | ShutdownState::SENT;
    }

    /// The other side's `close_notify` has come. Of the session that alone says nothing: this side has
    /// to answer.
    pub fn close_received(&mut self) {
        self.shutdown = self.shutdown | ShutdownState::RECEIVED;
    }

    /// A fatal alert was sent or received: the session is bad, in the handshake too, and leaves the cache
    /// whatever the policy for unclean ends says (RFC 5246, section 7.2.2).
    pub fn fatal_alert(&mut self) {
        self.remove();
    }

    /// Makes the slot ready for another connection. A session that is good stays set, for that one to
    /// resume. OpenSSL: `SSL_clear`.
    pub fn clear(&mut self) {
        if self.remove_if_bad() {
            self.session = None;
        }
        self.origin = Origin::Set;
        self.phase = Phase::Beginning;
        self.reused = false;
        self.shutdown = ShutdownState::NONE;
    }

    /// OpenSSL: `ssl_clear_bad_session`. Says whether the session was bad.
    fn remove_if_bad(&mut self) -> bool {
        let bad = self.phase == Phase::Open && !self.shutdown.is_sent() && self.may_remove();
        if bad {
            self.remove();
        }
        bad
    }

    fn may_remove(&self) -> bool {
        match self.unclean_close {
            UncleanClose::Keep => false,
            UncleanClose::Remove => true,
            UncleanClose::RemoveOwn => self.origin == Origin::Made,
        }
    }

    /// Removes the session from the cache; the reference stays.
    fn remove(&self) {
        if let Some(session) = &self.session {
            session.revoke();
            self.context.remove(session.id());
        }
    }

    fn is_client_that_caches(&self) -> bool {
        self.role == Role::Client && self.context.cache().mode().stores(Role::Client)
    }

    fn is_single_use(&self) -> bool {
        let version = self.session.as_ref().and_then(|session| session.view().version());
        matches!(version, Some(ProtocolVersion::Tls13 | ProtocolVersion::Dtls13))
    }
}

impl Drop for SessionSlot {
    fn drop(&mut self) {
        self.remove_if_bad();
    }
}

impl fmt::Debug for SessionSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionSlot")
            .field("context", self.context.bytes())
            .field("role", &self.role)
            .field("session", &self.session)
            .field("reused", &self.reused)
            .field("shutdown", &self.shutdown)
            .finish_non_exhaustive()
    }
}
