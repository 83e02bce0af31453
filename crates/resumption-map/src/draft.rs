//! An entry on its way into the map: a filled slot that is not linked yet.

use core::ptr::NonNull;

use crate::handle::Handle;
use crate::node::Header;
use crate::node_ref::NodeRef;
use crate::reclaim::Pinned;
use crate::shard::Shard;
use crate::slab::SlotId;

/// A filled slot. It must be linked or withdrawn; dropped, it would be lost with its value.
#[must_use = "an entry that is neither linked nor withdrawn is lost"]
pub(crate) struct Draft<'m, T> {
    shard: &'m Shard<T>,
    slot: SlotId,
}

impl<'m, T> Draft<'m, T> {
    /// Fills a slot of `shard` and gives it `refs` references: the map's, and a second one for
    /// [`into_handle`](Self::into_handle).
    ///
    /// # Safety
    /// The caller owns the slot alone and it holds no value.
    pub(crate) unsafe fn fill(
        shard: &'m Shard<T>,
        slot: SlotId,
        header: Header,
        value: T,
        refs: u32,
    ) -> Self {
        // SAFETY: the caller's promise; slots that were handed out are initialised nodes.
        unsafe { (*shard.slab.0.node(slot)).fill(header, value, refs) };
        Self { shard, slot }
    }

    pub(crate) fn node<'g>(&self, guard: Pinned<'g>) -> NodeRef<'g, T>
    where
        'm: 'g,
    {
        let node = self.shard.slab.0.node(self.slot);
        // SAFETY: a slot's address is never null; the slot is this thread's and was filled.
        unsafe { NodeRef::from_non_null(NonNull::new_unchecked(node), guard) }
    }

    /// Takes back what was never linked.
    pub(crate) fn withdraw(self) -> T {
        // SAFETY: filled and, since it was never linked, still this thread's alone.
        let value = unsafe { (*self.shard.slab.0.node(self.slot)).empty() };
        self.shard.free(self.slot);
        value
    }

    /// Once linked: a handle, which is the second reference that the slot was filled with.
    pub(crate) fn into_handle(self) -> Handle<'m, T> {
        let node = self.shard.slab.0.node(self.slot);
        // SAFETY: never null; the second reference, which the handle takes over, keeps the node from
        // being reclaimed whatever happened to the entry since it was linked.
        Handle::adopt(unsafe { NonNull::new_unchecked(node) }, self.shard)
    }
}
