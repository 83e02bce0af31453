//! The current callbacks, swapped whole under traffic.

use core::fmt;
use std::sync::{Arc, PoisonError};

use resumption_session::{Session, SessionId, SessionIdContext, SessionView};

use crate::contain::{Panicked, contain};
use crate::ids::id_of;
use crate::sync::{ArcSwap, AtomicU8, HintU64, Mutex, Ordering, mutant};
use crate::{
    Callbacks, ExternalTake, GenerateId, GenerateIdError, Removal, Resumability, Retention,
};

const HAS_NEW: u8 = 1;
const HAS_GET: u8 = 2;
const HAS_REMOVE: u8 = 4;
const HAS_ADMIT: u8 = 8;
const HAS_GENERATE_ID: u8 = 16;

/// Holds the current [`Callbacks`], and runs them contained.
///
/// # Cost
/// Where no callback is set, asking is one relaxed load of a byte that changes only when callbacks
/// do. Where one is, running it costs a reference count besides.
///
/// # Concurrency
/// An operation that begins after [`Registry::set`] has returned uses the new set; one that overlaps
/// it uses either. A callback may still be running when `set` returns.
pub struct Registry {
    // Which callbacks `current` has, so that the common case, none, never loads it.
    flags: AtomicU8,
    current: ArcSwap<Callbacks>,
    // Held while both change, so that the flags are those of the set that came last.
    changing: Mutex<()>,
    panics: HintU64,
}

impl Registry {
    /// A registry that holds `callbacks`.
    pub fn new(callbacks: Callbacks) -> Self {
        Self {
            flags: AtomicU8::new(flags_of(&callbacks)),
            current: ArcSwap::new(Arc::new(callbacks)),
            changing: Mutex::new(()),
            panics: HintU64::new(0),
        }
    }

    /// Swaps `callbacks` in and gives the former set back.
    pub fn set(&self, callbacks: Callbacks) -> Arc<Callbacks> {
        self.change(|_| callbacks)
    }

    /// Swaps in what `change` makes of the current set, and gives that back. Of two changes at once, one
    /// sees what the other has made: none is lost.
    ///
    /// `change` runs under a lock: it must not call the registry.
    pub fn change(&self, change: impl FnOnce(Callbacks) -> Callbacks) -> Arc<Callbacks> {
        // The mutex guards no data that a panic could have left half changed.
        let _changing = (!mutant("set_without_lock"))
            .then(|| self.changing.lock().unwrap_or_else(PoisonError::into_inner));
        let callbacks = change(Callbacks::clone(&self.current.load_full()));
        let flags = flags_of(&callbacks);
        let former = self.current.swap(Arc::new(callbacks));
        // Relaxed: an operation that overlaps this may see either flag with either set. With a flag
        // alone, it finds no callback to run; without, it looks for none. Both are the former set.
        self.flags.store(flags, Ordering::Relaxed);
        former
    }

    /// The current set.
    pub fn current(&self) -> Arc<Callbacks> {
        self.current.load_full()
    }

    /// Whether there is a new callback.
    #[inline]
    pub fn has_new(&self) -> bool {
        self.has(HAS_NEW)
    }

    /// Whether there is a get callback.
    #[inline]
    pub fn has_get(&self) -> bool {
        self.has(HAS_GET)
    }

    /// Whether there is a remove callback.
    #[inline]
    pub fn has_remove(&self) -> bool {
        self.has(HAS_REMOVE)
    }

    /// Whether there is a generator of ids.
    #[inline]
    pub fn has_id_generator(&self) -> bool {
        self.has(HAS_GENERATE_ID)
    }

    /// How many callbacks have panicked so far.
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    /// Tells the new callback of `session`; [`Retention::Keep`] where there is none.
    ///
    /// A callback that panics has not said that it agrees, so the session is discarded.
    pub fn new_session(&self, session: SessionView<'_>) -> Retention {
        if !self.has_new() {
            return Retention::Keep;
        }
        match &self.current().new {
            None => Retention::Keep,
            Some(callback) => {
                self.count(contain(|| callback.new_session(session))).unwrap_or(Retention::Discard)
            }
        }
    }

    /// Asks the get callback; `None` where there is none, or where it panics.
    pub fn get(&self, context: &SessionIdContext, id: &SessionId) -> Option<Session> {
        if !self.has_get() {
            return None;
        }
        let current = self.current();
        let callback = current.get.as_ref()?;
        self.count(contain(|| callback.get(context, id))).flatten()
    }

    /// Asks the get callback to hand a session out; [`ExternalTake::NotSupported`] where there is
    /// none.
    ///
    /// A callback that panics may have handed the session out, so nobody gets it.
    pub fn take(&self, context: &SessionIdContext, id: &SessionId) -> ExternalTake {
        if !self.has_get() {
            return ExternalTake::NotSupported;
        }
        match &self.current().get {
            None => ExternalTake::NotSupported,
            Some(callback) => {
                self.count(contain(|| callback.take(context, id))).unwrap_or(ExternalTake::Absent)
            }
        }
    }

    /// Tells the remove callback, if there is one.
    pub fn removed(&self, removal: Removal<'_>) {
        if !self.has_remove() {
            return;
        }
        if let Some(callback) = &self.current().remove {
            self.count(contain(|| callback.remove_session(removal)));
        }
    }

    /// Whether something decides about negotiated sessions.
    #[inline]
    pub fn has_admit(&self) -> bool {
        self.has(HAS_ADMIT)
    }

    /// Asks whether a negotiated session may be kept; [`Resumability::Resumable`] where nobody decides.
    ///
    /// A callback that panics has not said that it agrees.
    #[cold]
    pub fn admit(&self, session: &SessionView<'_>) -> Resumability {
        match &self.current().admit {
            None => Resumability::Resumable,
            Some(callback) => self
                .count(contain(|| callback.admit(*session)))
                .unwrap_or(Resumability::NotResumable),
        }
    }

    /// Asks the generator for an id; `None` where there is none.
    ///
    /// # Errors
    /// [`GenerateIdError`], the generator's fault.
    pub fn generate_id(
        &self,
        context: &SessionIdContext,
    ) -> Option<Result<SessionId, GenerateIdError>> {
        if !self.has_id_generator() {
            return None;
        }
        let current = self.current();
        Some(self.generate_id_with(&**current.generate_id.as_ref()?, context))
    }

    /// Asks this generator for an id, contained as the registry's own.
    ///
    /// # Errors
    /// [`GenerateIdError`], the generator's fault.
    pub fn generate_id_with(
        &self,
        generator: &dyn GenerateId,
        context: &SessionIdContext,
    ) -> Result<SessionId, GenerateIdError> {
        let mut buffer = [0; SessionId::MAX_LEN];
        let said = self.count(contain(|| generator.generate(context, &mut buffer)));
        let len = said.ok_or(GenerateIdError::Panicked)?.ok_or(GenerateIdError::Declined)?;
        id_of(&buffer, len)
    }

    #[inline]
    fn has(&self, flag: u8) -> bool {
        // Relaxed: see `set`. Whoever is ordered after a `set` by other means sees its flags.
        self.flags.load(Ordering::Relaxed) & flag != 0
    }

    fn count<R>(&self, outcome: Result<R, Panicked>) -> Option<R> {
        if outcome.is_err() {
            // Relaxed: a statistic, ordered with nothing.
            self.panics.fetch_add(1, Ordering::Relaxed);
        }
        outcome.ok()
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new(Callbacks::none())
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("current", &self.current.load_full())
            .field("panics", &self.panics())
            .finish_non_exhaustive()
    }
}

fn flags_of(callbacks: &Callbacks) -> u8 {
    let mut flags = 0;
    if callbacks.new.is_some() {
        flags |= HAS_NEW;
    }
    if callbacks.get.is_some() {
        flags |= HAS_GET;
    }
    if callbacks.remove.is_some() {
        flags |= HAS_REMOVE;
    }
    if callbacks.admit.is_some() {
        flags |= HAS_ADMIT;
    }
    if callbacks.generate_id.is_some() {
        flags |= HAS_GENERATE_ID;
    }
    flags
}
