//! The loom half of the facade: the map's modelled atomics and its strict reclaimer. `ORDERINGS.md`
//! says what the models do not see.

use std::cell::{Cell, RefCell};
use std::hash::BuildHasherDefault;
use std::sync::OnceLock;

use super::Ordering;
use crate::counters::Leases;

pub(crate) use resumption_map::model::{AtomicU32, AtomicU64};

pub(crate) type Mutex<T> = loom::sync::Mutex<T>;
pub(crate) type Reclaimer = resumption_map::reclaim::Poison;

/// One bit in a modelled word.
pub(crate) struct AtomicBool(AtomicU32);

impl AtomicBool {
    pub(crate) fn new(value: bool) -> Self {
        Self(AtomicU32::new(value.into()))
    }

    #[track_caller]
    pub(crate) fn store(&self, value: bool, order: Ordering) {
        self.0.store(value.into(), order);
    }

    #[track_caller]
    pub(crate) fn compare_exchange(
        &self,
        current: bool,
        new: bool,
        success: Ordering,
        failure: Ordering,
    ) -> Result<bool, bool> {
        let exchanged = self.0.compare_exchange(current.into(), new.into(), success, failure);
        exchanged.map(|before| before == 1).map_err(|now| now == 1)
    }
}

/// Sessions share stamps as in a shipped cache; more would only be more objects.
pub(crate) const STRIPES: usize = 1;

pub(crate) type StripeHasher = BuildHasherDefault<std::hash::DefaultHasher>;

/// A model must not read randomness.
pub(crate) fn stripe_hasher() -> StripeHasher {
    StripeHasher::default()
}

/// A model must not read randomness, and none needs an id that nobody can guess.
pub(crate) fn fill_randomly(bytes: &mut [u8]) -> Result<(), getrandom::Error> {
    bytes.fill(0x5a);
    Ok(())
}

loom::thread_local! {
    pub(crate) static LEASES: RefCell<Leases> = RefCell::new(Leases::NONE);
}

loom::thread_local! {
    pub(crate) static SWEEPING: Cell<bool> = Cell::new(false);
}

/// Whether the named fault is to be made (`RESUMPTION_MUTANT=name`), for the proof that the models notice.
pub(crate) fn mutant(name: &str) -> bool {
    static CHOSEN: OnceLock<String> = OnceLock::new();
    CHOSEN.get_or_init(|| std::env::var("RESUMPTION_MUTANT").unwrap_or_default()) == name
}
