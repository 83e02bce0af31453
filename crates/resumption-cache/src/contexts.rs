//! The isolation contexts of a cache, by their bytes and by their numbers.

use core::fmt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use resumption_session::{SessionIdContext, Timestamp};

use crate::edges::{generation, new_generation};
use crate::sync::{AtomicU64, Ordering};

/// A scope is a context's number and, below these bits, its generation.
const GENERATION_BITS: u32 = 40;
const GENERATION_MASK: u64 = (1 << GENERATION_BITS) - 1;

/// The first chunk of the table has this many places, each further one twice the last.
const FIRST_CHUNK: usize = 8;
const CHUNKS: usize = 18;

/// A generation of a context: from one invalidation to the next. See
/// [`Context::generation`](crate::Context::generation).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Generation(pub(crate) u64);

/// One isolation context.
pub(crate) struct ContextState {
    bytes: SessionIdContext,
    // What the map is given as the scope of this context's keys. An invalidation changes it, and all
    // that was inserted under the former one is out of reach at once.
    scope: AtomicU64,
    // The last invalidation: what an external store has from before then is not wanted any more.
    not_before: AtomicU64,
}

impl ContextState {
    fn new(bytes: SessionIdContext, slot: usize) -> Self {
        Self {
            bytes,
            scope: AtomicU64::new((slot as u64) << GENERATION_BITS),
            not_before: AtomicU64::new(0),
        }
    }

    /// The number that tells it from the cache's other contexts.
    pub(crate) fn number(&self) -> u64 {
        // Relaxed: this half of the word never changes.
        self.scope.load(Ordering::Relaxed) >> GENERATION_BITS
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &SessionIdContext {
        &self.bytes
    }

    /// The scope under which sessions are inserted and looked up now.
    #[inline]
    pub(crate) fn scope(&self) -> u64 {
        self.scope.load(generation())
    }

    /// What was created before then is not wanted. To be read after the scope (edge E10).
    pub(crate) fn not_before(&self) -> Timestamp {
        Timestamp::from_nanos(self.not_before.load(Ordering::Relaxed))
    }

    /// Begins a new generation; nothing of the former ones is found any more.
    pub(crate) fn invalidate(&self, now: Timestamp) {
        self.not_before.fetch_max(now.as_nanos(), Ordering::Relaxed);
        let mut scope = self.scope.load(Ordering::Relaxed);
        loop {
            // Wraps within its own bits after 2^40 invalidations, and never into the number beside it.
            let next = (scope & !GENERATION_MASK) | (scope.wrapping_add(1) & GENERATION_MASK);
            // Publishes `not_before` above.
            match self.scope.compare_exchange(scope, next, new_generation(), Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => scope = now,
            }
        }
    }
}

/// All contexts of a cache. They stay as long as the cache does.
///
/// Looking a context up by its number takes no lock, since sweeps do that for every entry; making
/// one takes a lock, and happens when a server is configured.
pub(crate) struct ContextTable {
    by_bytes: Mutex<HashMap<SessionIdContext, Arc<ContextState>>>,
    chunks: [OnceLock<Chunk>; CHUNKS],
}

type Chunk = Box<[OnceLock<Arc<ContextState>>]>;

impl ContextTable {
    /// The most contexts that one cache tells apart.
    pub(crate) const MAX: usize = 1 << 20;

    pub(crate) fn new() -> Self {
        Self { by_bytes: Mutex::new(HashMap::new()), chunks: [const { OnceLock::new() }; CHUNKS] }
    }

    /// The context of these bytes, made if there is none yet.
    pub(crate) fn by_bytes(
        &self,
        bytes: SessionIdContext,
    ) -> Result<Arc<ContextState>, ContextError> {
        // Nothing in here panics half way, so a poisoned table is as good as any.
        let mut by_bytes = self.by_bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = by_bytes.get(&bytes) {
            return Ok(Arc::clone(state));
        }
        let slot = by_bytes.len();
        if slot >= Self::MAX {
            return Err(ContextError::TooMany);
        }
        let (chunk, place) = locate(slot);
        let made = Arc::new(ContextState::new(bytes, slot));
        let Some(cell) = self.chunks.get(chunk) else { return Err(ContextError::TooMany) };
        let chunk =
            cell.get_or_init(|| (0..FIRST_CHUNK << chunk).map(|_| OnceLock::new()).collect());
        if let Some(cell) = chunk.get(place) {
            // The slot is new, so its cell is empty.
            let _ = cell.set(Arc::clone(&made));
        }
        by_bytes.insert(bytes, Arc::clone(&made));
        Ok(made)
    }

    /// The context whose number is in `scope`.
    pub(crate) fn by_scope(&self, scope: u64) -> Option<&ContextState> {
        let (chunk, place) = locate(usize::try_from(scope >> GENERATION_BITS).ok()?);
        let state = self.chunks.get(chunk)?.get()?.get(place)?.get()?;
        Some(state)
    }

    /// Whether `scope` belongs to a generation that is over.
    pub(crate) fn is_stale(&self, scope: u64) -> bool {
        self.by_scope(scope).is_none_or(|state| state.scope() != scope)
    }
}

/// The chunk and the place in it of a context's number.
fn locate(slot: usize) -> (usize, usize) {
    let index = slot.saturating_add(FIRST_CHUNK);
    let chunk = index.ilog2() - FIRST_CHUNK.ilog2();
    (chunk as usize, index - (FIRST_CHUNK << chunk))
}

/// Why a cache has no such context.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ContextError {
    /// The cache has more than a million contexts already: a context is for a virtual host or a
    /// tenant, not for a connection. The caller's fault.
    TooMany,
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(f, "more than {} isolation contexts", ContextTable::MAX),
        }
    }
}

impl core::error::Error for ContextError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(number: usize) -> SessionIdContext {
        SessionIdContext::new(&number.to_le_bytes()).expect("short")
    }

    #[test]
    fn numbers_lead_back_to_their_contexts() {
        let table = ContextTable::new();
        for number in 0..1000 {
            let made = table.by_bytes(named(number)).expect("few");
            assert_eq!(made.scope() >> GENERATION_BITS, number as u64);
        }
        for number in 0..1000 {
            let again = table.by_bytes(named(number)).expect("few");
            let found = table.by_scope(again.scope()).expect("made");
            assert_eq!(found.bytes(), &named(number));
            assert!(!table.is_stale(again.scope()));
        }
        assert!(table.by_scope(1000 << GENERATION_BITS).is_none());
        assert!(table.is_stale(u64::MAX));
    }

    #[test]
    fn every_number_up_to_the_most_has_its_own_place() {
        let (last, place) = locate(ContextTable::MAX - 1);
        assert!(last < CHUNKS && place < FIRST_CHUNK << last);
        let mut places: Vec<_> = (0..10_000).map(locate).collect();
        places.dedup();
        assert_eq!(places.len(), 10_000);
    }

    #[test]
    fn generations_wrap_within_their_own_bits() {
        let state = ContextState::new(SessionIdContext::EMPTY, 5);
        state.scope.store((5 << GENERATION_BITS) | GENERATION_MASK, Ordering::Relaxed);
        state.invalidate(Timestamp::EPOCH);
        assert_eq!(state.scope(), 5 << GENERATION_BITS);
    }
}
