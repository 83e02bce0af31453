//! What became of the sessions.

/// What was written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Drained {
    /// Sessions in the snapshot.
    pub sessions: u64,
    /// Sessions that have no form outside the process, or one that is too long, or that left the cache
    /// meanwhile.
    pub left_out: u64,
    /// Bytes of the snapshot.
    pub bytes: u64,
}

/// What was read. Every record that was found is counted once, besides `complete`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Restored {
    /// Sessions that are in the cache now.
    pub loaded: u64,
    /// Records that were changed, moved within the file, or sealed for another namespace or codec.
    pub damaged: u64,
    /// Sessions whose life is over.
    pub expired: u64,
    /// Sessions that the cache refused for any other reason: full, a policy, a clock that went back.
    pub refused: u64,
    /// Records of a later version of this software.
    pub unknown_format: u64,
    /// Records under a key that is not in the ring.
    pub unknown_key: u64,
    /// Sessions of contexts that the caller did not name.
    pub unknown_context: u64,
    /// Whether the snapshot was there to its end, and each of its records was found. `false` for a file
    /// that was cut short, or whose end does not open.
    pub complete: bool,
}

impl Restored {
    /// How many records were found, whatever became of them.
    pub fn found(&self) -> u64 {
        self.loaded
            + self.damaged
            + self.expired
            + self.refused
            + self.unknown_format
            + self.unknown_key
            + self.unknown_context
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            loaded: self.loaded + other.loaded,
            damaged: self.damaged + other.damaged,
            expired: self.expired + other.expired,
            refused: self.refused + other.refused,
            unknown_format: self.unknown_format + other.unknown_format,
            unknown_key: self.unknown_key + other.unknown_key,
            unknown_context: self.unknown_context + other.unknown_context,
            complete: self.complete || other.complete,
        }
    }
}
