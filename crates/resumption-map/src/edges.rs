//! Every memory ordering on which data of another thread depends, named once. `ORDERINGS.md` beside
//! this crate's manifest says of each who publishes, who reads, what breaks without it, and which model
//! and mutant prove that; `cargo xtask tidy` compares the two.
//!
//! Counters that carry no data are `Relaxed` where they stand. Each function here can be weakened in a
//! model's build (`mutant`, which is constantly false in a shipped one); a model must then fail. The
//! exchanges that publish acquire nothing: what they replace was loaded with [`walk`] before, and nothing
//! else is reached through it.

use crate::sync::{Ordering, mutant};

/// E1: publishes a new node (its header and value) by the exchange that links it, on a bucket's head
/// or on the `next` of the entry that it replaces. Pairs with [`walk`].
#[inline]
pub(crate) fn publish() -> Ordering {
    if mutant("publish_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E2: every load of a link during a walk. Pairs with [`publish`], [`unlink`] and [`depart`].
#[inline]
pub(crate) fn walk() -> Ordering {
    if mutant("walk_relaxed") { Ordering::Relaxed } else { Ordering::Acquire }
}

/// E3: takes a dead node out of its list, which publishes the node behind it once more: the store that
/// first published it is no longer the one that a reader of this link sees. Pairs with [`walk`].
#[inline]
pub(crate) fn unlink() -> Ordering {
    if mutant("unlink_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E4: sets the DEAD bit: the moment an entry departs, won by one thread. What that thread did before
/// is seen by whoever finds the entry gone. Pairs with [`walk`].
#[inline]
pub(crate) fn depart() -> Ordering {
    if mutant("depart_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E5: pushes an unlinked node on its shard's retire stack. Pairs with [`drain`].
#[inline]
pub(crate) fn retire() -> Ordering {
    if mutant("retire_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E5, E6: takes a whole stack (retired or ready nodes). Pairs with [`retire`] and [`ready`].
#[inline]
pub(crate) fn drain() -> Ordering {
    if mutant("drain_relaxed") { Ordering::Relaxed } else { Ordering::Acquire }
}

/// E6: hands a chain of nodes, whose grace period is over, to the writers. Pairs with [`drain`].
#[inline]
pub(crate) fn ready() -> Ordering {
    if mutant("ready_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E7: gives a slot back to the slab. Pairs with [`allocate`], so that the next owner finds the old
/// value dropped.
#[inline]
pub(crate) fn free() -> Ordering {
    if mutant("free_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E7: takes a slot from the slab. Pairs with [`free`].
#[inline]
pub(crate) fn allocate() -> Ordering {
    if mutant("allocate_relaxed") { Ordering::Relaxed } else { Ordering::Acquire }
}

/// E8: gives up a reference to a node; as in `Arc`, all uses happen before the drop of the value.
/// Pairs with [`last_ref`].
#[inline]
pub(crate) fn unref() -> Ordering {
    if mutant("unref_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E8: the last owner's look at what the others did. Pairs with [`unref`].
#[inline]
pub(crate) fn last_ref() -> Ordering {
    if mutant("last_ref_relaxed") { Ordering::Relaxed } else { Ordering::Acquire }
}

/// E9: publishes a new chunk of the slab: memory is allocated before anybody writes to it. Pairs with
/// [`find_chunk`].
#[inline]
pub(crate) fn publish_chunk() -> Ordering {
    if mutant("publish_chunk_relaxed") { Ordering::Relaxed } else { Ordering::Release }
}

/// E9: finds the chunk of a slot. Pairs with [`publish_chunk`].
#[inline]
pub(crate) fn find_chunk() -> Ordering {
    if mutant("find_chunk_relaxed") { Ordering::Relaxed } else { Ordering::Acquire }
}
