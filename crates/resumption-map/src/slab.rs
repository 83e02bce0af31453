//! Memory for nodes: chunks that double, a counter of slots never used, and a list of freed ones.
//!
//! Slots never move and are returned to the system only with the map, so an address found in a list
//! always points to a node. `malloc` with 64-byte alignment would cost 39 to 82 ns an entry; a slot
//! from here costs one exchange.

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};
use std::alloc::{alloc, dealloc};

use crate::edges;
use crate::huge_pages::{HUGE_PAGE, prefer_huge_pages};
use crate::node::Node;
use crate::quota::MAX_SLOTS;
use crate::slot::{CHUNKS, FIRST, SlotId};
use crate::sync::{AtomicPtr, AtomicU32, AtomicU64, Notices, Ordering, mutant};

pub(crate) struct Slab<T> {
    /// The size of a slot: a node, and room behind it.
    stride: usize,
    chunks: [AtomicPtr<Node<T>>; CHUNKS],
    /// For the models: who knows that a chunk was allocated (E9).
    allocated: Notices,
    /// The next slot that was never used.
    fresh: AtomicU32,
    /// Freed slots: a tag in the high half against ABA (a slot whose insert was refused comes back
    /// without a grace period), the first slot's link in the low half.
    free: AtomicU64,
}

impl<T> Slab<T> {
    /// Slots with room for `bytes` behind each node, at least.
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            stride: stride::<T>(bytes),
            chunks: core::array::from_fn(|_| AtomicPtr::new(null_mut())),
            allocated: Notices::new(),
            fresh: AtomicU32::new(0),
            free: AtomicU64::new(0),
        }
    }

    /// The node in a slot that was handed out before.
    #[inline]
    pub(crate) fn node(&self, slot: SlotId) -> NonNull<Node<T>> {
        let (chunk, offset) = slot.place();
        let base = self.chunks[chunk].load(edges::find_chunk());
        self.allocated.learn(base.cast());
        // SAFETY: a slot number only comes from `claim_fresh`, after its chunk was allocated (so that its
        // address is not null) with more than `offset` slots; chunks are never freed before the slab.
        unsafe { NonNull::new_unchecked(base.byte_add(offset * self.stride)) }
    }

    /// Takes a freed slot, with its chain word reset to its own number.
    #[inline]
    pub(crate) fn reuse(&self) -> Option<NonNull<Node<T>>> {
        let mut head = self.free.load(edges::allocate());
        loop {
            let slot = SlotId::from_link(low(head))?;
            let node = self.node(slot);
            // SAFETY: slots on the free list are initialised nodes (see `claim_fresh`). Another thread may
            // take this slot meanwhile: `chain` is atomic, and the tag makes our exchange fail.
            let chain = &unsafe { node.as_ref() }.chain;
            let next = chain.load(Ordering::Relaxed);
            let tag = u32::from(!mutant("slab_without_tag"));
            let popped = join(high(head).wrapping_add(tag), next);
            match self.free.compare_exchange(head, popped, edges::allocate(), edges::allocate()) {
                Ok(_) => {
                    chain.store(slot.to_link(), Ordering::Relaxed);
                    return Some(node);
                }
                Err(now) => head = now,
            }
        }
    }

    /// Takes a slot that was never used; `None` when memory or numbers are exhausted.
    pub(crate) fn claim_fresh(&self) -> Option<NonNull<Node<T>>> {
        let mut fresh = self.fresh.load(Ordering::Relaxed);
        loop {
            if fresh >= MAX_SLOTS {
                return None;
            }
            let slot = SlotId(fresh);
            if !self.grow(slot.place().0) {
                return None;
            }
            // Relaxed: numbers carry no data; the chunk's address is published by `grow`.
            match self.fresh.compare_exchange(
                fresh,
                fresh + 1,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    let node = self.node(slot);
                    // SAFETY: in bounds, aligned, and ours alone: nobody has had this number before.
                    unsafe { node.write(Node::vacant(slot)) };
                    return Some(node);
                }
                Err(now) => fresh = now,
            }
        }
    }

    /// Gives slots back, which hold no values and with which their former owners are done: a chain from the
    /// slot of the link `first` to `last`, one of this slab's.
    pub(crate) fn release(&self, first: u32, last: &Node<T>) {
        let mut head = self.free.load(Ordering::Relaxed);
        loop {
            last.chain.store(low(head), Ordering::Relaxed);
            let tag = u32::from(!mutant("slab_without_tag"));
            let pushed = join(high(head).wrapping_add(tag), first);
            match self.free.compare_exchange(head, pushed, edges::free(), Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// How many slots were ever used.
    pub(crate) fn used(&self) -> u32 {
        self.fresh.load(Ordering::Relaxed)
    }

    /// The link of the first freed slot. For `validate`.
    pub(crate) fn first_free(&self) -> u32 {
        low(self.free.load(Ordering::Relaxed))
    }

    fn chunk_layout(&self, chunk: usize) -> Option<Layout> {
        let size = self.stride.checked_mul((FIRST as usize) << chunk)?;
        let align = if size >= HUGE_PAGE { HUGE_PAGE } else { slot_align::<T>() };
        Layout::from_size_align(size, align).ok()
    }

    /// Makes sure that a chunk exists.
    fn grow(&self, chunk: usize) -> bool {
        if !self.chunks[chunk].load(edges::find_chunk()).is_null() {
            return true;
        }
        let Some(layout) = self.chunk_layout(chunk) else { return false };
        // SAFETY: the layout is not empty: a node has at least 128 bytes.
        let base = unsafe { alloc(layout) }.cast::<Node<T>>();
        if base.is_null() {
            return false;
        }
        if layout.size() >= HUGE_PAGE {
            // SAFETY: the range was just allocated.
            unsafe { prefer_huge_pages(base.cast(), layout.size()) };
        }
        self.allocated.note(base.cast());
        // Publishes the allocation alone: slots are initialised by their first owners. Relaxed, if another
        // thread was faster: its chunk is looked up before it is used.
        let raced = self.chunks[chunk]
            .compare_exchange(null_mut(), base, edges::publish_chunk(), Ordering::Relaxed)
            .is_err();
        if raced {
            // SAFETY: allocated above with this layout and never shared.
            unsafe { dealloc(base.cast(), layout) };
        }
        true
    }
}

impl<T> Drop for Slab<T> {
    fn drop(&mut self) {
        for (chunk, base) in self.chunks.iter().enumerate() {
            // Relaxed: exclusive access.
            let base = base.load(Ordering::Relaxed);
            if let (false, Some(layout)) = (base.is_null(), self.chunk_layout(chunk)) {
                // SAFETY: allocated in `grow` with this layout; values were dropped by the map, and
                // nodes themselves need no drop.
                unsafe { dealloc(base.cast(), layout) };
            }
        }
    }
}

/// Where slots begin: each node's header is one cache line.
const fn slot_align<T>() -> usize {
    if align_of::<Node<T>>() > 64 { align_of::<Node<T>>() } else { 64 }
}

/// The size of a slot with room for `bytes` behind the node: whole lines.
pub(crate) const fn stride<T>(bytes: usize) -> usize {
    (size_of::<Node<T>>() + bytes).next_multiple_of(slot_align::<T>())
}

#[allow(clippy::cast_possible_truncation, reason = "the low half is what is meant")]
fn low(word: u64) -> u32 {
    word as u32
}

fn high(word: u64) -> u32 {
    low(word >> 32)
}

fn join(high: u32, low: u32) -> u64 {
    (u64::from(high) << 32) | u64::from(low)
}

#[cfg(all(test, not(any(resumption_loom, resumption_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn freed_slots_come_back_last_in_first_out() {
        let slab = Slab::<u8>::new(10);
        assert_eq!(slab.reuse(), None);
        let slots: Vec<_> = (0..100).map(|_| slab.claim_fresh().expect("memory")).collect();
        let release = |at: usize| {
            // SAFETY: an initialised node, which lives as long as the slab.
            let node = unsafe { slots[at].as_ref() };
            slab.release(node.chain.load(Ordering::Relaxed), node);
        };
        release(3);
        release(70);
        assert_eq!(slab.reuse(), Some(slots[70]));
        assert_eq!(slab.reuse(), Some(slots[3]));
        assert_eq!(slab.reuse(), None);
        assert_eq!(slab.used(), 100);
    }
}
