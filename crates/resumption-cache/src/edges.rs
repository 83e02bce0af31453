//! Every memory ordering of the engine on which data of another thread depends, named once: the second
//! half of `resumption-map/src/edges.rs`, numbered on. `ORDERINGS.md` beside the map has them all.

use crate::sync::{Ordering, mutant};

/// E10: begins a new generation of a context, which publishes since when older sessions are not wanted.
/// Pairs with [`generation`].
#[inline]
pub(crate) fn new_generation() -> Ordering {
    if mutant("generation_store_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E10: reads the generation, before what was published with it. Pairs with [`new_generation`].
#[inline]
pub(crate) fn generation() -> Ordering {
    if mutant("generation_load_relaxed") { Ordering::Relaxed } else { Ordering::Acquire }
}

/// E11: a removal begins or ends. Publishes that the store was told, for [`read_stamp`], and takes in
/// what fetches inserted, from [`check_stamp`].
#[inline]
pub(crate) fn change_stamp() -> Ordering {
    if mutant("stamp_change_relaxed") { Ordering::Relaxed } else { Ordering::AcqRel }
}

/// E11: a fetch begins; what it then asks the store happens after the removals that it saw. Pairs with
/// [`change_stamp`].
#[inline]
pub(crate) fn read_stamp() -> Ordering {
    if mutant("stamp_read_relaxed") { Ordering::Relaxed } else { Ordering::Acquire }
}

/// E11: a fetch ends. Publishes what it inserted. Pairs with [`change_stamp`].
#[inline]
pub(crate) fn check_stamp() -> Ordering {
    if mutant("stamp_check_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E12: a thread that ends leaves its block of counters. Pairs with [`take_block`].
#[inline]
pub(crate) fn leave_block() -> Ordering {
    if mutant("leave_block_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E12: a thread takes a block over, and counts on from where its last owner stopped. Pairs with
/// [`leave_block`].
#[inline]
pub(crate) fn take_block() -> Ordering {
    if mutant("take_block_relaxed") { Ordering::Relaxed } else { Ordering::Acquire }
}
