//! The cache as a server attaches it to its `SSL_CTX`.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};

use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{
    SslContext, SslContextBuilder, SslContextRef, SslOptions, SslRef, SslSessionRef, SslVerifyMode,
};
use resumption_cache::{Context, UncleanClose};
use resumption_session::SessionId;

use crate::connection::Connection;
use crate::error::AttachError;
use crate::ffi;
use crate::object::whole_seconds;
use crate::stats::{AdapterStats, Counters};

/// `SSL_OP_NO_ANTI_REPLAY`, which has no name in the `openssl` crate.
const NO_ANTI_REPLAY: SslOptions = SslOptions::from_bits_retain(1 << 24);

/// What a TLS 1.3 client gets to come back with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tickets {
    /// The id of a session in the cache, good for one resumption (RFC 8446, section C.4).
    #[default]
    Stateful,
    /// The same, good until it expires. Where early data is accepted, still for one resumption only:
    /// nothing else keeps it from being replayed.
    StatefulReusable,
    /// The session itself, encrypted by libssl: nothing of TLS 1.3 is cached, nor of TLS 1.2 where the
    /// client knows tickets. Early data must be off then: libssl resumes nothing at all otherwise.
    Stateless,
}

/// Whether a session resumes for another server name than it was made for, of those that share a
/// context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerNames {
    /// It does not (RFC 6066, section 3).
    #[default]
    Apart,
    /// It does: for names that are one server in every respect.
    Together,
}

type NotResumable = dyn Fn(&SslRef) -> bool + Send + Sync;

/// A cache for the sessions of OpenSSL servers: what to attach to an [`SslContextBuilder`].
///
/// See the [crate's documentation](crate) for an example and for what attaching changes.
#[derive(Clone)]
pub struct OpensslCache {
    context: Context,
    options: Options,
}

#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) unclean_close: UncleanClose,
    pub(crate) tickets: Tickets,
    pub(crate) server_names: ServerNames,
    pub(crate) lookups: NonZeroU32,
    pub(crate) not_resumable: Option<Arc<NotResumable>>,
}

impl OpensslCache {
    /// Lookups that a handshake may cost unless said otherwise. Honest clients offer one session, or
    /// two; one `ClientHello` of 64 KB can offer 900.
    pub const DEFAULT_LOOKUPS: NonZeroU32 = NonZeroU32::new(4).unwrap();

    /// The sessions of `context`. The methods that follow say what differs from the defaults.
    pub fn builder(context: Context) -> Self {
        let options = Options {
            unclean_close: UncleanClose::RemoveOwn,
            tickets: Tickets::default(),
            server_names: ServerNames::default(),
            lookups: Self::DEFAULT_LOOKUPS,
            not_resumable: None,
        };
        Self { context, options }
    }

    /// What an unclean close does to a session; [`UncleanClose::RemoveOwn`] unless said otherwise.
    #[must_use]
    pub fn unclean_close(mut self, policy: UncleanClose) -> Self {
        self.options.unclean_close = policy;
        self
    }

    /// What TLS 1.3 clients come back with.
    #[must_use]
    pub fn tickets(mut self, tickets: Tickets) -> Self {
        self.options.tickets = tickets;
        self
    }

    /// Whether server names that share the context share sessions.
    #[must_use]
    pub fn server_names(mut self, names: ServerNames) -> Self {
        self.options.server_names = names;
        self
    }

    /// How many lookups a handshake may cost; a second `ClientHello` after a `HelloRetryRequest` that
    /// repeats the first one's sessions costs none.
    #[must_use]
    pub fn lookups_per_handshake(mut self, lookups: NonZeroU32) -> Self {
        self.options.lookups = lookups;
        self
    }

    /// Asked in each full handshake: connections for which it says true are not resumed later. If it
    /// panics, that is counted and means true.
    ///
    /// OpenSSL: `SSL_CTX_set_not_resumable_session_callback`.
    #[must_use]
    pub fn not_resumable(mut self, hook: impl Fn(&SslRef) -> bool + Send + Sync + 'static) -> Self {
        self.options.not_resumable = Some(Arc::new(hook));
        self
    }

    /// Attaches the cache: from now on the sessions of all connections that are made of `builder` are
    /// the cache's. One cache can be attached to any number of contexts.
    ///
    /// Do this last: after the verification of clients is configured. The adapter needs the callbacks for
    /// sessions, ids, tickets, early data and the info callback for itself, and so the session cache mode, the
    /// timeout, the session id context and `SSL_OP_NO_TICKET`: do not set them again.
    ///
    /// # Errors
    /// [`AttachError`], and `builder` is as it was.
    pub fn attach(&self, builder: &mut SslContextBuilder) -> Result<Attached, AttachError> {
        let bytes = self.context.bytes();
        if bytes.is_empty() && ffi::as_context(builder).verify_mode().contains(SslVerifyMode::PEER)
        {
            return Err(AttachError::VerifiesWithoutContext);
        }
        if let Some(name) = ffi::callback_taken(builder) {
            return Err(AttachError::CallbackTaken(name));
        }
        let index = Adapter::index()?;
        Connection::prepare()?;
        builder.set_session_id_context(bytes.as_bytes())?;
        if self.options.tickets == Tickets::Stateless {
            builder.clear_options(SslOptions::NO_TICKET);
        } else {
            // Stateful tickets. libssl would guard early data against replays with its own cache, and
            // resume nothing that is not in there; taking the session does it here.
            builder.set_options(SslOptions::NO_TICKET | NO_ANTI_REPLAY);
        }
        let timeout = whole_seconds(self.context.timeouts().for_new_session());
        ffi::install(builder, timeout);
        let adapter = Arc::new(Adapter {
            context: self.context.clone(),
            options: self.options.clone(),
            counters: Counters::default(),
        });
        builder.set_ex_data(index, Arc::clone(&adapter));
        Ok(Attached { adapter })
    }
}

impl fmt::Debug for OpensslCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpensslCache")
            .field("context", self.context.bytes())
            .field("unclean_close", &self.options.unclean_close)
            .field("tickets", &self.options.tickets)
            .field("server_names", &self.options.server_names)
            .field("lookups_per_handshake", &self.options.lookups)
            .finish_non_exhaustive()
    }
}

/// A cache that is attached to an `SSL_CTX`. Clones are the same.
#[derive(Clone)]
pub struct Attached {
    adapter: Arc<Adapter>,
}

impl Attached {
    /// The isolation context of connections that are given no other.
    pub fn context(&self) -> &Context {
        &self.adapter.context
    }

    /// What the adapter has counted.
    pub fn stats(&self) -> AdapterStats {
        self.adapter.counters.read()
    }

    /// Gives one connection an isolation context of its own: for virtual hosts that differ in policy.
    /// It must come before libssl looks for a session: before the handshake, or in the client hello
    /// callback ([`client_hello_server_name`](crate::client_hello_server_name) says there which host is
    /// asked for). The servername callback is too late.
    ///
    /// OpenSSL: `SSL_set_session_id_context`.
    ///
    /// # Errors
    /// [`AttachError`], and the connection keeps the context that it has.
    pub fn use_context(&self, ssl: &mut SslRef, context: &Context) -> Result<(), AttachError> {
        let bytes = context.bytes();
        if bytes.is_empty() && ssl.verify_mode().contains(SslVerifyMode::PEER) {
            return Err(AttachError::VerifiesWithoutContext);
        }
        ffi::set_id_context(ssl, bytes.as_bytes())?;
        Connection::of_or_new(ssl, &self.adapter)?.use_context(context.clone());
        Ok(())
    }

    /// Removes a session from the cache and says whether it was there. For connections that were given
    /// a context of their own, ask that context.
    ///
    /// OpenSSL: `SSL_CTX_remove_session`.
    pub fn remove(&self, session: &SslSessionRef) -> bool {
        SessionId::new(session.id()).is_ok_and(|id| self.adapter.context.remove(&id))
    }
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").field("context", self.context().bytes()).finish_non_exhaustive()
    }
}

/// What an `SSL_CTX` holds of the cache that is attached to it.
pub(crate) struct Adapter {
    pub(crate) context: Context,
    pub(crate) options: Options,
    pub(crate) counters: Counters,
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

    /// The adapter of the `SSL_CTX` that the connection has now.
    pub(crate) fn of_current(ssl: &SslRef) -> Option<&Arc<Self>> {
        Self::of(ssl.ssl_context())
    }

    /// The adapter of an `SSL_CTX`.
    pub(crate) fn of(ctx: &SslContextRef) -> Option<&Arc<Self>> {
        ctx.ex_data(Self::index().ok()?)
    }
}
