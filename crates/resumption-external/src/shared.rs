//! The whole of it: what a server holds.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use resumption_callbacks::{Callbacks, ExternalStore};
use resumption_sealing::{KeyRing, Sealer};
use resumption_session::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use crate::options::{Options, StoreUse};
use crate::parts::{Finds, Learns, Removes};
use crate::state::{Leaving, State};
use crate::stats::Stats;
use crate::{sweeper, writer};

/// Sessions shared with other servers through a store, without a handshake ever waiting for more than it
/// was told to: see the [crate's documentation](crate). Clones are the same.
///
/// Two tasks run on the runtime that it was given: one writes, one wipes what nobody picked up. They end
/// with the last clone, the callbacks included; what is queued then is lost, so [`SharedSessions::drain`]
/// first.
///
/// # Concurrency
/// One lock, held for some hash lookups and never while anybody waits, asks, encrypts or frees a session.
#[derive(Clone)]
pub struct SharedSessions {
    pub(crate) inner: Arc<Inner>,
    // Ends the tasks, which hold `inner` too.
    _owner: Arc<Owner>,
}

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn ExternalStore>,
    pub(crate) sealer: Sealer,
    pub(crate) runtime: Handle,
    pub(crate) options: Options,
    /// There is something to write.
    pub(crate) work: Notify,
    /// Writing was switched on, or is to stop.
    pub(crate) control: Notify,
    /// Something lies ready where nothing did.
    pub(crate) deposits: Notify,
    pub(crate) stopping: Notify,
    /// How many batches were written.
    pub(crate) batches: watch::Sender<u64>,
    state: Mutex<State>,
}

impl Inner {
    /// Looks at the state or changes it; what leaves it is dropped when the lock is free.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&mut State, &mut Leaving) -> R) -> R {
        let mut leaving = Leaving::new();
        // What is in there is whole between any two statements that can panic: counts at worst differ.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = look(&mut state, &mut leaving);
        drop(state);
        drop(leaving);
        seen
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.options.now)()
    }

    /// When a session that is in the store now has ended by itself at the latest.
    pub(crate) fn latest_end(&self) -> Timestamp {
        self.now().saturating_add(self.options.longest_life)
    }
}

struct Owner(Arc<Inner>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.with(|state, _| state.stopped = true);
        self.0.control.notify_one();
        self.0.stopping.notify_one();
    }
}

impl SharedSessions {
    /// Shares sessions through `store`, sealed by `sealer`.
    pub fn new(
        store: Arc<dyn ExternalStore>,
        sealer: Sealer,
        runtime: Handle,
        options: Options,
    ) -> Self {
        let inner = Arc::new(Inner {
            store,
            sealer,
            work: Notify::new(),
            control: Notify::new(),
            deposits: Notify::new(),
            stopping: Notify::new(),
            batches: watch::Sender::new(0),
            state: Mutex::new(State::new(&options)),
            runtime,
            options,
        });
        inner.runtime.spawn(writer::run(Arc::clone(&inner)));
        inner.runtime.spawn(sweeper::run(Arc::clone(&inner)));
        Self { _owner: Arc::new(Owner(Arc::clone(&inner))), inner }
    }

    /// The new, get and remove callbacks for a cache. None of them waits.
    pub fn callbacks(&self) -> Callbacks {
        Callbacks::none()
            .on_new(Learns(self.clone()))
            .on_get(Finds(self.clone()))
            .on_remove(Removes(self.clone()))
    }

    /// Throws the switch, and says how it was.
    ///
    /// Questions and writes that are under way are not called back.
    pub fn set_use(&self, store_use: StoreUse) -> StoreUse {
        let former =
            self.inner.with(|state, _| core::mem::replace(&mut state.store_use, store_use));
        self.inner.control.notify_one();
        former
    }

    /// Swaps other keys in, for what begins after this. See [`KeyRing`] for the order of things.
    pub fn rotate(&self, ring: KeyRing) {
        self.inner.sealer.rotate(ring);
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        self.inner.with(|state, _| state.stats())
    }

    /// Waits until everything that is queued is written, at most for `within`; whether it is. For a
    /// server that is about to end, after its last handshake.
    pub async fn drain(&self, within: Duration) -> bool {
        let mut batches = self.inner.batches.subscribe();
        let empty = async {
            while !self.inner.with(|state, _| state.queue.is_empty()) {
                // The sender is in `inner`, so it is there.
                let _ = batches.changed().await;
            }
        };
        timeout(within, empty).await.is_ok()
    }
}

impl fmt::Debug for SharedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSessions")
            .field("sealer", &self.inner.sealer)
            .field("options", &self.inner.options)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
