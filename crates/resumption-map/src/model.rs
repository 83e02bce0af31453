//! Doors for models alone: the modelled atomics, for the engine above, so that the work-around for loom is
//! in one place; and a slab by itself, since maps with the strict reclaimer use no slot twice.

use core::ptr::NonNull;

pub use crate::sync::model::{AtomicU32, AtomicU64};

use crate::key::MAX_ID_LEN;
use crate::node::{Header, Node};
use crate::slab::Slab;
use crate::sync::{HintU8, Ordering};

/// The slots of a slab, each with a number in it.
pub struct Slots(Slab<u64>);

/// A slot that its owner has alone, if the slab is right.
pub struct Slot(NonNull<Node<u64>>);

// SAFETY: a slot is owned like a box of its number.
unsafe impl Send for Slot {}

impl Slots {
    /// None yet.
    #[allow(clippy::new_without_default, reason = "made by models alone")]
    pub fn new() -> Self {
        Self(Slab::new(0))
    }

    /// Takes a freed slot, or one that was never used, and fills it.
    pub fn take(&self, value: u64) -> Option<Slot> {
        let node = self.0.reuse().or_else(|| self.0.claim_fresh())?;
        let header = Header {
            expires: 0,
            scope: 0,
            tag: 0,
            weight: 0,
            id_len: 0,
            credit: HintU8::new(0),
            id: [0; MAX_ID_LEN],
        };
        // SAFETY: just handed out, and emptied before it was given back.
        unsafe { Node::fill(node, header, value, &[], 1) };
        Some(Slot(node))
    }

    /// Empties a slot and gives it back; says what was in it.
    #[allow(clippy::needless_pass_by_value, reason = "the ownership ends here")]
    pub fn put(&self, slot: Slot) -> u64 {
        // SAFETY: filled by its owner, who gives it up here.
        let value = unsafe { Node::empty(slot.0) };
        // SAFETY: slots of the slab are initialised nodes.
        let node = unsafe { slot.0.as_ref() };
        self.0.release(node.chain.load(Ordering::Relaxed), node);
        value
    }
}
