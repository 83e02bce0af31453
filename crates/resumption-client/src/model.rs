//! A door for models alone: a server's index without the cache, whose pins order more than they must.

use crate::index::ServerIndex;

/// The places of a server's tickets.
pub struct Places(ServerIndex);

impl Places {
    /// So many of them.
    pub fn new(places: u8) -> Self {
        Self(ServerIndex::new(places))
    }

    /// Puts a ticket into a place, by `insert`.
    pub fn put(&self, insert: impl FnOnce()) {
        if let Some(claim) = self.0.claim() {
            insert();
            self.0.publish(&claim);
        }
    }

    /// Takes the ticket of a place, by `take`; `None` if no place has one.
    pub fn take<R>(&self, take: impl FnOnce() -> R) -> Option<R> {
        let claim = self.0.take_up()?;
        let taken = take();
        self.0.release(&claim);
        Some(taken)
    }
}
