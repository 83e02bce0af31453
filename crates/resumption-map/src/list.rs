//! A bucket: a list of nodes in the manner of Harris, entered only at its head or in place of another
//! node.
//!
//! Why there is never a second live entry for one key: a new key is linked by an exchange of the head
//! against the value that the head had *before* the search for that key. If the exchange succeeds, no
//! node was linked at the head since; and a replacement happens in place of a node that the search
//! would have found. A head that went away and came back is harmless: whatever was linked above has
//! died again.

use core::ops::ControlFlow;
use core::ptr::NonNull;

use crate::edges::{publish, unlink, walk};
use crate::key::Key;
use crate::node::{Node, is_dead, live};
use crate::node_ref::NodeRef;
use crate::reclaim::Pinned;
use crate::sync::{AtomicPtr, mutant};

/// A node that the caller has taken out of its list and must retire, exactly once.
#[must_use = "an unlinked node that is not retired is lost"]
pub(crate) struct Unlinked<T>(pub(crate) *mut Node<T>);

pub(crate) struct Bucket<'m, T> {
    head: &'m AtomicPtr<Node<T>>,
}

/// A node, its `next` word, and the link that led to it.
pub(crate) struct Linked<'g, T> {
    link: &'g AtomicPtr<Node<T>>,
    pub(crate) node: NodeRef<'g, T>,
    pub(crate) next: *mut Node<T>,
}

impl<T> Linked<'_, T> {
    /// Whether the entry had not departed when its word was loaded.
    #[inline]
    pub(crate) fn is_live(&self) -> bool {
        !is_dead(self.next)
    }

    /// Unlinks the entry, which the caller has just made depart from the state seen. `None` when the link
    /// does not lead to it any more, or its own node has departed: then the list needs a purge.
    pub(crate) fn unlink(&self) -> Option<Unlinked<T>> {
        let node = self.node.as_ptr();
        let unlinked = self.link.compare_exchange(node, self.next, unlink(), walk()).is_ok();
        unlinked.then_some(Unlinked(node))
    }
}

/// What a search for a key saw.
pub(crate) struct Search<'g, T> {
    /// The head from before the walk, adjusted only by nodes which this walk unlinked from it.
    pub(crate) head: *mut Node<T>,
    /// The live entry and its `next` word.
    pub(crate) found: Option<(NodeRef<'g, T>, *mut Node<T>)>,
}

impl<'m, T> Bucket<'m, T> {
    pub(crate) fn new(head: &'m AtomicPtr<Node<T>>) -> Self {
        Self { head }
    }

    /// Finds the live entry of a key without writing anything. Takes effect at the load of the `next`
    /// word that shows the entry alive, or at the load that ends the list.
    #[inline]
    pub(crate) fn lookup<'g>(&self, tag: u32, key: &Key, guard: Pinned<'g>) -> Option<Linked<'g, T>>
    where
        T: 'g,
        'm: 'g,
    {
        let found = self.visit(guard, |linked| {
            if linked.is_live() && linked.node.matches(tag, key) {
                ControlFlow::Break(linked)
            } else {
                ControlFlow::Continue(())
            }
        });
        found.break_value()
    }

    /// Shows every node, dead ones too, without helping.
    #[inline]
    pub(crate) fn visit<'g, B>(
        &self,
        guard: Pinned<'g>,
        mut visitor: impl FnMut(Linked<'g, T>) -> ControlFlow<B>,
    ) -> ControlFlow<B>
    where
        T: 'g,
        'm: 'g,
    {
        let mut link: &'g AtomicPtr<Node<T>> = self.head;
        let mut word = link.load(walk());
        // SAFETY: loaded with walk() from this list under `guard`, DEAD bit removed.
        while let Some(node) = unsafe { NodeRef::new(live(word), guard) } {
            word = node.next();
            visitor(Linked { link, node, next: word })?;
            link = node.link();
        }
        ControlFlow::Continue(())
    }

    /// Finds the live entry of a key and unlinks the dead nodes before it.
    pub(crate) fn search<'g>(
        &self,
        tag: u32,
        key: &Key,
        guard: Pinned<'g>,
        retire: impl FnMut(Unlinked<T>),
    ) -> Search<'g, T>
    where
        T: 'g,
    {
        self.walk(guard, retire, |node, next| node.matches(tag, key).then_some((node, next)))
    }

    /// Unlinks every node that is dead when the walk meets it.
    #[inline(never)]
    pub(crate) fn purge(&self, guard: Pinned<'_>, retire: impl FnMut(Unlinked<T>)) {
        self.walk(guard, retire, |_, _| None::<(NodeRef<'_, T>, *mut Node<T>)>);
    }

    /// Links a new key's node at the head, if the head is still as the search saw it.
    pub(crate) fn link(&self, node: NodeRef<'_, T>, search: &Search<'_, T>) -> bool {
        let seen = if mutant("head_reread") { self.head.load(walk()) } else { search.head };
        node.point_to(seen);
        if mutant("link_without_exchange") {
            self.head.store(node.as_ptr(), publish());
            return true;
        }
        self.head.compare_exchange(seen, node.as_ptr(), publish(), walk()).is_ok()
    }

    #[inline]
    fn walk<'g>(
        &self,
        guard: Pinned<'g>,
        mut retire: impl FnMut(Unlinked<T>),
        mut wanted: impl FnMut(NodeRef<'g, T>, *mut Node<T>) -> Option<(NodeRef<'g, T>, *mut Node<T>)>,
    ) -> Search<'g, T>
    where
        T: 'g,
    {
        'restart: loop {
            let mut head = self.head.load(walk());
            let mut current = head;
            let mut before: Option<NodeRef<'g, T>> = None;
            // SAFETY: `current` was loaded with walk() from this list under `guard`, without DEAD.
            while let Some(node) = unsafe { NodeRef::new(current, guard) } {
                let next = node.next();
                if !is_dead(next) {
                    if let Some(found) = wanted(node, next) {
                        return Search { head, found: Some(found) };
                    }
                    before = Some(node);
                    current = next;
                    continue;
                }
                let behind = live(next);
                let link = before.map_or(self.head, NodeRef::link);
                let unlinked = take_out(link, current, behind);
                if unlinked || mutant("retire_without_unlink") {
                    retire(Unlinked(node.as_ptr()));
                }
                if !unlinked {
                    // The link changed: the node before has died, or somebody was faster.
                    continue 'restart;
                }
                if before.is_none() {
                    head = behind;
                }
                current = behind;
            }
            return Search { head, found: None };
        }
    }

    /// The nodes of a list that nobody else can reach, in order. For the map's own drop.
    pub(crate) fn drain_exclusive(&self) -> Vec<NonNull<Node<T>>> {
        let mut nodes = Vec::new();
        let mut word = live(self.head.load(walk()));
        // SAFETY: exclusive access to the map: nodes in a list are initialised and not reclaimed.
        while let Some(node) = unsafe { NodeRef::new(word, Pinned::exclusive()) } {
            nodes.push(node.as_non_null());
            word = live(node.next());
        }
        nodes
    }
}

/// Leads `link` past the dead node `current`; `false` when the link has changed.
#[inline]
fn take_out<T>(link: &AtomicPtr<Node<T>>, current: *mut Node<T>, behind: *mut Node<T>) -> bool {
    if mutant("unlink_without_exchange") {
        link.store(behind, unlink());
        return true;
    }
    link.compare_exchange(current, behind, unlink(), walk()).is_ok()
}
