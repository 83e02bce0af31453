//! A node: one entry of the map, two cache lines for values of up to 56 bytes.
//!
//! ```text
//! line 0   next      8   the following node; its lowest bit is DEAD
//!          header   56   expires, scope, tag, weight, id length, credit, id
//! line 1   refs      4   1 for the map, 1 for each handle
//!          chain     4   the slot's own number + 1 in use; the next slot + 1 on a stack
//!          value         the session, inline
//! ```
//!
//! All state of an entry is the word `next`: once DEAD is set the entry has departed and the word
//! never changes again, so readers that stand on a dead node still find their way.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::{NonNull, null_mut};

use crate::edges::{KILL, LAST_REF, PUBLISH, UNREF, WALK};
use crate::key::{Key, MAX_ID_LEN};
use crate::reclaim::Pinned;
use crate::sync::{AtomicPtr, AtomicU32, Cell, HintU8, Ordering};

const DEAD: usize = 1;

/// Whether a link says that the node holding it has departed.
#[inline]
pub(crate) fn is_dead<T>(word: *mut Node<T>) -> bool {
    word.addr() & DEAD != 0
}

#[inline]
pub(crate) fn dead<T>(word: *mut Node<T>) -> *mut Node<T> {
    word.map_addr(|addr| addr | DEAD)
}

#[inline]
pub(crate) fn live<T>(word: *mut Node<T>) -> *mut Node<T> {
    word.map_addr(|addr| addr & !DEAD)
}

/// What is fixed while an entry is linked, except `credit`, which is a hint.
#[repr(C)]
pub(crate) struct Header {
    pub(crate) expires: u64,
    pub(crate) scope: u64,
    pub(crate) tag: u32,
    /// In units of [`WEIGHT_UNIT`](crate::weight::WEIGHT_UNIT).
    pub(crate) weight: u16,
    pub(crate) id_len: u8,
    pub(crate) credit: HintU8,
    pub(crate) id: [u8; MAX_ID_LEN],
}

#[repr(C, align(64))]
pub(crate) struct Node<T> {
    next: AtomicPtr<Node<T>>,
    header: Cell<MaybeUninit<Header>>,
    refs: AtomicU32,
    pub(crate) chain: AtomicU32,
    value: Cell<MaybeUninit<T>>,
    /// Set where the memory could be freed; any later access is a bug that a model must see.
    #[cfg(resumption_loom)]
    poisoned: crate::sync::HintBool,
}

const _: () = assert!(size_of::<Header>() == 56);
#[cfg(not(resumption_loom))]
const _: () = assert!(size_of::<Node<[u64; 7]>>() == 128, "the header line and one for the value");

impl<T> Node<T> {
    pub(crate) fn vacant() -> Self {
        Self {
            next: AtomicPtr::new(null_mut()),
            header: Cell::new(MaybeUninit::uninit()),
            refs: AtomicU32::new(0),
            chain: AtomicU32::new(0),
            value: Cell::new(MaybeUninit::uninit()),
            #[cfg(resumption_loom)]
            poisoned: crate::sync::HintBool::new(false),
        }
    }

    /// Fills a slot that nobody else can reach and gives it `refs` references.
    ///
    /// # Safety
    /// The caller owns this slot exclusively and it holds no value.
    pub(crate) unsafe fn fill(&self, header: Header, value: T, refs: u32) {
        // SAFETY: exclusive by the caller's promise, so nothing reads or writes these cells meanwhile.
        self.header.with_mut(|cell| unsafe { (*cell).write(header) });
        // SAFETY: as above; and no value is overwritten, so none is leaked.
        self.value.with_mut(|cell| unsafe { (*cell).write(value) });
        // Relaxed: whoever links the node publishes this count with it (edge E1).
        self.refs.store(refs, Ordering::Relaxed);
    }

    /// Takes the value out of a slot that was filled but never linked.
    ///
    /// # Safety
    /// The caller owns this slot exclusively and it holds a value, which must not be used again.
    pub(crate) unsafe fn empty(&self) -> T {
        // SAFETY: exclusive and filled by the caller's promise.
        self.value.with_mut(|cell| unsafe { (*cell).assume_init_read() })
    }

    /// Gives up one reference; the last one drops the value and returns true: the slot is free.
    ///
    /// # Safety
    /// The caller holds a reference, which ends here. The map's own reference may only end when no
    /// guard that could have seen the node linked is alive.
    pub(crate) unsafe fn unref(&self) -> bool {
        if self.refs.fetch_sub(1, UNREF) != 1 {
            return false;
        }
        self.refs.load(LAST_REF);
        self.poison();
        // SAFETY: the count reached zero once, so this runs once. The map's reference is gone, hence no
        // guard sees the node, and every handle is gone; their uses happened before (edge E8).
        self.value.with_mut(|cell| unsafe { (*cell).assume_init_drop() });
        true
    }

    /// Drops the value whatever the count says.
    ///
    /// # Safety
    /// The caller has exclusive access to the whole map and the node holds a value.
    pub(crate) unsafe fn drop_value(&self) {
        // SAFETY: exclusive and filled by the caller's promise.
        self.value.with_mut(|cell| unsafe { (*cell).assume_init_drop() });
    }

    #[cfg(not(resumption_loom))]
    #[inline]
    #[allow(clippy::unused_self)]
    fn poison(&self) {}

    #[cfg(resumption_loom)]
    fn poison(&self) {
        let before = self.poisoned.swap(true, Ordering::Relaxed);
        assert!(!before, "a node was reclaimed twice");
    }

    #[inline]
    #[allow(clippy::unused_self)]
    fn assert_not_reclaimed(&self) {
        #[cfg(resumption_loom)]
        assert!(!self.poisoned.load(Ordering::Relaxed), "a reclaimed node was read");
    }
}

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
    /// `word` is null, or was loaded with edge `WALK` from a list of the map that `guard` pins (or is a
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

    /// The word that holds this entry's whole state.
    #[inline]
    pub(crate) fn next(self) -> *mut Node<T> {
        self.node().next.load(WALK)
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
        if cfg!(resumption_mutant = "kill_without_exchange") {
            self.node().next.store(dead(seen), Ordering::Release);
            return true;
        }
        self.node().next.compare_exchange(seen, dead(seen), KILL, WALK).is_ok()
    }

    /// Departs and links `new` right behind in the same exchange, so that no reader finds a gap.
    pub(crate) fn replace(self, seen: *mut Node<T>, new: NodeRef<'_, T>) -> bool {
        new.point_to(seen);
        self.node().next.compare_exchange(seen, dead(new.as_ptr()), PUBLISH, WALK).is_ok()
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

/// Adds a reference to a node of which the caller holds one, or which a guard keeps from reclamation.
pub(crate) fn add_ref<T>(node: &Node<T>) {
    let before = node.refs.fetch_add(1, Ordering::Relaxed);
    // As in `Arc`: so many handles can only be leaked ones, and wrapping would free a value in use.
    if before > u32::MAX / 2 {
        std::process::abort();
    }
}
