//! OpenSSL clients on the client's cache.
//!
//! libssl stores a client's sessions and never looks one up: the application says which to offer. Here
//! [`AttachedClient::prepare`] does, and what servers give is kept without anybody's doing:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use openssl::ssl::{Ssl, SslContext, SslMethod};
//! use resumption_cache::{CacheMode, ContextFingerprint, SessionCache};
//! use resumption_client::ClientCache;
//! use resumption_openssl::client::OpensslClient;
//!
//! let cache = ClientCache::new(SessionCache::builder().mode(CacheMode::CLIENT).build()?);
//! // All that a full handshake depends on: a resumed one verifies nothing again.
//! let fingerprint = ContextFingerprint::new()
//!     .and("role", "client")
//!     .and("trust anchors", "the company's")
//!     .finish();
//!
//! let mut context = SslContext::builder(SslMethod::tls_client())?;
//! // ... trust anchors, verification, certificate ...
//! let sessions = cache.configuration(fingerprint)?;
//! let attached = OpensslClient::builder(sessions).attach(&mut context)?;
//! let context = context.build();
//!
//! // For each connection, before its handshake:
//! let mut ssl = Ssl::new(&context)?;
//! ssl.set_hostname("www.example.org")?;
//! let offers = attached.prepare(&mut ssl, "www.example.org", 443)?;
//! assert!(!offers, "nothing is known of this server yet");
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//! * TLS 1.3 tickets are offered once each, the newest first; before that version, the one session with
//!   the server is offered until it expires.
//! * A ticket that the server gave no lifetime is dropped (RFC 8446, section 4.6.1), and nothing that has
//!   expired is offered: libssl does not see to either.
//! * Sessions are kept as `SSL_SESSION` objects of the cache's own, and a connection is given a duplicate:
//!   what an unclean close does to the session of a connection does not spoil the cached one.
//! * What was offered and resumed or refused is counted when the handshake is over
//!   ([`ClientStats`](resumption_client::ClientStats)), the handshakes themselves are (not renegotiations), and a session of before TLS 1.3 that was refused is
//!   forgotten.
//! * Sessions can outlive the process: what [`SessionView::encode`](resumption_session::SessionView::encode)
//!   gives is DER, and a session that is put into the cache as bytes is taken for that.
//! * A session of before TLS 1.3 is removed after a fatal alert, and after an unclean close if
//!   [`UncleanClose`] says so. A ticket is not: the connection it came from is not the one it is for.

use std::ffi::c_int;
use std::fmt;
use std::sync::{Arc, OnceLock};

use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{
    Ssl, SslContext, SslContextBuilder, SslContextRef, SslRef, SslSessionCacheMode, SslSessionRef,
};
use resumption_client::{
    Attempt, ClientSessions, Content, Outcome, ReceivedSession, ServerKey, Transport, UncleanClose,
};
use resumption_session::{Lifetime, ProtocolVersion, Session, SessionObject, Usage};

use crate::error::AttachError;
use crate::events::{HANDSHAKE_DONE, READ_ALERT, WRITE_ALERT, certificates, is_fatal};
use crate::ffi;
use crate::note::{Note, Origin};
use crate::object::{OpensslSession, whole_seconds};
use crate::version;

/// A client's cache for OpenSSL: what to attach to an [`SslContextBuilder`].
#[derive(Clone, Debug)]
pub struct OpensslClient {
    sessions: ClientSessions,
    transport: Transport,
    unclean_close: UncleanClose,
}

impl OpensslClient {
    /// The sessions of one client configuration, for connections over TCP. The methods that follow say
    /// what differs.
    pub fn builder(sessions: ClientSessions) -> Self {
        Self { sessions, transport: Transport::Tcp, unclean_close: UncleanClose::RemoveOwn }
    }

    /// What the connections run over.
    #[must_use]
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// What becomes of the session of before TLS 1.3 of a connection that is closed without a
    /// `close_notify`.
    #[must_use]
    pub fn unclean_close(mut self, policy: UncleanClose) -> Self {
        self.unclean_close = policy;
        self
    }

    /// Attaches the cache: from now on the sessions of all connections that are made of `builder` and
    /// [prepared](AttachedClient::prepare) are the cache's.
    ///
    /// The new, get and remove callbacks for sessions and the info callback are the adapter's afterwards,
    /// and so are the session cache mode and the session id context: do not set them again.
    ///
    /// # Errors
    /// [`AttachError`], and `builder` is as it was.
    pub fn attach(&self, builder: &mut SslContextBuilder) -> Result<AttachedClient, AttachError> {
        if let Some(name) = ffi::callback_taken(builder) {
            return Err(AttachError::CallbackTaken(name));
        }
        let owner = Adapter::index()?;
        Connection::index()?;
        // libssl breaks off where the server resumes a session of another context than the connection's.
        builder.set_session_id_context(self.sessions.fingerprint().as_bytes())?;
        // For sessions of before TLS 1.3 whose server states no lifetime.
        let timeout = self.sessions.context().timeouts().for_new_session();
        ffi::install(builder, whole_seconds(timeout));
        builder.set_session_cache_mode(
            SslSessionCacheMode::CLIENT
                | SslSessionCacheMode::NO_INTERNAL
                | SslSessionCacheMode::NO_AUTO_CLEAR,
        );
        let adapter = Arc::new(Adapter { options: self.clone() });
        builder.set_ex_data(owner, Arc::clone(&adapter));
        Ok(AttachedClient { adapter })
    }
}

/// A client's cache that is attached to an `SSL_CTX`. Clones are the same.
#[derive(Clone)]
pub struct AttachedClient {
    adapter: Arc<Adapter>,
}

impl AttachedClient {
    /// Makes a connection offer what there is for this server, and keep what the server gives; says
    /// whether it offers something. To be called before the handshake, with the name that the server is
    /// verified under. OpenSSL: `SSL_set_session`.
    ///
    /// # Errors
    /// [`PrepareError`]. When libssl takes no session, the connection has none, and may go on.
    /// # Cost
    /// A SHA-256 of the name, a lookup, and a duplicate of the session that is offered.
    pub fn prepare(&self, ssl: &mut SslRef, server: &str, port: u16) -> Result<bool, PrepareError> {
        let owner = ssl.ssl_context().ex_data(Adapter::index()?);
        if !owner.is_some_and(|owner| Arc::ptr_eq(owner, &self.adapter)) {
            return Err(PrepareError::OtherContext);
        }
        let index = Connection::index()?;
        let key = ServerKey::new(server, port, self.adapter.options.transport);
        let attempt = self.sessions().attempt(&key);
        let found = attempt.session();
        ssl.set_ex_data(index, Connection { attempt });
        let Some(session) = found else { return Ok(false) };
        let Some(object) = object(&session) else { return Ok(false) };
        let Some(offered) = OpensslSession::behind(&object) else { return Ok(false) };
        ffi::set_session(ssl, offered.session())?;
        if session.view().usage() == Usage::Reusable {
            leave_note(ssl, ssl.session(), Origin::Resumed);
        }
        Ok(true)
    }

    /// The sessions below.
    pub fn sessions(&self) -> &ClientSessions {
        &self.adapter.options.sessions
    }
}

impl fmt::Debug for AttachedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttachedClient").field("sessions", self.sessions()).finish_non_exhaustive()
    }
}

/// Why a connection was not prepared.
#[derive(Debug)]
#[non_exhaustive]
pub enum PrepareError {
    /// libssl refused.
    Openssl(ErrorStack),
    /// The connection is not of the `SSL_CTX` that the cache is attached to, and its configuration may be
    /// another one: the caller's fault.
    OtherContext,
}

impl fmt::Display for PrepareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Openssl(_) => "libssl did not take the session to offer",
            Self::OtherContext => "the connection is of an SSL_CTX without this cache",
        })
    }
}

impl std::error::Error for PrepareError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Openssl(error) => Some(error),
            Self::OtherContext => None,
        }
    }
}

impl From<ErrorStack> for PrepareError {
    fn from(error: ErrorStack) -> Self {
        Self::Openssl(error)
    }
}

/// What an `SSL_CTX` holds of the cache that is attached to it.
struct Adapter {
    options: OpensslClient,
}

impl Adapter {
    fn index() -> Result<Index<SslContext, Arc<Self>>, ErrorStack> {
        static INDEX: OnceLock<Index<SslContext, Arc<Adapter>>> = OnceLock::new();
        if let Some(index) = INDEX.get() {
            return Ok(*index);
        }
        let index = SslContext::new_ex_index()?;
        Ok(*INDEX.get_or_init(|| index))
    }
}

/// What a prepared connection remembers.
struct Connection {
    attempt: Attempt,
}

impl Connection {
    fn index() -> Result<Index<Ssl, Self>, ErrorStack> {
        static INDEX: OnceLock<Index<Ssl, Connection>> = OnceLock::new();
        if let Some(index) = INDEX.get() {
            return Ok(*index);
        }
        let index = Ssl::new_ex_index()?;
        Ok(*INDEX.get_or_init(|| index))
    }

    fn of(ssl: &SslRef) -> Option<&Self> {
        ssl.ex_data(Self::index().ok()?)
    }
}

/// The object of a session, which is bytes where the application put it into the cache as DER.
fn object(session: &Session) -> Option<Arc<dyn SessionObject>> {
    match session.object() {
        Some(object) => Some(Arc::clone(object)),
        None => Some(Arc::new(OpensslSession::from_der(session.payload().expose()).ok()?)),
    }
}

/// The server gave a session. OpenSSL: `SSL_CTX_sess_set_new_cb`.
pub(crate) fn received(ssl: &SslRef, session: &SslSessionRef) {
    if let Some(connection) = Connection::of(ssl) {
        // Before TLS 1.3, this comes before the handshake is said to be over: what follows a full one
        // begins a lineage of its own.
        connection.attempt.finished(outcome(ssl));
        keep(ssl, &connection.attempt, session);
    }
}

fn keep(ssl: &SslRef, attempt: &Attempt, session: &SslSessionRef) {
    let Some(version) = version::of_session(session) else { return };
    #[allow(clippy::useless_conversion, reason = "it has 32 bits on Windows")]
    let hint = Lifetime::from_secs(ffi::lifetime_hint(session).into());
    let timeouts = attempt.sessions().context().timeouts();
    let lifetime = if hint.is_zero() { timeouts.for_new_session() } else { hint };
    let name = ffi::server_name(session);
    let Some(copy) = OpensslSession::copy_of(session, name, lifetime, certificates(ssl)) else {
        return;
    };
    let received = ReceivedSession::new(version, hint, Content::Object(Arc::new(copy)));
    // Kept or not, the connection goes on; the cache has counted it.
    if attempt.received(received).is_ok() && is_reusable(version) {
        leave_note(ssl, Some(session), Origin::Own);
    }
}

/// Notes on a session of before TLS 1.3 what to remove when libssl gives it up.
fn leave_note(ssl: &SslRef, session: Option<&SslSessionRef>, origin: Origin) {
    if let (Some(connection), Some(session)) = (Connection::of(ssl), session) {
        let attempt = &connection.attempt;
        let context = attempt.sessions().context().clone();
        ffi::set_note(session, Note::new(context, attempt.server().reusable_id(), origin));
    }
}

/// Something happened on a client's connection. OpenSSL: `SSL_CTX_set_info_callback`.
pub(crate) fn info(ssl: &SslRef, event: c_int, value: c_int) {
    match event {
        HANDSHAKE_DONE => established(ssl),
        // libssl gives the session up just after the one and just before the other, and says no more
        // than for an unclean close.
        READ_ALERT | WRITE_ALERT if is_fatal(ssl, value) => {
            if let Some(note) = ssl.session().and_then(ffi::note) {
                remove(note);
            }
        }
        _ => (),
    }
}

fn established(ssl: &SslRef) {
    let Some(connection) = Connection::of(ssl) else { return };
    connection.attempt.finished(outcome(ssl));
    let Some(session) = ssl.session() else { return };
    if ssl.session_reused()
        && ffi::note(session).is_none()
        && version::of_session(session).is_some_and(is_reusable)
    {
        // Resumed before TLS 1.3 with a new ticket: libssl has made another session of it, has given up
        // the former one, and announces nothing.
        keep(ssl, &connection.attempt, session);
    }
}

/// Whether a session of this version is offered again and again.
fn is_reusable(version: ProtocolVersion) -> bool {
    !matches!(version, ProtocolVersion::Tls13 | ProtocolVersion::Dtls13)
}

fn outcome(ssl: &SslRef) -> Outcome {
    if ssl.session_reused() { Outcome::Resumed } else { Outcome::Full }
}

/// libssl gives a session up. OpenSSL: `SSL_CTX_sess_set_remove_cb`.
pub(crate) fn given_up(ctx: &SslContextRef, session: &SslSessionRef) {
    let Some(adapter) = Adapter::index().ok().and_then(|index| ctx.ex_data(index)) else { return };
    // Without a note, there is nothing in the cache that could be removed.
    let Some(note) = ffi::note(session) else { return };
    let removes = match adapter.options.unclean_close {
        UncleanClose::Keep => false,
        UncleanClose::Remove => true,
        UncleanClose::RemoveOwn => note.origin == Origin::Own,
    };
    if removes {
        remove(note);
    }
}

fn remove(note: &Note) {
    if note.claim_removal() {
        note.context.remove(&note.id);
    }
}
