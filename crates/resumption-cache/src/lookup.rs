//! Looking a session up, and leaving it where it is.

use resumption_map::{EntryView, Found};
use resumption_policy::{Asked, Refusal};
use resumption_session::{SessionId, SessionView, Timestamp, Usage};

use crate::context::Context;
use crate::counters::Count;
use crate::outcome::Lookup;
use crate::record::Record;
use crate::reference::SessionRef;
use crate::shared::{Shared, Swept};

impl Context {
    /// Finds the session of this context under `id` and leaves it where it is.
    ///
    /// Looks into the cache, unless the mode says otherwise, and then asks the get callback, if
    /// there is one: what that finds is checked and, unless the mode says otherwise, cached. A
    /// session whose life is over leaves the cache. A single-use session is refused: [`take`] it.
    ///
    /// [`take`]: Context::take
    ///
    /// # Concurrency
    /// Lock-free, as far as the cache itself goes; the get callback takes what it takes. A session
    /// that left before this began is never found.
    /// # Cost
    /// As [`Context::get_with`], and two locked instructions.
    pub fn get(&self, id: &SessionId) -> Lookup<SessionRef<'_>> {
        let lookup = self.look_into_the_cache(id, |departures, key, now| {
            self.shared.map.get(key, now.as_nanos(), departures).map_checked(|handle| {
                check(&handle, &self.asked(Usage::Reusable), now)?;
                Ok(SessionRef::entry(*id, &self.state, handle))
            })
        });
        self.conclude(lookup, |now| self.fetch(id, now))
    }

    /// Finds the session of this context under `id` and lends it to `f`; otherwise as
    /// [`Context::get`].
    ///
    /// `f` runs inside the lookup: it must be short, and must not block or call the cache. While it
    /// runs, no memory of departed sessions is freed. Copy what is needed and leave.
    ///
    /// # Cost
    /// One read of the clock, one hash, one pin, about 1.25 entries read; no reference is counted, and
    /// nothing is written that other threads read.
    #[inline]
    pub fn get_with<R>(&self, id: &SessionId, f: impl FnOnce(SessionView<'_>) -> R) -> Lookup<R> {
        // Handed to whichever of the two finds the session.
        let mut f = Some(f);
        let lookup = self.look_into_the_cache(id, |departures, key, now| {
            let lent = |entry: EntryView<'_, Record>| {
                let record = entry.value();
                check(record, &self.asked(Usage::Reusable), now)?;
                let view = record.view(id, self.state.bytes());
                Ok(f.take().map(|f| f(view)))
            };
            self.shared.map.get_with(key, now.as_nanos(), departures, lent)
        });
        self.conclude(lookup, |now| {
            self.fetch(id, now).map(|session| f.take().map(|f| f(session.view())))
        })
        .filled()
    }

    /// The part of a lookup before any callback: the answer of the cache, counted; `None` where the
    /// get callback has the last word.
    #[inline]
    fn look_into_the_cache<'c, R>(
        &'c self,
        id: &SessionId,
        look: impl FnOnce(
            &mut resumption_map::Departures<'c, Record>,
            resumption_map::Key,
            Timestamp,
        ) -> Found<Result<R, Refusal>>,
    ) -> (Option<Lookup<R>>, Timestamp) {
        let shared = &*self.shared;
        let now = shared.now();
        if !shared.live.mode().looks_up() {
            return (None, now);
        }
        let Some(key) = Shared::key(self.state.scope(), id) else { return (None, now) };
        let mut departures = shared.departures();
        let found = look(&mut departures, key, now);
        let lookup = shared.count_found(found);
        if !matches!(lookup, Some(Lookup::Hit(_))) {
            // A lookup makes nothing leave but what it finds expired.
            shared.settle(departures, Swept::Stale);
        }
        (lookup, now)
    }

    /// The rest of a lookup: the get callback if need be, and housekeeping.
    #[inline]
    fn conclude<R>(
        &self,
        (lookup, now): (Option<Lookup<R>>, Timestamp),
        fetch: impl FnOnce(Timestamp) -> Lookup<R>,
    ) -> Lookup<R> {
        let lookup = match lookup {
            Some(lookup) => lookup,
            None if self.shared.callbacks.has_get() => fetch(now),
            None => {
                self.shared.counters.one(Count::Miss);
                Lookup::Miss
            }
        };
        self.shared.housekeep(now);
        lookup
    }
}

impl Shared {
    /// Counts what the cache itself answered; `None` where somebody else may have the session.
    #[inline]
    pub(crate) fn count_found<R>(&self, found: Found<Result<R, Refusal>>) -> Option<Lookup<R>> {
        let (count, lookup) = match found {
            Found::Hit(Ok(found)) => (Count::InternalHit, Some(Lookup::Hit(found))),
            Found::Hit(Err(refusal)) => {
                (Count::of_refused_lookup(refusal), Some(Lookup::Refused(refusal)))
            }
            Found::Expired => (Count::ExpiredLookup, Some(Lookup::Expired)),
            Found::Absent => (Count::InternalMiss, None),
        };
        self.counters.one(count);
        lookup
    }
}

/// Whether a session of the cache may resume what is asked for. Its context is in its key, its end
/// was compared by the map, and it is resumable or it would not be there.
#[inline]
pub(crate) fn check(record: &Record, asked: &Asked<'_>, now: Timestamp) -> Result<(), Refusal> {
    if !asked.accepts_version(record.version()) {
        return Err(Refusal::Version);
    }
    if !asked.accepts_usage(record.usage()) {
        return Err(Refusal::SingleUse);
    }
    if record.created() > now {
        // The clock was set back. By its own times the session would now live longer.
        return Err(Refusal::FromTheFuture);
    }
    Ok(())
}

/// Checks a hit.
pub(crate) trait MapChecked<T> {
    fn map_checked<R>(self, f: impl FnOnce(T) -> Result<R, Refusal>) -> Found<Result<R, Refusal>>;
}

impl<T> MapChecked<T> for Found<T> {
    #[inline]
    fn map_checked<R>(self, f: impl FnOnce(T) -> Result<R, Refusal>) -> Found<Result<R, Refusal>> {
        match self {
            Found::Hit(hit) => Found::Hit(f(hit)),
            Found::Expired => Found::Expired,
            Found::Absent => Found::Absent,
        }
    }
}

impl<R> Lookup<Option<R>> {
    /// Takes the hit's content out, which is there: the closure is handed to one finder only.
    #[inline]
    pub(crate) fn filled(self) -> Lookup<R> {
        match self {
            Self::CallbackHit(Some(found)) => Lookup::CallbackHit(found),
            Self::Hit(Some(found)) => Lookup::Hit(found),
            Self::Expired => Lookup::Expired,
            Self::Refused(refusal) => Lookup::Refused(refusal),
            Self::Miss | Self::CallbackHit(None) | Self::Hit(None) => Lookup::Miss,
        }
    }
}
