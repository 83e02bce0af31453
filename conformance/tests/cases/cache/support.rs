//! What the cases of the cache share.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use resumption_cache::{
    CacheBuilder, Callbacks, Capacity, Context, ManualClock, Removal, RemovalReason, SessionCache,
};
use resumption_session::{
    Lifetime, SecretBytes, SecretRef, Session, SessionId, SessionIdContext, SessionObject,
    Timestamp,
};

/// When every case begins.
pub(crate) const START: Timestamp = Timestamp::from_unix_secs(1_700_000_000);

pub(crate) const HOUR: Lifetime = Lifetime::from_secs(3600);

pub(crate) fn entries(number: usize) -> Capacity {
    Capacity::of_entries(NonZeroUsize::new(number).unwrap())
}

pub(crate) fn id(number: u64) -> SessionId {
    let mut bytes = [0xa5; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    SessionId::from(bytes)
}

/// A cache, one context of it, its clock, and what its remove callback was told.
pub(crate) struct Bench {
    pub(crate) cache: SessionCache,
    pub(crate) context: Context,
    pub(crate) clock: ManualClock,
    pub(crate) log: Log,
}

impl Bench {
    /// With the defaults.
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    /// For so many sessions.
    pub(crate) fn of(capacity: usize) -> Self {
        Self::with(|builder| builder.capacity(entries(capacity)))
    }

    pub(crate) fn with(configure: impl FnOnce(CacheBuilder) -> CacheBuilder) -> Self {
        let (clock, log) = (ManualClock::new(START), Log::default());
        let builder = SessionCache::builder().clock(clock.clone()).callbacks(log.callbacks());
        let cache = configure(builder).build().unwrap();
        let context = context(&cache, b"plain");
        Self { cache, context, clock, log }
    }

    /// `SSL_CTX_add_session` of a session of an hour.
    pub(crate) fn add(&self, number: u64) {
        self.context.insert(session(&self.context, number)).unwrap();
    }

    /// Whether the session resumes; what is found is its own.
    pub(crate) fn finds(&self, wanted: u64) -> bool {
        match self.context.get_with(&id(wanted), |session| number(session.payload())).hit() {
            None => false,
            Some(found) => {
                assert_eq!(found, wanted);
                true
            }
        }
    }

    /// Those of the numbers that are found.
    pub(crate) fn found(&self, numbers: impl IntoIterator<Item = u64>) -> Vec<u64> {
        numbers.into_iter().filter(|number| self.finds(*number)).collect()
    }

    pub(crate) fn clock_now(&self) -> Timestamp {
        self.context.now()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Lifetime::from_secs(seconds));
    }
}

pub(crate) fn context(cache: &SessionCache, bytes: &[u8]) -> Context {
    cache.context(SessionIdContext::new(bytes).unwrap()).unwrap()
}

/// A session of an hour, whose payload is its number.
pub(crate) fn session(context: &Context, number: u64) -> Session {
    lived(context, number, HOUR)
}

pub(crate) fn lived(context: &Context, number: u64, lifetime: Lifetime) -> Session {
    marked(context, number, number, lifetime)
}

/// A TLS stack's own session object, whose references are counted.
pub(crate) struct Object;

impl SessionObject for Object {
    fn weight(&self) -> usize {
        1000
    }

    fn encode(&self) -> Option<SecretBytes> {
        None
    }
}

/// A session that is an object, and a reference to that.
pub(crate) fn of_object(context: &Context, number: u64) -> (Session, Arc<Object>) {
    let object = Arc::new(Object);
    let shared = Arc::clone(&object) as Arc<dyn SessionObject>;
    let session = Session::of_object(id(number), *context.bytes(), context.now(), HOUR, shared);
    (session, object)
}

/// A session under the id of one number, whose payload is another.
pub(crate) fn marked(context: &Context, under: u64, mark: u64, lifetime: Lifetime) -> Session {
    let payload = SecretBytes::new(mark.to_le_bytes().to_vec());
    Session::new(id(under), *context.bytes(), context.now(), lifetime, payload)
}

/// The number at the beginning of a payload.
pub(crate) fn number(payload: SecretRef<'_>) -> u64 {
    u64::from_le_bytes(*payload.expose().first_chunk().unwrap())
}

/// Everything that a remove callback was told.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Gone>>>);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gone {
    pub(crate) id: SessionId,
    /// Its number, and whether the callback saw it as resumable; nothing where nothing was cached.
    pub(crate) session: Option<(u64, bool)>,
    pub(crate) reason: RemovalReason,
}

impl Log {
    pub(crate) fn callbacks(&self) -> Callbacks {
        Callbacks::none().on_remove(self.listener())
    }

    pub(crate) fn listener(&self) -> impl Fn(Removal<'_>) + Send + Sync + 'static {
        let log = Arc::clone(&self.0);
        move |removal: Removal<'_>| {
            log.lock().unwrap().push(Gone {
                id: *removal.id,
                session: removal
                    .session
                    .map(|session| (number(session.payload()), session.is_resumable())),
                reason: removal.reason,
            });
        }
    }

    /// What it was told since the last call.
    pub(crate) fn drain(&self) -> Vec<Gone> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// The same, as number and reason.
    pub(crate) fn reasons(&self) -> Vec<(Option<u64>, RemovalReason)> {
        let gone = self.drain().into_iter();
        gone.map(|gone| (gone.session.map(|(number, _)| number), gone.reason)).collect()
    }

    /// The numbers of those that left for this reason; any other reason is a failure.
    pub(crate) fn all_for(&self, reason: RemovalReason) -> Vec<u64> {
        let gone = self.reasons().into_iter();
        gone.map(|(number, why)| {
            assert_eq!(why, reason);
            number.unwrap()
        })
        .collect()
    }
}
