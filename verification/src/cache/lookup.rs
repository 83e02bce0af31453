//! Looking up, taking and removing, compared with the oracle.

use resumption_cache::{Lookup, RemovalReason};
use resumption_session::Usage;

use super::bench::{Bench, Evicts, Kept, NOTHING, short_id};
use super::log::number;
use super::operation::Place;
use super::oracle::Asked;

impl<'c> Bench<'c> {
    pub(super) fn get(&mut self, place: Place) -> Option<Kept<'c>> {
        let object = self.oracle.current(place).map_or(0, |held| held.object);
        let found = self.context(place).get(&short_id(place.id)).map(|session| {
            assert!(session.is_resumable());
            let number = number(session.payload());
            Kept { session, number, object, context: place.context }
        });
        let (kept, answer) = match found {
            Lookup::Hit(kept) => {
                let number = kept.number;
                (Some(kept), Lookup::Hit(number))
            }
            other => (None, other.map(|kept| kept.number)),
        };
        self.got(place, answer);
        kept
    }

    pub(super) fn get_with(&mut self, place: Place) {
        let lent = |session: resumption_session::SessionView<'_>| number(session.payload());
        let answer = self.context(place).get_with(&short_id(place.id), lent);
        self.got(place, answer);
    }

    fn got(&mut self, place: Place, answer: Lookup<u64>) {
        let expected = self.oracle.expected(place, Usage::Reusable, self.now());
        assert_eq!(answer, expected);
        self.oracle.offered += 1;
        let gone = match (expected, self.oracle.current(place)) {
            (Lookup::Expired, Some(held)) => vec![(held.number, RemovalReason::Expired)],
            _ => vec![],
        };
        self.follow(gone, Evicts::Nobody);
    }

    pub(super) fn take(&mut self, place: Place) {
        let answer = self.context(place).take(&short_id(place.id)).map(|session| {
            assert!(!session.is_resumable() && !session.view().is_resumable());
            number(session.payload())
        });
        self.took(place, answer);
    }

    pub(super) fn take_with(&mut self, place: Place) {
        let answer = self.context(place).take_with(&short_id(place.id), |session| {
            assert!(session.is_resumable(), "for its taker");
            number(session.payload())
        });
        self.took(place, answer);
    }

    fn took(&mut self, place: Place, answer: Lookup<u64>) {
        let now = self.now();
        assert_eq!(answer, self.oracle.expected(place, Usage::SingleUse, now));
        self.oracle.offered += 1;
        // Without internal lookups the copy is discarded all the same.
        let gone = self.oracle.current(place).and_then(|held| {
            let asked = Asked { version: place.version, usage: Usage::SingleUse };
            if held.expires < now {
                Some((held.number, RemovalReason::Expired))
            } else if place.version.is_some() && held.refusal(asked, now).is_some() {
                // Whoever checks versions authorises first.
                None
            } else {
                Some((held.number, RemovalReason::Taken))
            }
        });
        self.follow(gone.into_iter().collect(), Evicts::Nobody);
    }

    pub(super) fn remove(&mut self, place: Place) {
        let current = self.oracle.current(place);
        let removed = self.context(place).remove(&short_id(place.id));
        assert_eq!(removed, current.is_some());
        let number = current.map_or(NOTHING, |held| held.number);
        self.follow(vec![(number, RemovalReason::Removed)], Evicts::Nobody);
    }
}
