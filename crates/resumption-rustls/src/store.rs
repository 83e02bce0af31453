//! The store itself, and the store of each connection made from it.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use resumption_cache::{Context, Generation, Lookup, Role};
use resumption_session::{SecretBytes, SessionId, SessionView, Timestamp};
use rustls::ServerConfig;
use rustls::server::StoresServerSessions;

use crate::connection::ConnectionStore;
use crate::stats::{Rejected, StoreStats};

/// rustls makes every key of this length itself, and takes TLS 1.3 sessions by no other. (In TLS 1.2
/// a client may shorten one, and it is looked up like any.)
const KEY_LENGTH: usize = 32;

/// Session storage for rustls servers, over one context of the cache.
///
/// Cheap to clone; clones are the same store.
#[derive(Clone)]
pub struct RustlsStore {
    shared: Arc<Shared>,
    lookups_per_connection: NonZeroU32,
}

struct Shared {
    context: Context,
    rejected: Rejected,
}

/// What a `take` came to.
pub(crate) struct Taken {
    pub(crate) value: Vec<u8>,
    pub(crate) authenticated_at: Timestamp,
}

impl RustlsStore {
    /// Lookups that a connection may cost unless said otherwise. Honest clients offer one session,
    /// or two.
    pub const DEFAULT_LOOKUPS_PER_CONNECTION: NonZeroU32 = NonZeroU32::new(4).unwrap();

    /// A store for the sessions of `context`.
    pub fn new(context: Context) -> Self {
        Self {
            shared: Arc::new(Shared { context, rejected: Rejected::default() }),
            lookups_per_connection: Self::DEFAULT_LOOKUPS_PER_CONNECTION,
        }
    }

    /// The same store, but each connection may cost at most so many lookups.
    #[must_use]
    pub fn with_lookups_per_connection(mut self, lookups: NonZeroU32) -> Self {
        self.lookups_per_connection = lookups;
        self
    }

    /// A copy of `config` for one connection, whose sessions are this store's.
    ///
    /// Three things are done for each connection that a storage shared by all of them cannot do,
    /// because rustls does not say which connection asks:
    ///
    /// * It may look up only so many sessions. One `ClientHello` of 64 KB can offer 900, and rustls
    ///   asks for each of them until one fits. After the budget each is a miss that costs nothing,
    ///   and is counted ([`StoreStats::over_budget`]). A `HelloRetryRequest` does not use up any:
    ///   rustls looks up the sessions of the second `ClientHello` only.
    /// * A ticket issued on a resumed connection inherits the lineage of the session it resumed, so
    ///   that the cache's lineage cap ends chains of resumption. Without it, a client that comes
    ///   often enough never authenticates again.
    /// * A handshake that began before the context was invalidated stores nothing after it: it was
    ///   negotiated under the policy that is over. So call this when a connection is accepted.
    ///
    /// # Cost
    /// One copy of the configuration, whose parts are reference counted: 0.14 to 0.33 µs.
    pub fn config_for_connection(&self, config: &Arc<ServerConfig>) -> Arc<ServerConfig> {
        let mut own = ServerConfig::clone(config);
        own.session_storage = ConnectionStore::new(self.clone(), self.lookups_per_connection.get());
        Arc::new(own)
    }

    /// The context whose sessions these are.
    pub fn context(&self) -> &Context {
        &self.shared.context
    }

    /// What was turned away before the cache heard of it.
    pub fn stats(&self) -> StoreStats {
        self.shared.rejected.read()
    }

    pub(crate) fn rejected(&self) -> &Rejected {
        &self.shared.rejected
    }

    /// The id in a key of TLS 1.2. `None`, and counted, when no session can have it.
    pub(crate) fn reusable_id(&self, key: &[u8]) -> Option<SessionId> {
        let id = SessionId::new(key).ok();
        if id.is_none() {
            self.rejected().wrong_length();
        }
        id
    }

    /// The id in a key of TLS 1.3, which is any bytes that a client likes: other servers' tickets,
    /// mostly, when it is not ours.
    pub(crate) fn single_use_id(&self, key: &[u8]) -> Option<SessionId> {
        let id = <[u8; KEY_LENGTH]>::try_from(key).ok().map(SessionId::from);
        if id.is_none() {
            self.rejected().wrong_length();
        }
        id
    }

    /// `put`, with the time from which the session's lineage counts, if that is before now, and the
    /// generation in which the handshake began.
    pub(crate) fn insert(
        &self,
        key: &[u8],
        value: Vec<u8>,
        lineage: Timestamp,
        began_in: Generation,
    ) -> bool {
        // Wiped on every way out from here: the cache has its own copy then.
        let payload = SecretBytes::new(value);
        let context = &self.shared.context;
        let Ok(id) = SessionId::new(key) else { return false };
        let now = context.now();
        let lifetime = context.timeouts().for_new_session();
        let session = SessionView::new(&id, context.bytes(), now, lifetime, payload.as_secret())
            .with_authenticated_at(lineage.min(now));
        context.insert_negotiated_under(began_in, Role::Server, session).is_ok()
    }

    /// `get`.
    pub(crate) fn look_up(&self, id: &SessionId) -> Option<Vec<u8>> {
        found(self.shared.context.get_with(id, |session| copy(&session)))
    }

    /// `take`.
    pub(crate) fn take_up(&self, id: &SessionId) -> Option<Taken> {
        found(self.shared.context.take_with(id, |session| Taken {
            value: copy(&session),
            authenticated_at: session.authenticated_at(),
        }))
    }
}

/// What rustls gets to keep.
fn copy(session: &SessionView<'_>) -> Vec<u8> {
    session.payload().expose().to_vec()
}

fn found<R>(lookup: Lookup<R>) -> Option<R> {
    match lookup {
        Lookup::CallbackHit(found) | Lookup::Hit(found) => Some(found),
        _ => None,
    }
}

impl fmt::Debug for RustlsStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RustlsStore")
            .field("context", self.shared.context.bytes())
            .field("lookups_per_connection", &self.lookups_per_connection)
            .finish_non_exhaustive()
    }
}

/// For servers that cannot use [`RustlsStore::config_for_connection`]: the store as it is, shared by
/// all connections. Lifetimes, single use and isolation hold here too; lookups are not counted per
/// connection, every ticket starts a lineage of its own, and a handshake under way while the context is
/// invalidated may still store its sessions.
impl StoresServerSessions for RustlsStore {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        self.insert(&key, value, Timestamp::END_OF_TIME, self.context().generation())
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.look_up(&self.reusable_id(key)?)
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.take_up(&self.single_use_id(key)?).map(|taken| taken.value)
    }

    fn can_cache(&self) -> bool {
        self.shared.context.cache().mode().stores(Role::Server)
    }
}
