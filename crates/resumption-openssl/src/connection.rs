//! What a connection remembers through its handshake.

use std::sync::{Arc, OnceLock};

use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{Ssl, SslRef, SslSession};
use resumption_cache::{Context, Generation, Handshake, Lookup};
use resumption_session::{
    ProtocolVersion, SecretBytes, SessionId, SessionObject, SessionView, Timestamp,
};

use crate::adapter::{Adapter, ServerNames, Tickets};
use crate::ffi;
use crate::note::{Note, Origin};
use crate::object::OpensslSession;
use crate::server_name;
use crate::stats::Count;
use crate::version;

/// The ids of TLS 1.3 that are ours: libssl makes them of this length, and other servers' tickets
/// are mostly longer.
const TLS13_ID: usize = 32;

/// One server connection. libssl drives it from one thread at a time.
pub(crate) struct Connection {
    pub(crate) adapter: Arc<Adapter>,
    /// Where the connection was counted.
    pub(crate) accepted_by: Arc<Adapter>,
    pub(crate) context: Context,
    /// Whether the context was chosen for this connection.
    pub(crate) is_own_context: bool,
    pub(crate) began_in: Generation,
    pub(crate) stage: Stage,
    lookups_left: u32,
    /// What was looked up in this handshake: after a `HelloRetryRequest`, libssl asks again, and what
    /// was taken is not there any more.
    answers: Vec<Answer>,
    /// The earliest origin of what was found.
    lineage: Timestamp,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Before,
    Handshake,
    /// In the middle of a handshake, for early data.
    Paused,
    Established,
}

/// What a handshake asks for.
pub(crate) struct Asked {
    pub(crate) version: ProtocolVersion,
    pub(crate) server_name: Option<Vec<u8>>,
    pub(crate) early_data: bool,
}

struct Answer {
    id: SessionId,
    found: Option<Found>,
}

struct Found {
    object: Arc<dyn SessionObject>,
    /// Whether nobody else can have got it: it was taken out of the cache in this process.
    taken_here: bool,
}

/// What the cache lends, copied.
struct Lent {
    object: Option<Arc<dyn SessionObject>>,
    der: Option<SecretBytes>,
    authenticated_at: Timestamp,
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

    /// Makes sure that connections will find their place.
    pub(crate) fn prepare() -> Result<(), ErrorStack> {
        Self::index().map(drop)
    }

    /// What is remembered of the connection; at first, that it is one of this adapter.
    pub(crate) fn of_or_new<'s>(
        ssl: &'s mut SslRef,
        adapter: &Arc<Adapter>,
    ) -> Result<&'s mut Self, ErrorStack> {
        let index = Self::index()?;
        if ssl.ex_data(index).is_none() {
            ssl.set_ex_data(index, Self::new(Arc::clone(adapter)));
        }
        ssl.ex_data_mut(index).ok_or_else(ErrorStack::get)
    }

    fn new(adapter: Arc<Adapter>) -> Self {
        let context = adapter.context.clone();
        Self {
            began_in: context.generation(),
            context,
            is_own_context: false,
            stage: Stage::Before,
            lookups_left: adapter.options.lookups.get(),
            answers: Vec::new(),
            lineage: Timestamp::END_OF_TIME,
            accepted_by: Arc::clone(&adapter),
            adapter,
        }
    }

    /// Another isolation context than the adapter's.
    ///
    /// A client hello callback says so again with the hello that follows a `HelloRetryRequest`. The handshake
    /// is the same one then: what was found stays found, and it began when it began.
    pub(crate) fn use_context(&mut self, context: Context) {
        if self.is_own_context && self.context.bytes() == context.bytes() {
            return;
        }
        if self.stage != Stage::Before {
            self.context.move_accept_to(&context);
        }
        self.began_in = context.generation();
        self.context = context;
        self.is_own_context = true;
        self.answers.clear();
    }

    /// A handshake begins, the first one or a renegotiation.
    pub(crate) fn begin(&mut self, is_first: bool) {
        let (counts, handshake) = if is_first {
            (Count::Accept, Handshake::Accept)
        } else {
            (Count::AcceptRenegotiate, Handshake::AcceptRenegotiate)
        };
        self.accepted_by.counters.one(counts);
        self.context.count(handshake);
        self.stage = Stage::Handshake;
        self.began_in = self.context.generation();
        self.lookups_left = self.adapter.options.lookups.get();
        self.answers.clear();
        self.lineage = Timestamp::END_OF_TIME;
    }

    /// The handshake is over: nothing is asked again.
    ///
    /// A servername callback may have switched to the `SSL_CTX` of another adapter. As libssl does, the
    /// connection is counted there then.
    pub(crate) fn establish(&mut self, current: Option<Arc<Adapter>>) {
        let current = current.unwrap_or_else(|| Arc::clone(&self.adapter));
        if !Arc::ptr_eq(&current, &self.accepted_by) {
            self.accepted_by.counters.one_less(Count::Accept);
            current.counters.one(Count::Accept);
            if !self.is_own_context {
                self.accepted_by.context.move_accept_to(&current.context);
            }
            self.accepted_by = current;
        }
        self.accepted_by.counters.one(Count::AcceptGood);
        let context = if self.is_own_context { &self.context } else { &self.accepted_by.context };
        context.count(Handshake::AcceptGood);
        self.stage = Stage::Established;
        self.answers = Vec::new();
    }

    /// From when a session counts that this connection makes.
    pub(crate) fn lineage(&self, is_resumed: bool, now: Timestamp) -> Timestamp {
        // Of what was found and did not resume after all, nothing is inherited.
        if is_resumed { self.lineage.min(now) } else { now }
    }

    /// Whether early data is safe: it is if what resumes was handed out by this cache, once.
    pub(crate) fn may_send_early_data(&self, id: &[u8]) -> bool {
        self.answers
            .iter()
            .filter(|answer| answer.id.as_bytes() == id)
            .any(|answer| answer.found.as_ref().is_some_and(|found| found.taken_here))
    }

    /// The session under `id`, for this handshake alone.
    pub(crate) fn look_up(&mut self, id: &[u8], asked: &Asked) -> Option<SslSession> {
        let Some(id) = session_id(id, asked.version) else {
            self.adapter.counters.one(Count::WrongLength);
            return None;
        };
        if !self.answers.iter().any(|answer| answer.id == id) {
            self.use_up_a_lookup()?;
            let found = self.find(&id, asked);
            self.answers.push(Answer { id, found });
        }
        let answer = self.answers.iter().find(|answer| answer.id == id);
        let found = answer?.found.as_ref()?;
        // For each hello: nothing keeps the second one from asking for another server.
        if !self.is_for(&found.object, asked) {
            self.adapter.counters.one(Count::OtherName);
            return None;
        }
        let session = OpensslSession::behind(&found.object)?.hand_out()?;
        ffi::set_note(&session, Note::new(self.context.clone(), id, Origin::Resumed));
        Some(session)
    }

    fn use_up_a_lookup(&mut self) -> Option<()> {
        if let Some(fewer) = self.lookups_left.checked_sub(1) {
            self.lookups_left = fewer;
            return Some(());
        }
        self.adapter.counters.one(Count::OverBudget);
        None
    }

    /// Asks the cache.
    fn find(&mut self, id: &SessionId, asked: &Asked) -> Option<Found> {
        let context = self.context.clone().for_version(asked.version).counting_lookups();
        let takes = self.adapter.is_single_use(asked.version, asked.early_data);
        let lookup = if takes { context.take_with(id, lend) } else { context.get_with(id, lend) };
        let taken_here = takes && matches!(lookup, Lookup::Hit(_));
        let lent = lookup.hit()?;
        let object = lent.object.or_else(|| {
            let decoded = OpensslSession::from_der(lent.der?.expose()).ok()?;
            Some(Arc::new(decoded))
        });
        let object = object.filter(|object| self.is_of(object, id, asked));
        let Some(object) = object else {
            self.adapter.counters.one(Count::Unreadable);
            return None;
        };
        self.lineage = self.lineage.min(lent.authenticated_at);
        Some(Found { object, taken_here })
    }

    /// Whether the object is what the cache says of it. libssl does not look at the id until 3.6, and
    /// then the client breaks off.
    fn is_of(&self, object: &Arc<dyn SessionObject>, id: &SessionId, asked: &Asked) -> bool {
        OpensslSession::behind(object).map(OpensslSession::session).is_some_and(|session| {
            session.id() == id.as_bytes()
                && ffi::id_context(session) == self.context.bytes().as_bytes()
                && version::of_session(session) == Some(asked.version)
        })
    }

    fn is_for(&self, object: &Arc<dyn SessionObject>, asked: &Asked) -> bool {
        self.adapter.options.server_names == ServerNames::Together
            || OpensslSession::behind(object).map(OpensslSession::session).is_some_and(|session| {
                server_name::are_same(ffi::server_name(session), asked.server_name.as_deref())
            })
    }
}

impl Adapter {
    /// Whether a session of this version resumes once.
    pub(crate) fn is_single_use(&self, version: ProtocolVersion, early_data: bool) -> bool {
        version == ProtocolVersion::Tls13
            && (early_data || self.options.tickets == Tickets::Stateful)
    }
}

/// The id of a session, if one can have it.
fn session_id(id: &[u8], version: ProtocolVersion) -> Option<SessionId> {
    if version == ProtocolVersion::Tls13 && id.len() != TLS13_ID {
        return None;
    }
    SessionId::new(id).ok()
}

/// Runs inside the lookup: counts a reference, or copies the bytes of a store.
fn lend(session: SessionView<'_>) -> Lent {
    let object = session.object().cloned();
    let der = if object.is_none() { Some(session.payload().duplicate()) } else { None };
    Lent { object, der, authenticated_at: session.authenticated_at() }
}
