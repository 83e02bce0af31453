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

/// A thread's registrations, one for each map that it has used.
struct Registrations {
    /// The one used last; nearly always the right one.
    last: Option<Registration>,
    others: Vec<Registration>,
}

impl Registrations {
    const NONE: Self = Self { last: None, others: Vec::new() };
}

#[cfg(not(resumption_loom))]
std::thread_local! {
    static REGISTRATIONS: RefCell<Registrations> = const { RefCell::new(Registrations::NONE) };
}

#[cfg(resumption_loom)]
loom::thread_local! {
    static REGISTRATIONS: RefCell<Registrations> = RefCell::new(Registrations::NONE);
}

impl Epoch {
    /// The guard of the registration used last, if that is this map's.
    #[inline]
    fn pin_last(&self) -> Option<Guard> {
        REGISTRATIONS
            .try_with(|registrations| {
                let registrations = registrations.borrow();
                let last = registrations.last.as_ref()?;
                self.owns(last).then(|| last.handle.pin())
            })
            .ok()
            .flatten()
    }

    #[inline]
    fn owns(&self, registration: &Registration) -> bool {
        registration.identity.as_ptr() == Arc::as_ptr(&self.identity)
    }

    /// Brings this map's registration to hand, registering the thread if it is new here.
    #[cold]
    fn pin_other(&self) -> Guard {
        let known = REGISTRATIONS.try_with(|registrations| {
            let mut registrations = registrations.borrow_mut();
            let at = registrations.others.iter().position(|other| self.owns(other))?;
            let known = registrations.others.swap_remove(at);
            let guard = known.handle.pin();
            let former = registrations.last.replace(known);
            registrations.others.extend(former);
            Some(guard)
        });
        known.ok().flatten().unwrap_or_else(|| self.register())
    }

    fn register(&self) -> Guard {
        let handle = self.collector.register();
        let guard = handle.pin();
        let registration = Registration { identity: Arc::downgrade(&self.identity), handle };
        // A thread without locals (it is ending) keeps nothing: the guard alone holds the registration.
        let stale = REGISTRATIONS.try_with(|registrations| {
            let mut registrations = registrations.borrow_mut();
            let former = registrations.last.replace(registration);
            registrations.others.extend(former);
            let (alive, stale): (Vec<_>, Vec<_>) = std::mem::take(&mut registrations.others)
                .into_iter()
                .partition(|registration| registration.identity.strong_count() > 0);
            registrations.others = alive;
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
        self.pin_last().unwrap_or_else(|| self.pin_other())
    }

    fn defer(&self, guard: &Guard, action: impl FnOnce() + Send + 'static) {
        guard.defer(action);
    }

    fn advance(&self, guard: &Guard) {
        guard.flush();
    }
}
