//! Looking a session up, and leaving it where it is.

use resumption_map::Found;
use resumption_policy::Refusal;
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
        let shared = &*self.shared;
        if self.is_uninitialized() {
            return self.look_up_uninitialized(id);
        }
        let now = shared.now();
        let mut answer = None;
        let looks_up = self.looks_up();
        if looks_up {
            let Some(key) = Shared::key(self.state.scope(), id) else { return Lookup::Miss };
            let mut departures = shared.departures();
            let found = shared.map.get(key, now.as_nanos(), &mut departures);
            let found = found.map_hit(|handle| {
                self.check(&handle, Usage::Reusable, now)?;
                Ok(SessionRef::entry(*id, &self.state, handle))
            });
            answer = shared.count_found(found);
            shared.settle(departures, Swept::Stale);
        }
        let missed = looks_up && answer.is_none();
        self.counted(self.conclude(answer, now, |now| self.fetch(id, now)), missed)
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
        let shared = &*self.shared;
        if !self.ways.are_ordinary() {
            return self.get(id).map(|session| f(session.view_for_the_taker()));
        }
        let now = shared.now();
        // Handed to whoever finds the session: the cache, or else the get callback.
        let mut f = Some(f);
        let mut answer = None;
        if shared.live.mode().looks_up() {
            let Some(key) = Shared::key(self.state.scope(), id) else { return Lookup::Miss };
            let mut departures = shared.departures();
            let found = shared.map.get_with(key, now.as_nanos(), &mut departures, |entry| {
                let record = entry.value();
                self.check(record, Usage::Reusable, now)?;
                let view = record.view(entry.bytes(), id, self.state.bytes());
                Ok(f.take().map(|f| f(view)))
            });
            // A lookup makes nothing leave but what it finds expired.
            match found {
                Found::Hit(Ok(Some(made))) => {
                    shared.counters.one(Count::InternalHit);
                    shared.housekeep(now);
                    return Lookup::Hit(made);
                }
                Found::Absent if !shared.callbacks.has_get() => return self.miss(now),
                _ => (),
            }
            answer = shared.count_found(found);
            shared.settle(departures, Swept::Stale);
        }
        let fetch = |now| self.fetch(id, now).map(|found| f.take().map(|f| f(found.view())));
        self.conclude(answer, now, fetch).filled()
    }

    /// Whether a session of the cache may resume what is asked for. Its context is in its key, its
    /// end was compared by the map, and it is resumable or it would not be there.
    #[inline]
    pub(crate) fn check(
        &self,
        record: &Record,
        usage: Usage,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let asked = self.asked(usage);
        if !asked.accepts_version(record.version()) {
            return Err(Refusal::Version);
        }
        if !asked.accepts_usage(record.usage()) {
            return Err(Refusal::SingleUse);
        }
        if self.shared.live.caps().is_future(record.created(), now) {
            // The clock was set back. By its own times the session would now live longer.
            return Err(Refusal::FromTheFuture);
        }
        Ok(())
    }

    /// Neither the cache nor anybody else has it.
    #[inline]
    pub(crate) fn miss<R>(&self, now: Timestamp) -> Lookup<R> {
        self.shared.counters.update(|tally| {
            tally.one(Count::InternalMiss);
            tally.one(Count::Miss);
        });
        self.shared.housekeep(now);
        Lookup::Miss
    }

    /// The rest of a lookup: the get callback, if the cache has no answer, and housekeeping.
    fn conclude<R>(
        &self,
        answer: Option<Lookup<R>>,
        now: Timestamp,
        fetch: impl FnOnce(Timestamp) -> Lookup<R>,
    ) -> Lookup<R> {
        let lookup = match answer {
            None if self.may_ask() => fetch(now),
            answer => self.or_miss(answer),
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
