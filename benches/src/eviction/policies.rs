//! The policies: one file each, one trait for all.

pub(crate) mod belady;
pub(crate) mod clock;
pub(crate) mod fifo;
pub(crate) mod lineage_clock;
mod list;
pub(crate) mod lru;
pub(crate) mod random;
pub(crate) mod s3_fifo;
pub(crate) mod sieve;
pub(crate) mod tiny_lfu;

use super::wallets::Id;

/// Where a session comes from, as far as the server can know when it issues one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lineage {
    /// How many resumptions led here from the full handshake; 0 for that handshake's own.
    pub(crate) depth: u16,
    /// Which of the handshake's tickets this is, from 0, in the order of sending.
    pub(crate) ticket: u8,
    /// How many the handshake issues.
    pub(crate) tickets: u8,
}

/// A cache that holds so many sessions and no more.
pub(crate) trait Policy {
    /// A session arrives, of an id that was never there before. It is never its own victim.
    fn put(&mut self, id: Id, lineage: Lineage);

    /// A lookup that leaves the session where it is.
    fn get(&mut self, id: Id) -> bool;

    /// The session leaves; says whether it was there.
    fn remove(&mut self, id: Id) -> bool;

    /// A lookup that takes the session out.
    fn take(&mut self, id: Id) -> bool {
        self.remove(id)
    }
}

/// How large a cache is simulated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Sessions it holds; at least 1.
    pub(crate) capacity: usize,
    /// Sessions that will ever be issued: ids are smaller than this.
    pub(crate) sessions: usize,
}
