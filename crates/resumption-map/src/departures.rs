//! What left the map because of an operation, given back to the caller.
//!
//! Nothing of the caller's runs inside an operation; whoever wants to report departures does so when
//! the operation has returned and its guard is gone.

use crate::handle::Handle;

/// Why an entry left the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// A sweep's verdict.
    Condemned,
    /// There was no room.
    Evicted,
    /// It was too old.
    Expired,
    /// It was asked for.
    Removed,
    /// Another entry took its key.
    Replaced,
    /// It was handed out, once.
    Taken,
}

const CAUSES: usize = 6;

/// Collects the entries that depart during operations, each exactly once.
///
/// Entries given to the caller by `take` and `take_with` are not repeated here.
#[derive(Debug)]
pub struct Departures<'m, T> {
    counts: [u64; CAUSES],
    /// `None` where handles are not wanted.
    kept: Option<Vec<(Cause, Handle<'m, T>)>>,
}

impl<'m, T> Departures<'m, T> {
    /// Counts departures by cause and lets the entries go: nothing is allocated.
    pub fn counting() -> Self {
        Self { counts: [0; CAUSES], kept: None }
    }

    /// Counts departures and keeps a handle of each.
    pub fn keeping() -> Self {
        Self { kept: Some(Vec::new()), ..Self::counting() }
    }

    /// How many entries departed for this cause.
    pub fn count(&self, cause: Cause) -> u64 {
        self.counts[cause as usize]
    }

    /// Whether nothing departed.
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|count| *count == 0)
    }

    /// Hands out what was kept, in the order of departure. The counts stay.
    pub fn drain(&mut self) -> impl Iterator<Item = (Cause, Handle<'m, T>)> + '_ {
        self.kept.iter_mut().flat_map(|kept| kept.drain(..))
    }

    #[inline]
    pub(crate) fn push(&mut self, cause: Cause, handle: impl FnOnce() -> Handle<'m, T>) {
        self.counts[cause as usize] += 1;
        if let Some(kept) = &mut self.kept {
            kept.push((cause, handle()));
        }
    }
}
