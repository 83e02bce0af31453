//! A cache with servers on it, and everything that its callbacks are told.

use std::sync::{Arc, Mutex};

use resumption_cache::{
    CacheBuilder, CacheMode, Callbacks, Context, ManualClock, OpensslStats, Removal, RemovalReason,
    Retention, SessionCache,
};
use resumption_session::{Lifetime, SessionIdContext, SessionView, Timestamp};

use super::{Server, Site, Stack, Store};

/// What a callback was told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Event {
    /// A session was negotiated; so many were held at that moment.
    New { held: usize },
    /// A session left, or (with nothing cached) was asked to.
    Gone(RemovalReason),
}

/// A cache on a clock that stands still.
pub(crate) struct World {
    /// Owned here alone: its callbacks know it without keeping it alive.
    pub(crate) cache: Arc<SessionCache>,
    pub(crate) clock: ManualClock,
    pub(crate) store: Store,
    events: Arc<Mutex<Vec<Event>>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn in_mode(mode: CacheMode) -> Self {
        Self::with(|builder| builder.mode(mode))
    }

    pub(crate) fn with(configure: impl FnOnce(CacheBuilder) -> CacheBuilder) -> Self {
        let clock = ManualClock::new(Timestamp::from_unix_secs(1_800_000_000));
        let cache = configure(SessionCache::builder().clock(clock.clone())).build().unwrap();
        let world =
            Self { cache: Arc::new(cache), clock, store: Store::default(), events: Arc::default() };
        world.cache.set_callbacks(world.listening(Retention::Keep));
        world
    }

    /// New and remove callbacks that note what they are told; the new one answers `retention`.
    pub(crate) fn listening(&self, retention: Retention) -> Callbacks {
        let (new, gone) = (Arc::clone(&self.events), Arc::clone(&self.events));
        let cache = Arc::downgrade(&self.cache);
        Callbacks::none()
            .on_new(move |_: SessionView<'_>| {
                let held = cache.upgrade().map_or(0, |cache| cache.len());
                new.lock().unwrap().push(Event::New { held });
                retention
            })
            .on_remove(move |removal: Removal<'_>| {
                gone.lock().unwrap().push(Event::Gone(removal.reason));
            })
    }

    /// Callbacks of an external store besides: it keeps what is new and is asked for what is not here.
    pub(crate) fn use_store(&self) {
        let (events, store) = (Arc::clone(&self.events), self.store.clone());
        let (gone, deleting) = (Arc::clone(&self.events), self.store.clone());
        let callbacks = Callbacks::none()
            .on_new(move |session: SessionView<'_>| {
                events.lock().unwrap().push(Event::New { held: 0 });
                store.keep(&session);
                Retention::Keep
            })
            .on_get(self.store.clone())
            .on_remove(move |removal: Removal<'_>| {
                gone.lock().unwrap().push(Event::Gone(removal.reason));
                if removal.reason.deletes_externally() {
                    deleting.forget(removal.id);
                }
            });
        self.cache.set_callbacks(callbacks);
    }

    pub(crate) fn context(&self, name: &[u8]) -> Context {
        self.cache.context(SessionIdContext::new(name).unwrap()).unwrap()
    }

    /// A server of `stack` in the context that most cases use.
    pub(crate) fn serve(&self, stack: &dyn Stack) -> Box<dyn Server> {
        self.serve_as(stack, b"site", &Site::default())
    }

    pub(crate) fn serve_as(&self, stack: &dyn Stack, name: &[u8], site: &Site) -> Box<dyn Server> {
        stack.serve(&self.context(name), site)
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Lifetime::from_secs(seconds));
    }

    /// What the callbacks were told since the last call.
    pub(crate) fn events(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock().unwrap())
    }

    /// How many sessions were announced since the last call.
    pub(crate) fn announced(&self) -> usize {
        self.events().iter().filter(|event| matches!(event, Event::New { .. })).count()
    }

    /// The reasons for which sessions left since the last call.
    pub(crate) fn gone(&self) -> Vec<RemovalReason> {
        let reasons = self.events().into_iter().filter_map(|event| match event {
            Event::Gone(reason) => Some(reason),
            Event::New { .. } => None,
        });
        reasons.collect()
    }

    pub(crate) fn counted(&self) -> OpensslStats {
        self.cache.stats().openssl()
    }
}
