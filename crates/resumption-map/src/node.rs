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

use core::mem::MaybeUninit;
use core::ptr::null_mut;

use crate::edges::{LAST_REF, UNREF};
use crate::key::MAX_ID_LEN;
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
    pub(crate) next: AtomicPtr<Node<T>>,
    pub(crate) header: Cell<MaybeUninit<Header>>,
    refs: AtomicU32,
    pub(crate) chain: AtomicU32,
    pub(crate) value: Cell<MaybeUninit<T>>,
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
        // Mostly there was never a handle: then the caller's reference is the only one, nobody is left who
        // could add another, and no locked instruction is needed.
        if self.refs.load(LAST_REF) != 1 {
            if self.refs.fetch_sub(1, UNREF) != 1 {
                return false;
            }
            self.refs.load(LAST_REF);
        }
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
    pub(crate) fn assert_not_reclaimed(&self) {
        #[cfg(resumption_loom)]
        assert!(!self.poisoned.load(Ordering::Relaxed), "a reclaimed node was read");
    }
}

/// Adds a reference to a node of which the caller holds one, or which a guard keeps from reclamation.
pub(crate) fn add_ref<T>(node: &Node<T>) {
    // Relaxed: the count is at least one, so nothing can end meanwhile; as in `Arc`.
    let before = node.refs.fetch_add(1, Ordering::Relaxed);
    // As in `Arc`: so many handles can only be leaked ones, and wrapping would free a value in use.
    if before > u32::MAX / 2 {
        std::process::abort();
    }
}
