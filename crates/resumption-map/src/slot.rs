//! The numbers of slots, and where in doubling chunks each lies.

/// Slots of the first chunk; each further chunk doubles the total.
pub(crate) const FIRST: u32 = 32;
pub(crate) const CHUNKS: usize = 20;

/// A slot's number in its slab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SlotId(pub(crate) u32);

impl SlotId {
    /// As stored in links: 0 means none.
    pub(crate) fn to_link(self) -> u32 {
        self.0 + 1
    }

    pub(crate) fn from_link(link: u32) -> Option<Self> {
        link.checked_sub(1).map(Self)
    }

    /// Which chunk, which slot in it.
    #[inline]
    pub(crate) fn place(self) -> (usize, usize) {
        let index = self.0 + FIRST;
        // The bit is set anyway; the compiler then knows that there is one.
        let chunk = (index | FIRST).ilog2() - FIRST.ilog2();
        (chunk as usize, (index - (FIRST << chunk)) as usize)
    }
}

#[cfg(all(test, not(any(resumption_loom, resumption_shuttle))))]
mod tests {
    use super::*;
    use crate::quota::MAX_SLOTS;

    #[test]
    fn slots_fill_chunk_after_chunk() {
        assert_eq!(SlotId(0).place(), (0, 0));
        assert_eq!(SlotId(31).place(), (0, 31));
        assert_eq!(SlotId(32).place(), (1, 0));
        assert_eq!(SlotId(95).place(), (1, 63));
        assert_eq!(SlotId(96).place(), (2, 0));
        assert!(SlotId(MAX_SLOTS - 1).place().0 < CHUNKS);
    }
}
