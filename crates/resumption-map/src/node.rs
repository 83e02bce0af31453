//! A node: one entry of the map, two cache lines and room for the entry's bytes behind them.
//!
//! ```text
//! line 0   next      8   the following node; its lowest bit is DEAD
//!          header   56   expires, scope, tag, weight, id length, credit, id
//! line 1   refs      4   1 for the map, 1 for each handle
//!          chain     4   the slot's own number + 1 in use; the next slot + 1 on a stack
//!          bytes     4   how many bytes are kept behind the node
//!          value         up to 48 bytes in this line
//! then     the entry's bytes, as many as the map was made for
//! ```
//!
//! All state of an entry is the word `next`: once DEAD is set the entry has departed and the word
//! never changes again, so readers that stand on a dead node still find their way.

use core::mem::MaybeUninit;
use core::ptr::{NonNull, null_mut};

use crate::edges::{last_ref, unref};
use crate::key::MAX_ID_LEN;
use crate::slot::SlotId;
use crate::sync::{AtomicPtr, AtomicU32, Cell, HintU8, Ordering, mutant};

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

/// Begins at a cache line: the slab sees to that, and not the type, whose size would then be rounded up
/// before the bytes behind it.
#[repr(C)]
pub(crate) struct Node<T> {
    pub(crate) next: AtomicPtr<Node<T>>,
    pub(crate) header: Cell<MaybeUninit<Header>>,
    refs: AtomicU32,
    pub(crate) chain: AtomicU32,
    bytes: Cell<u32>,
    pub(crate) value: Cell<MaybeUninit<T>>,
    /// Set where the memory could be freed; any later access is a bug that a model must see.
    #[cfg(any(resumption_loom, resumption_shuttle, miri))]
    poisoned: crate::sync::HintBool,
}

const _: () = assert!(size_of::<Header>() == 56);
#[cfg(not(any(resumption_loom, resumption_shuttle, miri)))]
const _: () = assert!(size_of::<Node<[u64; 6]>>() == 128, "the header line and one for the value");

impl<T> Node<T> {
    pub(crate) fn vacant(slot: SlotId) -> Self {
        Self {
            next: AtomicPtr::new(null_mut()),
            header: Cell::new(MaybeUninit::uninit()),
            refs: AtomicU32::new(0),
            chain: AtomicU32::new(slot.to_link()),
            bytes: Cell::new(0),
            value: Cell::new(MaybeUninit::uninit()),
            #[cfg(any(resumption_loom, resumption_shuttle, miri))]
            poisoned: crate::sync::HintBool::new(false),
        }
    }

    /// Fills a slot that nobody else can reach and gives it `refs` references.
    ///
    /// # Safety
    /// `this` comes from the slab, with room for `bytes` behind the node; the caller owns the slot
    /// exclusively and it holds no value.
    pub(crate) unsafe fn fill(
        this: NonNull<Self>,
        header: Header,
        value: T,
        bytes: &[u8],
        refs: u32,
    ) {
        // SAFETY: slots of the slab are initialised nodes.
        let node = unsafe { this.as_ref() };
        // Where slots are used again, this one is: whatever was reclaimed is over.
        #[cfg(any(resumption_loom, resumption_shuttle, miri))]
        node.poisoned.store(false, Ordering::Relaxed);
        // SAFETY: exclusive by the caller's promise, so nothing reads or writes these cells meanwhile.
        node.header.with_mut(|cell| unsafe { (*cell).write(header) });
        // SAFETY: as above; and no value is overwritten, so none is leaked.
        node.value.with_mut(|cell| unsafe { (*cell).write(value) });
        #[allow(clippy::cast_possible_truncation, reason = "slots are smaller than 4 GiB")]
        let len = bytes.len() as u32;
        // SAFETY: as above.
        node.bytes.with_mut(|cell| unsafe { *cell = len });
        // SAFETY: room by the caller's promise, exclusive as above, and `bytes` are elsewhere.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), Self::room(this), bytes.len()) };
        // Relaxed: whoever links the node publishes this count with it (edge E1).
        node.refs.store(refs, Ordering::Relaxed);
    }

    /// The room behind a node. From the slab's own pointer: a reference to the node would not reach it.
    fn room(this: NonNull<Self>) -> *mut u8 {
        // In or one past the slot, as slots are at least as large as a node.
        this.as_ptr().wrapping_add(1).cast()
    }

    /// The bytes that were put behind a node.
    ///
    /// # Safety
    /// `this` comes from the slab or from a list, is filled, and is not reclaimed for `'a`.
    #[inline]
    pub(crate) unsafe fn bytes<'a>(this: NonNull<Self>) -> &'a [u8] {
        // SAFETY: alive and filled by the caller's promise; not written again until it is reclaimed.
        let len = unsafe { this.as_ref() }.bytes.with(|cell| unsafe { *cell });
        // SAFETY: `fill` put as many bytes there, before the node was published (E1); as above.
        unsafe { core::slice::from_raw_parts(Self::room(this), len as usize) }
    }

    /// Takes the value out of a slot that was filled but never linked, and wipes its bytes.
    ///
    /// # Safety
    /// The caller owns this slot exclusively and it holds a value, which must not be used again.
    pub(crate) unsafe fn empty(this: NonNull<Self>) -> T {
        // SAFETY: filled by the caller's promise, and exclusive.
        unsafe { Self::wipe(this) };
        // SAFETY: as above.
        unsafe { this.as_ref() }.value.with_mut(|cell| unsafe { (*cell).assume_init_read() })
    }

    /// Gives up one reference; the last one drops the value, wipes the bytes and returns true: the slot is
    /// free.
    ///
    /// # Safety
    /// The caller holds a reference, which ends here. The map's own reference may only end when no
    /// guard that could have seen the node linked is alive.
    pub(crate) unsafe fn unref(this: NonNull<Self>) -> bool {
        // SAFETY: the caller's reference keeps the node filled until the count says otherwise.
        let node = unsafe { this.as_ref() };
        // Mostly there was never a handle: then the caller's reference is the only one, nobody is left who
        // could add another, and no locked instruction is needed.
        if node.refs.load(last_ref()) != 1 {
            if node.give_up_one() != 1 {
                return false;
            }
            node.refs.load(last_ref());
        }
        node.poison();
        // SAFETY: the count reached zero once, so this runs once. The map's reference is gone, hence no
        // guard sees the node, and every handle is gone; their uses happened before (edge E8).
        unsafe { Self::drop_value(this) };
        true
    }

    /// How many references there are. For `validate`.
    pub(crate) fn refs(&self) -> u32 {
        self.refs.load(Ordering::Relaxed)
    }

    /// Counts one reference less and says how many there were; one caller sees 1.
    fn give_up_one(&self) -> u32 {
        if mutant("unref_without_exchange") {
            let before = self.refs.load(Ordering::Relaxed);
            self.refs.store(before.wrapping_sub(1), unref());
            return before;
        }
        self.refs.fetch_sub(1, unref())
    }

    /// Drops the value and wipes the bytes, whatever the count says.
    ///
    /// # Safety
    /// The node holds a value, which nobody else can reach.
    pub(crate) unsafe fn drop_value(this: NonNull<Self>) {
        // SAFETY: filled and exclusive by the caller's promise.
        unsafe { Self::wipe(this) };
        // SAFETY: as above.
        unsafe { this.as_ref() }.value.with_mut(|cell| unsafe { (*cell).assume_init_drop() });
    }

    /// Overwrites the bytes behind a node.
    ///
    /// # Safety
    /// The node is filled, and nobody else can reach it.
    unsafe fn wipe(this: NonNull<Self>) {
        // SAFETY: filled by the caller's promise.
        let len = unsafe { this.as_ref() }.bytes.with(|cell| unsafe { *cell }) as usize;
        if len > 0 {
            // SAFETY: `fill` has written as many, and nobody reads them any more.
            let bytes = unsafe { core::slice::from_raw_parts_mut(Self::room(this), len) };
            // Plain stores, as many at once as the CPU can. The barrier makes them count as observed, so that
            // the optimiser keeps them.
            bytes.fill(0);
            zeroize::optimization_barrier(bytes);
        }
    }

    #[cfg(not(any(resumption_loom, resumption_shuttle, miri)))]
    #[inline]
    #[allow(clippy::unused_self)]
    fn poison(&self) {}

    #[cfg(any(resumption_loom, resumption_shuttle, miri))]
    fn poison(&self) {
        let before = self.poisoned.swap(true, Ordering::Relaxed);
        assert!(!before, "a node was reclaimed twice");
    }

    #[inline]
    #[allow(clippy::unused_self)]
    pub(crate) fn assert_not_reclaimed(&self) {
        #[cfg(any(resumption_loom, resumption_shuttle, miri))]
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
