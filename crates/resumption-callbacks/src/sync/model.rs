//! The loom half. `resumption-map/src/sync/model.rs` says why each access is preceded by another, and
//! what the two modes are.

use core::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock, PoisonError};

use loom::sync::atomic as raw;

pub(crate) type Mutex<T> = loom::sync::Mutex<T>;

/// Loads that a model orders; the value is a small number.
struct Word {
    shadow: raw::AtomicUsize,
    inner: raw::AtomicUsize,
}

impl Word {
    fn new(value: usize) -> Self {
        Self { shadow: raw::AtomicUsize::new(0), inner: raw::AtomicUsize::new(value) }
    }

    fn announce(&self) {
        if !loads_are_rmw() {
            self.shadow.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn load(&self, order: Ordering) -> usize {
        self.announce();
        if loads_are_rmw() {
            // Never the maximum, so this exchange fails and only loads.
            let loaded = self.inner.compare_exchange(usize::MAX, usize::MAX, order, order);
            return loaded.unwrap_or_else(|value| value);
        }
        self.inner.load(order)
    }
}

pub(crate) struct AtomicU8(Word);

impl AtomicU8 {
    pub(crate) fn new(value: u8) -> Self {
        Self(Word::new(value.into()))
    }

    pub(crate) fn load(&self, order: Ordering) -> u8 {
        u8::try_from(self.0.load(order)).unwrap_or(u8::MAX)
    }

    pub(crate) fn store(&self, value: u8, order: Ordering) {
        self.0.announce();
        self.0.inner.store(value.into(), order);
    }
}

/// Stands in for arc-swap, which loom does not know: as weak as that promises to be (its loads acquire
/// and its swaps acquire and release), and no stronger. All that was ever in it is kept to the end.
pub(crate) struct ArcSwap<T> {
    all: std::sync::Mutex<Vec<Arc<T>>>,
    current: Word,
}

impl<T> ArcSwap<T> {
    pub(crate) fn new(first: Arc<T>) -> Self {
        Self { all: std::sync::Mutex::new(vec![first]), current: Word::new(0) }
    }

    pub(crate) fn load_full(&self) -> Arc<T> {
        self.at(self.current.load(Ordering::Acquire))
    }

    pub(crate) fn swap(&self, new: Arc<T>) -> Arc<T> {
        let number = {
            // A standard lock, which the model does not see and nothing happens under.
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(new);
            all.len() - 1
        };
        self.current.announce();
        self.at(self.current.inner.swap(number, Ordering::AcqRel))
    }

    fn at(&self, number: usize) -> Arc<T> {
        Arc::clone(&self.all.lock().unwrap_or_else(PoisonError::into_inner)[number])
    }
}

fn loads_are_rmw() -> bool {
    static MODE: OnceLock<bool> = OnceLock::new();
    *MODE.get_or_init(|| std::env::var("RESUMPTION_LOOM_MODE").is_ok_and(|mode| mode == "rmw"))
}

/// Whether the named fault is to be made (`RESUMPTION_MUTANT=name`), for the proof that the models notice.
pub(crate) fn mutant(name: &str) -> bool {
    static CHOSEN: OnceLock<String> = OnceLock::new();
    CHOSEN.get_or_init(|| std::env::var("RESUMPTION_MUTANT").unwrap_or_default()) == name
}
