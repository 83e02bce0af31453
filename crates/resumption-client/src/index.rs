//! What is known of one server: where its tickets lie, in which order they came, and which key exchange
//! it likes.

use core::any::Any;
use core::num::NonZeroU16;
use std::sync::Arc;

use resumption_session::{SecretBytes, SessionObject, SessionView};

use crate::edges::{publish_place, take_up_place};
use crate::sync::{AtomicU64, HintU16, HintU64, Ordering};

/// A server's index, in an entry of the cache beside the server's tickets, which are entries of their own.
///
/// It only says where to look. Whether a ticket is there, whether it is too old, and who of several
/// takers gets it, the cache decides; an index that is wrong costs a ticket, and gives none out twice.
///
/// # Orderings
/// A place is made ready after its ticket was inserted, and taken up before the ticket is looked for
/// (edge E13): whoever sees it ready finds the ticket. Nothing else is read on the strength of a place.
pub(crate) struct ServerIndex {
    places: Box<[AtomicU64]>,
    /// Numbers the tickets in the order in which they came.
    arrivals: HintU64,
    /// The named group to begin with; zero if none is known.
    group: HintU16,
}

/// What a place holds: the number of its ticket above two bits of state, or [`FREE`].
type Word = u64;

const FREE: Word = 0;
/// A ticket is on its way into the cache.
const FILLING: Word = 1;
/// A ticket is there.
const READY: Word = 2;
/// A ticket is being taken.
const TAKING: Word = 3;

const STATE_BITS: u32 = 2;
const STATE: Word = (1 << STATE_BITS) - 1;

/// A place that somebody has claimed, and what it looks like meanwhile.
#[derive(Debug)]
pub(crate) struct Claim {
    place: u8,
    word: Word,
    former: Word,
}

impl Claim {
    pub(crate) fn place(&self) -> u8 {
        self.place
    }
}

impl ServerIndex {
    pub(crate) fn new(places: u8) -> Self {
        Self {
            places: (0..places).map(|_| AtomicU64::new(FREE)).collect(),
            arrivals: HintU64::new(0),
            group: HintU16::new(0),
        }
    }

    /// Claims a place for a new ticket: a free one, or else that of the oldest. `None` only if the index
    /// has no places at all.
    pub(crate) fn claim(&self) -> Option<Claim> {
        let arrival = self.arrivals.fetch_add(1, Ordering::Relaxed) + 1;
        let word = (arrival << STATE_BITS) | FILLING;
        loop {
            let (place, former) = self.lowest()?;
            // A free place is lower than any other: its number is zero.
            if self.exchange(place, former, word, Ordering::Relaxed) {
                return Some(Claim { place, word, former });
            }
        }
    }

    /// Says that the ticket for this place has been inserted.
    pub(crate) fn publish(&self, claim: &Claim) {
        // If this fails, so many newer tickets came meanwhile that one has got this place: then that one
        // says when it is ready.
        self.exchange(claim.place, claim.word, (claim.word & !STATE) | READY, publish_place());
    }

    /// Says that there will be no ticket: the place is as before.
    pub(crate) fn abandon(&self, claim: &Claim) {
        self.exchange(claim.place, claim.word, claim.former, Ordering::Relaxed);
    }

    /// Takes up the place of the newest ticket there is.
    pub(crate) fn take_up(&self) -> Option<Claim> {
        loop {
            let (place, former) = self.newest()?;
            let word = (former & !STATE) | TAKING;
            if self.exchange(place, former, word, take_up_place()) {
                return Some(Claim { place, word, former });
            }
        }
    }

    /// Says that the place has nothing in it any more.
    pub(crate) fn release(&self, claim: &Claim) {
        self.exchange(claim.place, claim.word, FREE, Ordering::Relaxed);
    }

    /// The named group to begin with.
    pub(crate) fn group(&self) -> Option<NonZeroU16> {
        NonZeroU16::new(self.group.load(Ordering::Relaxed))
    }

    pub(crate) fn set_group(&self, group: NonZeroU16) {
        self.group.store(group.get(), Ordering::Relaxed);
    }

    /// The place of the lowest word: free, or else of the oldest ticket.
    fn lowest(&self) -> Option<(u8, Word)> {
        self.words().min_by_key(|(_, word)| *word)
    }

    fn newest(&self) -> Option<(u8, Word)> {
        self.words().filter(|(_, word)| word & STATE == READY).max_by_key(|(_, word)| *word)
    }

    fn words(&self) -> impl Iterator<Item = (u8, Word)> + '_ {
        (0..).zip(&self.places).map(|(place, word)| (place, word.load(Ordering::Relaxed)))
    }

    fn exchange(&self, place: u8, from: Word, to: Word, order: Ordering) -> bool {
        let Some(word) = self.places.get(usize::from(place)) else { return false };
        word.compare_exchange(from, to, order, Ordering::Relaxed).is_ok()
    }
}

/// An index as an entry of the cache.
pub(crate) struct IndexEntry(pub(crate) Arc<ServerIndex>);

impl IndexEntry {
    /// The index in a session of the cache, if it is one.
    pub(crate) fn index_in(session: &SessionView<'_>) -> Option<Arc<ServerIndex>> {
        let object: &dyn Any = &**session.object()?;
        object.downcast_ref::<Self>().map(|entry| Arc::clone(&entry.0))
    }
}

impl SessionObject for IndexEntry {
    fn weight(&self) -> usize {
        size_of::<Self>() + size_of::<ServerIndex>() + size_of_val::<[AtomicU64]>(&self.0.places)
    }

    /// Where tickets lie in this process is nobody else's business.
    fn encode(&self) -> Option<SecretBytes> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(index: &ServerIndex) -> u8 {
        let claim = index.claim().expect("there are places");
        index.publish(&claim);
        claim.place()
    }

    fn take(index: &ServerIndex) -> Option<u8> {
        let claim = index.take_up()?;
        index.release(&claim);
        Some(claim.place())
    }

    #[test]
    fn the_newest_goes_first_and_the_oldest_makes_room() {
        let index = ServerIndex::new(3);
        assert_eq!([put(&index), put(&index), put(&index)], [0, 1, 2]);
        assert_eq!(take(&index), Some(2));
        // A free place before an old ticket's.
        assert_eq!([put(&index), put(&index)], [2, 0]);
        assert_eq!([take(&index), take(&index), take(&index)], [Some(0), Some(2), Some(1)]);
        assert_eq!(take(&index), None);
    }

    #[test]
    fn a_place_is_nobody_elses_while_it_is_filled_or_emptied() {
        let index = ServerIndex::new(2);
        let filling = index.claim().expect("free");
        assert!(index.take_up().is_none(), "not there yet");
        index.publish(&filling);
        let taking = index.take_up().expect("ready");
        assert!(index.take_up().is_none(), "already somebody's");
        assert_ne!(index.claim().expect("the other place").place(), taking.place());
    }

    #[test]
    fn an_insert_that_fails_leaves_the_older_ticket_where_it_was() {
        let index = ServerIndex::new(1);
        put(&index);
        let claim = index.claim().expect("the oldest makes room");
        index.abandon(&claim);
        assert_eq!(take(&index), Some(0));
    }

    #[test]
    fn whoever_was_overtaken_changes_nothing() {
        let index = ServerIndex::new(1);
        let slow = index.claim().expect("free");
        let fast = index.claim().expect("the oldest makes room");
        index.publish(&slow);
        assert!(index.take_up().is_none(), "the newer one is not there yet");
        index.publish(&fast);
        assert!(index.take_up().is_some());
        index.release(&slow);
        index.abandon(&slow);
        assert!(index.take_up().is_none(), "it is still being taken");
    }
}
