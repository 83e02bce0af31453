//! An entry on its way into the map: a filled slot that is not linked yet.

use core::ptr::NonNull;

use crate::handle::Handle;
use crate::node::{Header, Node};
use crate::node_ref::NodeRef;
use crate::reclaim::Pinned;
use crate::shard::Shard;

/// A filled slot. It must be linked or withdrawn; dropped, it would be lost with its value.
#[must_use = "an entry that is neither linked nor withdrawn is lost"]
pub(crate) struct Draft<'m, T> {
    shard: &'m Shard<T>,
    node: NonNull<Node<T>>,
}

impl<'m, T> Draft<'m, T> {
    /// Fills a slot of `shard` and gives it `refs` references: the map's, and a second one for
    /// [`into_handle`](Self::into_handle).
    ///
    /// # Safety
    /// `node` is a slot of the shard's slab, the caller owns it alone, and it holds no value; it has
    /// room for `bytes`.
    pub(crate) unsafe fn fill(
        shard: &'m Shard<T>,
        node: NonNull<Node<T>>,
        header: Header,
        value: T,
        bytes: &[u8],
        refs: u32,
    ) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Node::fill(node, header, value, bytes, refs) };
        Self { shard, node }
    }

    pub(crate) fn node<'g>(&self, guard: Pinned<'g>) -> NodeRef<'g, T>
    where
        'm: 'g,
    {
        // SAFETY: the slot is this thread's and was filled.
        unsafe { NodeRef::from_non_null(self.node, guard) }
    }

    /// Takes back what was never linked.
    pub(crate) fn withdraw(self) -> T {
        // SAFETY: filled and, since it was never linked, still this thread's alone.
        let value = unsafe { Node::empty(self.node) };
        // SAFETY: slots of the slab are initialised nodes.
        self.shard.free(unsafe { self.node.as_ref() });
        value
    }

    /// Once linked: a handle, which is the second reference that the slot was filled with.
    pub(crate) fn into_handle(self) -> Handle<'m, T> {
        // The second reference, which the handle takes over, keeps the node from being reclaimed whatever
        // happened to the entry since it was linked.
        Handle::adopt(self.node, self.shard)
    }
}
