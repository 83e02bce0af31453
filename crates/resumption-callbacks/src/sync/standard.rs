//! The shipped half.

pub(crate) type ArcSwap<T> = arc_swap::ArcSwap<T>;
pub(crate) type AtomicU8 = core::sync::atomic::AtomicU8;
pub(crate) type Mutex<T> = std::sync::Mutex<T>;

/// Whether the named fault is to be made: never in a shipped build, where this vanishes.
#[inline]
pub(crate) const fn mutant(_name: &str) -> bool {
    false
}
