//! The memory ordering of the client's side on which data of another thread depends, numbered on from the
//! engine's. `ORDERINGS.md` beside the map has them all.

use crate::sync::{Ordering, mutant};

/// E13: says that the ticket of a place is in the cache. Pairs with [`take_up_place`].
#[inline]
pub(crate) fn publish_place() -> Ordering {
    if mutant("publish_place_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E13: takes up a place, before its ticket is looked for. Pairs with [`publish_place`].
#[inline]
pub(crate) fn take_up_place() -> Ordering {
    if mutant("take_up_place_relaxed") { Ordering::Relaxed } else { Ordering::Acquire }
}
