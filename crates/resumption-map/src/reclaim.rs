//! When memory may be reused: after every guard that could have seen a node is gone.
//!
//! Behind one small trait, so that models can run the same map with a stricter scheme.

use core::marker::PhantomData;

mod epoch;
#[cfg(any(resumption_loom, resumption_shuttle, miri))]
mod poison;

pub use epoch::Epoch;
#[cfg(any(resumption_loom, resumption_shuttle, miri))]
pub use poison::Poison;

mod sealed {
    pub trait Sealed {}
}
use sealed::Sealed;

/// A reclamation scheme. Sealed: [`Epoch`] ships; the models add one that frees as early as any correct
/// scheme could and panics on every use after that.
pub trait Reclaim: Sealed + Default + Send + Sync + 'static {
    /// While one lives, nothing that was reachable when it was made is reclaimed.
    type Guard;

    /// Whether nodes are reclaimed at the end of the grace period itself and never reused.
    #[doc(hidden)]
    const STRICT: bool;

    /// Enters a critical section.
    fn pin(&self) -> Self::Guard;

    /// Runs `action` once every guard that is alive now has gone, on any thread. It must be short.
    fn defer(&self, guard: &Self::Guard, action: impl FnOnce() + Send + 'static);

    /// Pushes deferred actions towards their execution.
    fn advance(&self, guard: &Self::Guard);
}

/// Proof that a guard of the map at hand lives for `'g`; costs nothing.
#[derive(Clone, Copy)]
pub(crate) struct Pinned<'g>(PhantomData<&'g ()>);

impl<'g> Pinned<'g> {
    pub(crate) fn by<G>(_guard: &'g G) -> Self {
        Self(PhantomData)
    }

    /// For code with exclusive access to the map, which needs no guard.
    pub(crate) fn exclusive() -> Self {
        Self(PhantomData)
    }
}
