//! A shard: a read-mostly part (bucket heads), a line for writers, and the slab its nodes live in.

use core::ptr::null_mut;

use crate::list::Bucket;
use crate::node::Node;
use crate::quota::Quota;
use crate::slab::Slab;
use crate::slot::SlotId;
use crate::sync::{
    AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, HintUsize, Notices, Ordering, prefetch,
};

/// Keeps what writers change away from what readers read, and shards away from each other. Two lines,
/// since the hardware fetches lines in pairs.
#[repr(align(128))]
pub(crate) struct Apart<T>(pub(crate) T);

#[repr(align(128))]
pub(crate) struct Shard<T> {
    heads: Box<[AtomicPtr<Node<T>>]>,
    /// Its place in the map.
    pub(crate) index: u32,
    /// Whether reclaimed slots may be used again; not under a strict reclaimer, which poisons them.
    pub(crate) recycle: bool,
    pub(crate) writers: Apart<Writers>,
    pub(crate) slab: Apart<Slab<T>>,
}

/// What inserts and departures of this shard write.
pub(crate) struct Writers {
    pub(crate) quota: Quota,
    /// Unlinked nodes not yet handed to reclamation: how many, and the first one's link.
    pub(crate) retired: AtomicU64,
    /// Nodes in deferred actions or on `ready`.
    pub(crate) deferred: AtomicUsize,
    /// The first node whose grace period is over.
    pub(crate) ready: AtomicU32,
    /// For the models: who knows that a node was unlinked (E5).
    pub(crate) unlinked: Notices,
    /// CLOCK's hand: the bucket to look at next.
    pub(crate) hand: HintUsize,
}

impl<T> Shard<T> {
    pub(crate) fn new(index: u32, buckets: usize, bytes: usize, recycle: bool) -> Self {
        Self {
            heads: (0..buckets).map(|_| AtomicPtr::new(null_mut())).collect(),
            index,
            recycle,
            writers: Apart(Writers {
                quota: Quota::new(),
                retired: AtomicU64::new(0),
                deferred: AtomicUsize::new(0),
                ready: AtomicU32::new(0),
                unlinked: Notices::new(),
                hand: HintUsize::new(0),
            }),
            slab: Apart(Slab::new(bytes)),
        }
    }

    #[inline]
    pub(crate) fn bucket(&self, bucket: usize) -> Bucket<'_, T> {
        Bucket::new(&self.heads[bucket])
    }

    /// Asks for the memory of a bucket's first entry, if there is such a bucket.
    #[inline]
    pub(crate) fn prefetch(&self, bucket: usize) {
        if let Some(head) = self.heads.get(bucket) {
            prefetch(head);
        }
    }

    pub(crate) fn buckets(&self) -> usize {
        self.heads.len()
    }

    /// Gives a slot back whose value is dropped or was taken out, and whose chain word has its own number.
    pub(crate) fn free(&self, node: &Node<T>) {
        if self.recycle {
            self.slab.0.release(node.chain.load(Ordering::Relaxed), node);
        }
    }

    /// Drops the values of all entries that are linked or retired.
    ///
    /// # Safety
    /// The caller has exclusive access to the map and does not use its entries again.
    pub(crate) unsafe fn drop_values(&mut self) {
        for bucket in 0..self.buckets() {
            for node in self.bucket(bucket).drain_exclusive() {
                // SAFETY: exclusive; linked nodes hold a value and are not retired.
                unsafe { Node::drop_value(node) };
            }
            self.heads[bucket] = AtomicPtr::new(null_mut());
        }
        let mut link = self.stacks().retired;
        while let Some(slot) = SlotId::from_link(link) {
            let node = self.node(slot);
            link = node.chain.load(Ordering::Relaxed);
            // SAFETY: exclusive; retired nodes hold a value, and these were not yet handed on.
            unsafe { Node::drop_value(self.slab.0.node(slot)) };
        }
    }

    #[inline]
    pub(crate) fn node(&self, slot: SlotId) -> &Node<T> {
        // SAFETY: links hold numbers of slots that were handed out; such slots are initialised nodes, which
        // live as long as the slab, and of which others only access what is atomic or a cell.
        unsafe { self.slab.0.node(slot).as_ref() }
    }
}
