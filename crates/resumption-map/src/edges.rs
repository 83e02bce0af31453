//! Every memory ordering on which data of another thread depends, named once.
//!
//! Read each as: who publishes, who reads, what breaks without it. Counters that carry no data are
//! `Relaxed` where they stand. Those that are functions can be weakened in a model (`mutant`, which is
//! constantly false in a shipped build); the models in `loom-tests/` must then fail.

use crate::sync::{Ordering, mutant};

/// E1: publishes a new node (its header and value) by the exchange that links it, on a bucket's head
/// or on the `next` of the entry that it replaces. Pairs with [`walk`]. Without it a reader could see
/// the pointer before the fields.
#[inline]
pub(crate) fn publish() -> Ordering {
    if mutant("publish_relaxed") { Ordering::Relaxed } else { Ordering::AcqRel }
}

/// E2: every load of a link during a walk. Pairs with [`publish`] and [`unlink`].
#[inline]
pub(crate) fn walk() -> Ordering {
    if mutant("walk_relaxed") { Ordering::Relaxed } else { Ordering::Acquire }
}

/// E3: takes a dead node out of its list, which publishes the node behind it once more: the store that
/// first published it is no longer the one that a reader of this link sees. Pairs with [`walk`].
#[inline]
pub(crate) fn unlink() -> Ordering {
    if mutant("unlink_relaxed") { Ordering::Relaxed } else { Ordering::AcqRel }
}

/// E4: sets the DEAD bit: the moment an entry departs, won by one thread. Release keeps what was
/// done to the entry before its departure; acquire because the winner goes on to read it.
pub(crate) const KILL: Ordering = Ordering::AcqRel;

/// E5: pushes an unlinked node on its shard's retire stack. Pairs with [`DRAIN`].
pub(crate) const RETIRE: Ordering = Ordering::Release;

/// E5: takes a whole stack (retired or ready nodes). Pairs with [`RETIRE`] and [`READY`].
pub(crate) const DRAIN: Ordering = Ordering::AcqRel;

/// E6: hands a chain of nodes, whose grace period is over, to the writers. Pairs with [`DRAIN`].
pub(crate) const READY: Ordering = Ordering::Release;

/// E7: gives a slot back to the slab. Pairs with [`ALLOCATE`], so that the next owner finds the old
/// value dropped.
pub(crate) const FREE: Ordering = Ordering::Release;

/// E7: takes a slot from the slab. Pairs with [`FREE`].
pub(crate) const ALLOCATE: Ordering = Ordering::Acquire;

/// E8: gives up a reference to a node; as in `Arc`, all uses happen before the drop of the value.
pub(crate) const UNREF: Ordering = Ordering::Release;

/// E8: the last owner's look at what the others did. Pairs with [`UNREF`].
pub(crate) const LAST_REF: Ordering = Ordering::Acquire;
