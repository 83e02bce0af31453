//! How a session that is removed while the get callback fetches it is kept from coming back.

use std::hash::BuildHasher;
use std::sync::OnceLock;

use resumption_session::{SessionId, SessionIdContext};

use crate::edges::{change_stamp, check_stamp, read_stamp};
use crate::sync::{AtomicU64, STRIPES, StripeHasher, mutant, stripe_hasher};

/// Counts removals by a hash of context and id.
///
/// A fetch from an external store takes long. If the session is removed or taken meanwhile, what was
/// fetched must neither resume nor enter the cache. The fetch reads the stamp before it asks and
/// after it has inserted; a removal changes it before it looks and after the store has been told. So
/// in any order of the two, either the removal finds what the fetch inserted, or the fetch finds the
/// changed stamp:
/// * the fetch's last read comes before the removal's last change: then the insertion comes before
///   the removal's last look, which finds it;
/// * it comes after: then the stamp differs, unless the fetch began after that change, when the
///   store did not have the session any more.
///
/// Edge E11 makes "finds" and "did not have" true: each side publishes what it did by its exchange of
/// the stamp, and exchanges of one place have one order.
#[derive(Default)]
pub(crate) struct Stamps {
    stripes: OnceLock<(StripeHasher, Box<[AtomicU64]>)>,
}

/// The stamp as a fetch saw it when it began.
#[derive(Clone, Copy)]
pub(crate) struct Stamp<'a> {
    stripe: &'a AtomicU64,
    seen: u64,
}

impl Stamps {
    /// Notes that a session is being removed.
    pub(crate) fn change(&self, context: &SessionIdContext, id: &SessionId) {
        self.stripe(context, id).fetch_add(1, change_stamp());
    }

    /// Reads the stamp before a fetch.
    pub(crate) fn read(&self, context: &SessionIdContext, id: &SessionId) -> Stamp<'_> {
        let stripe = self.stripe(context, id);
        Stamp { stripe, seen: stripe.load(read_stamp()) }
    }

    fn stripe(&self, context: &SessionIdContext, id: &SessionId) -> &AtomicU64 {
        let (hasher, stripes) = self
            .stripes
            .get_or_init(|| (stripe_hasher(), (0..STRIPES).map(|_| AtomicU64::new(0)).collect()));
        #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is meant")]
        let hash = hasher.hash_one((context, id)) as usize;
        &stripes[hash % STRIPES]
    }
}

impl Stamp<'_> {
    /// Whether a removal has begun or ended since.
    pub(crate) fn is_changed(&self) -> bool {
        if mutant("stamp_load") {
            return self.stripe.load(read_stamp()) != self.seen;
        }
        // A read-modify-write: it has a place in the order of changes, after the insertion before it.
        self.stripe.fetch_add(0, check_stamp()) != self.seen
    }
}
