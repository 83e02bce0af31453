//! Epoch reclamation on crossbeam-epoch, with a collector of the map's own: rayon and strangers pin
//! the default one, and their long guards would hold our garbage.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use crossbeam_epoch::{Collector, Guard, LocalHandle};

use super::{Reclaim, Sealed};

/// The scheme that ships: crossbeam-epoch, one collector for each map.
///
/// # Cost
/// A pin is one locked instruction on a line of the thread's own (about 6 ns).
pub struct Epoch {
    collector: Collector,
    /// Tells this collector's registrations from others': a live or dangling `Weak` keeps the address
    /// from being used again.
    identity: Arc<()>,
}

impl Default for Epoch {
    fn default() -> Self {
        Self { collector: Collector::new(), identity: Arc::new(()) }
    }
}

impl core::fmt::Debug for Epoch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Epoch").finish_non_exhaustive()
    }
}

struct Registration {
    identity: Weak<()>,
    handle: LocalHandle,
}

#[cfg(not(resumption_loom))]
std::thread_local! {
    /// This thread's registrations, one for each map that it has used; few, so a scan is fastest.
    static REGISTRATIONS: RefCell<Vec<Registration>> = const { RefCell::new(Vec::new()) };
}

#[cfg(resumption_loom)]
loom::thread_local! {
    static REGISTRATIONS: RefCell<Vec<Registration>> = RefCell::new(Vec::new());
}

impl Epoch {
    /// The registration's guard, or `None` when the thread is already taking its locals apart.
    #[inline]
    fn pin_registered(&self) -> Option<Guard> {
        REGISTRATIONS
            .try_with(|registrations| {
                let registrations = registrations.borrow();
                let mine = Arc::as_ptr(&self.identity);
                registrations
                    .iter()
                    .find(|registration| registration.identity.as_ptr() == mine)
                    .map(|registration| registration.handle.pin())
            })
            .ok()
            .flatten()
    }

    #[cold]
    fn register(&self) -> Guard {
        let handle = self.collector.register();
        let guard = handle.pin();
        let registration = Registration { identity: Arc::downgrade(&self.identity), handle };
        // A thread without locals (it is ending) keeps nothing: the guard alone holds the registration.
        let stale = REGISTRATIONS.try_with(|registrations| {
            let mut registrations = registrations.borrow_mut();
            let (alive, stale) = std::mem::take(&mut *registrations)
                .into_iter()
                .partition(|registration| registration.identity.strong_count() > 0);
            *registrations = alive;
            registrations.push(registration);
            stale
        });
        // Dropped here and not above: a collector's end may run deferred actions.
        drop::<Result<Vec<Registration>, _>>(stale);
        guard
    }
}

impl Sealed for Epoch {}

impl Reclaim for Epoch {
    type Guard = Guard;

    const STRICT: bool = false;

    #[inline]
    fn pin(&self) -> Guard {
        self.pin_registered().unwrap_or_else(|| self.register())
    }

    fn defer(&self, guard: &Guard, action: impl FnOnce() + Send + 'static) {
        guard.defer(action);
    }

    fn advance(&self, guard: &Guard) {
        guard.flush();
    }
}
