//! How a list's nodes are reached: by references that a guard keeps valid.

use core::marker::PhantomData;
use core::ptr::NonNull;

use crate::edges::{depart, publish, walk};
use crate::key::Key;
use crate::node::{Header, Node, add_ref, dead, is_dead};
use crate::reclaim::Pinned;
use crate::sync::{AtomicPtr, Ordering, mutant};

/// A node that was reached through a list under a guard, and therefore stays readable while the guard
/// lives, dead or not.
pub(crate) struct NodeRef<'g, T> {
    node: NonNull<Node<T>>,
    guard: PhantomData<&'g Node<T>>,
}

impl<T> Clone for NodeRef<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for NodeRef<'_, T> {}

impl<'g, T> NodeRef<'g, T> {
    /// The node that a live link points to, if any.
    ///
    /// # Safety
    /// `word` is null, or was loaded with edge `walk()` from a list of the map that `guard` pins (or is a
    /// filled node owned by the caller), without the DEAD bit.
    #[inline]
    pub(crate) unsafe fn new(word: *mut Node<T>, _guard: Pinned<'g>) -> Option<Self> {
        debug_assert!(!is_dead(word));
        NonNull::new(word).map(|node| Self { node, guard: PhantomData })
    }

    /// The node itself.
    ///
    /// # Safety
    /// The node is filled, and for `'g` something keeps it from being reclaimed: a guard under which it
    /// was found in a list, a counted reference, or exclusive ownership of its slot.
    #[inline]
    pub(crate) unsafe fn from_non_null(node: NonNull<Node<T>>, _guard: Pinned<'g>) -> Self {
        Self { node, guard: PhantomData }
    }

    #[inline]
    fn node(self) -> &'g Node<T> {
        // SAFETY: the pointer came from a list (see `new`); the node was published before the link that
        // led here (E1 or E3 with E2), and the guard was pinned before that load, so the node is not
        // reclaimed while `'g` lasts. Slots are never deallocated before the map.
        let node = unsafe { self.node.as_ref() };
        node.assert_not_reclaimed();
        node
    }

    /// The raw pointer as it stood in the list: the only one that may be retired.
    #[inline]
    pub(crate) fn as_ptr(self) -> *mut Node<T> {
        self.node.as_ptr()
    }

    pub(crate) fn as_non_null(self) -> NonNull<Node<T>> {
        self.node
    }

    #[inline]
    pub(crate) fn link(self) -> &'g AtomicPtr<Node<T>> {
        &self.node().next
    }

    /// The link of this node's own slot, while it is linked. For `validate`.
    pub(crate) fn slot_link(self) -> u32 {
        self.node().chain.load(Ordering::Relaxed)
    }

    /// The word that holds this entry's whole state.
    #[inline]
    pub(crate) fn next(self) -> *mut Node<T> {
        self.node().next.load(walk())
    }

    #[inline]
    pub(crate) fn header(self) -> &'g Header {
        // SAFETY: filled before publication (E1) and not written again until the slot is reused, which
        // this guard prevents; `credit` is atomic.
        self.node().header.with(|cell| unsafe { (*cell).assume_init_ref() })
    }

    #[inline]
    pub(crate) fn value(self) -> &'g T {
        // SAFETY: as for the header.
        self.node().value.with(|cell| unsafe { (*cell).assume_init_ref() })
    }

    /// The bytes that were inserted with the value.
    #[inline]
    pub(crate) fn bytes(self) -> &'g [u8] {
        // SAFETY: as for the header; the pointer is the list's own, or the slab's.
        unsafe { Node::bytes(self.node) }
    }

    #[inline]
    pub(crate) fn matches(self, tag: u32, key: &Key) -> bool {
        let header = self.header();
        header.tag == tag
            && header.scope == key.scope()
            && header.id_len == key.id_len()
            && header.id == *key.padded_id()
    }

    /// Tries to make the entry depart, given the `next` word just seen (without DEAD). `true` for exactly
    /// one caller per entry.
    #[inline]
    pub(crate) fn kill(self, seen: *mut Node<T>) -> bool {
        if mutant("kill_without_exchange") {
            self.node().next.store(dead(seen), depart());
            return true;
        }
        self.node().next.compare_exchange(seen, dead(seen), depart(), walk()).is_ok()
    }

    /// Departs and links `new` right behind in the same exchange, so that no reader finds a gap.
    pub(crate) fn replace(self, seen: *mut Node<T>, new: NodeRef<'_, T>) -> bool {
        new.point_to(seen);
        if mutant("replace_without_exchange") {
            self.node().next.store(dead(new.as_ptr()), publish());
            return true;
        }
        self.node().next.compare_exchange(seen, dead(new.as_ptr()), publish(), walk()).is_ok()
    }

    /// Sets the link of a node that is not yet published.
    pub(crate) fn point_to(self, next: *mut Node<T>) {
        // Relaxed: the node is still private; its publication carries this along (E1).
        self.node().next.store(next, Ordering::Relaxed);
    }

    /// Adds a reference for a handle.
    pub(crate) fn add_ref(self) {
        // Relaxed: the guard keeps the map's own reference from ending, so the count is at least one.
        add_ref(self.node());
    }
}
