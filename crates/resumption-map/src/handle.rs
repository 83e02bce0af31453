//! How entries are lent: by a borrow under a guard, or by a counted handle.

use core::ops::Deref;
use core::ptr::NonNull;

use crate::node::{Node, add_ref, is_dead};
use crate::node_ref::NodeRef;
use crate::reclaim::Pinned;
use crate::shard::Shard;

/// An entry lent for the length of a closure, without any count: the cheapest way to read.
pub struct EntryView<'g, T> {
    node: NodeRef<'g, T>,
}

impl<T> Clone for EntryView<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for EntryView<'_, T> {}

impl<'g, T> EntryView<'g, T> {
    pub(crate) fn new(node: NodeRef<'g, T>) -> Self {
        Self { node }
    }

    /// The id in the entry's key.
    pub fn id(&self) -> &'g [u8] {
        let header = self.node.header();
        &header.id[..usize::from(header.id_len)]
    }

    /// The scope in the entry's key.
    pub fn scope(&self) -> u64 {
        self.node.header().scope
    }

    /// The last instant at which the entry is found.
    pub fn expires(&self) -> u64 {
        self.node.header().expires
    }

    /// What was inserted.
    pub fn value(&self) -> &'g T {
        self.node.value()
    }

    /// The bytes that were inserted with it.
    #[inline]
    pub fn bytes(&self) -> &'g [u8] {
        self.node.bytes()
    }
}

/// A counted reference to an entry's value. It keeps the value alive, not the entry in the map.
///
/// A handle occupies a slot of the map's memory after its entry has departed; hold it for a request, not
/// for hours.
///
/// # Cost
/// Making and dropping one is a locked instruction each on the entry's second line; for a hot entry
/// prefer [`Map::get_with`](crate::Map::get_with).
pub struct Handle<'m, T> {
    node: NonNull<Node<T>>,
    shard: &'m Shard<T>,
}

// SAFETY: a handle is a shared reference to a `T` (hence `Sync`) whose last owner drops the `T` on its
// own thread (hence `Send`); the count is atomic.
unsafe impl<T: Send + Sync> Send for Handle<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Handle<'_, T> {}

impl<'m, T> Handle<'m, T> {
    /// Counts a reference to a node of `shard`.
    pub(crate) fn new(node: NodeRef<'_, T>, shard: &'m Shard<T>) -> Self {
        node.add_ref();
        Self { node: node.as_non_null(), shard }
    }

    /// Makes a handle of a reference that the node's count already contains.
    pub(crate) fn adopt(node: NonNull<Node<T>>, shard: &'m Shard<T>) -> Self {
        Self { node, shard }
    }

    /// The id in the entry's key.
    pub fn id(&self) -> &[u8] {
        self.view().id()
    }

    /// The scope in the entry's key.
    pub fn scope(&self) -> u64 {
        self.view().scope()
    }

    /// The last instant at which the entry is found.
    pub fn expires(&self) -> u64 {
        self.view().expires()
    }

    /// The bytes that were inserted with the value.
    pub fn bytes(&self) -> &[u8] {
        self.view().bytes()
    }

    /// Whether the entry is still in the map; once false, false for ever.
    pub fn is_live(&self) -> bool {
        !is_dead(self.node_ref().next())
    }

    pub(crate) fn shard(&self) -> &'m Shard<T> {
        self.shard
    }

    /// The node, readable as long as the handle: its reference has the effect of a guard, except that
    /// the nodes behind `next` must not be followed.
    pub(crate) fn node_ref(&self) -> NodeRef<'_, T> {
        // SAFETY: the handle's reference keeps the node from being reclaimed while `self` is borrowed, and
        // whoever made the handle had found the node under a guard, after its publication.
        unsafe { NodeRef::from_non_null(self.node, Pinned::by(self)) }
    }

    fn view(&self) -> EntryView<'_, T> {
        EntryView::new(self.node_ref())
    }
}

impl<T> Deref for Handle<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.node_ref().value()
    }
}

impl<T> Clone for Handle<'_, T> {
    fn clone(&self) -> Self {
        // SAFETY: this handle's reference keeps the node alive.
        add_ref(unsafe { self.node.as_ref() });
        Self { ..*self }
    }
}

impl<T> Drop for Handle<'_, T> {
    fn drop(&mut self) {
        // SAFETY: this handle's reference keeps the node alive up to here.
        let node = unsafe { self.node.as_ref() };
        // SAFETY: the handle's own reference ends here, once.
        if unsafe { Node::unref(self.node) } {
            // The map's reference ended before, which set the chain word to the slot's own number; the
            // count made that visible (E8).
            self.shard.free(node);
        }
    }
}

/// Shows nothing of the value, which may be secret.
impl<T> core::fmt::Debug for Handle<'_, T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Handle").field("live", &self.is_live()).finish_non_exhaustive()
    }
}

/// Shows nothing of the value, which may be secret.
impl<T> core::fmt::Debug for EntryView<'_, T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("EntryView").field("expires", &self.expires()).finish_non_exhaustive()
    }
}
