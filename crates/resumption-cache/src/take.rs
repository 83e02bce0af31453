//! Handing a session out once, and removing one.

use resumption_callbacks::{ExternalTake, Removal, RemovalReason};
use resumption_map::{Cause, Departures, Found, Handle};
use resumption_policy::{Refusal, may_resume};
use resumption_session::{Session, SessionId, SessionView, Timestamp, Usage};

use crate::context::Context;
use crate::counters::Count;
use crate::outcome::Lookup;
use crate::record::Record;
use crate::reference::SessionRef;
use crate::shared::{Shared, Swept};

/// How often a take looks again after another thread has changed the very entry that it wanted.
const ATTEMPTS: usize = 64;

impl Context {
    /// Hands the session of this context under `id` out; at most one caller ever receives it.
    ///
    /// The session leaves the cache before this returns, and the remove callback is told that it was
    /// taken. If the get callback can take ([`GetSession::take`]), it alone decides: the cache's own
    /// copy is discarded, never handed out. If it cannot, it is not asked.
    ///
    /// What is given out is not resumable any more, for anybody else: a copy of it cannot be
    /// inserted again.
    ///
    /// [`GetSession::take`]: crate::GetSession::take
    ///
    /// # Concurrency
    /// Lock-free, as far as the cache itself goes. Takes effect at one exchange of the entry's
    /// state, which one caller wins; a `get` that begins after that does not find the session.
    /// # Security
    /// This is what makes a ticket single-use (RFC 8446, section 8.1). A session of another protocol
    /// version is refused and stays.
    pub fn take(&self, id: &SessionId) -> Lookup<SessionRef<'_>> {
        if self.is_uninitialized() {
            return self.look_up_uninitialized(id);
        }
        let now = self.now();
        let lookup = match self.take_externally(id) {
            Some(lookup) => lookup,
            None => self.take_internally(id, now),
        };
        self.shared.housekeep(now);
        lookup
    }

    /// Hands the session of this context under `id` to `f`, once; otherwise as [`Context::take`].
    ///
    /// `f` may run inside the operation: it must be short, and must not block or call the cache.
    ///
    /// # Cost
    /// One read of the clock, one hash, one pin; no reference is counted unless a remove callback is
    /// set or the version is checked.
    #[inline]
    pub fn take_with<R>(&self, id: &SessionId, f: impl FnOnce(SessionView<'_>) -> R) -> Lookup<R> {
        let shared = &*self.shared;
        let plain = self.version().is_none()
            && self.ways.are_ordinary()
            && !shared.callbacks.has_get()
            && !shared.callbacks.has_remove()
            && shared.live.mode().looks_up();
        if !plain {
            return self.take(id).map(|session| f(session.view_for_the_taker()));
        }
        let now = shared.now();
        let Some(key) = Shared::key(self.state.scope(), id) else { return Lookup::Miss };
        let mut departures = shared.departures();
        let found = shared.map.take_with(key, now.as_nanos(), &mut departures, |entry| {
            let record = entry.value();
            self.check(record, Usage::SingleUse, now)?;
            Ok(f(record.view(entry.bytes(), id, self.state.bytes())))
        });
        let lookup = match found {
            Found::Hit(Ok(made)) => {
                shared.counters.update(|tally| {
                    tally.one(Count::InternalHit);
                    tally.one(Count::Taken);
                });
                Lookup::Hit(made)
            }
            Found::Absent => return self.miss(now),
            other => {
                if let Found::Hit(_) = &other {
                    shared.counters.one(Count::Taken);
                }
                shared.settle(departures, Swept::Stale);
                self.or_miss(shared.count_found(other))
            }
        };
        shared.housekeep(now);
        lookup
    }

    /// Removes the session of this context under `id`, wherever it is: the remove callback is told
    /// even when nothing was cached, so that an external store hears of it. Says whether something
    /// was. OpenSSL: `SSL_CTX_remove_session`.
    ///
    /// # Concurrency
    /// A lookup that begins after this has returned does not find the session, not even one whose get
    /// callback had fetched it before, provided that the remove callback has deleted it.
    pub fn remove(&self, id: &SessionId) -> bool {
        let now = self.now();
        let watched = self.watch_removal(id);
        let mut removed = self.remove_internally(id);
        if !removed {
            self.report_absent(id, RemovalReason::Removed);
        }
        if watched {
            removed |= self.end_removal(id);
        }
        self.shared.housekeep(now);
        removed
    }

    fn remove_internally(&self, id: &SessionId) -> bool {
        let Some(key) = Shared::key(self.state.scope(), id) else { return false };
        let mut departures = self.shared.departures();
        let removed = self.shared.map.remove(key, &mut departures);
        self.shared.settle(departures, Swept::Stale);
        removed
    }

    fn report_absent(&self, id: &SessionId, reason: RemovalReason) {
        self.shared.callbacks.removed(Removal::of_absent(self.state.bytes(), id, reason));
    }

    /// Begins a removal that fetches of the get callback must notice; says whether there can be any.
    fn watch_removal(&self, id: &SessionId) -> bool {
        let watched = self.shared.callbacks.has_get();
        if watched {
            self.shared.stamps.change(self.state.bytes(), id);
        }
        watched
    }

    /// Ends it, after the store was told: removes what a fetch may have brought in meanwhile.
    fn end_removal(&self, id: &SessionId) -> bool {
        self.shared.stamps.change(self.state.bytes(), id);
        self.remove_internally(id)
    }

    fn take_internally(&self, id: &SessionId, now: Timestamp) -> Lookup<SessionRef<'_>> {
        let shared = &*self.shared;
        let watched = self.watch_removal(id);
        let looks_up = self.looks_up();
        let mut departures = shared.departures();
        let found = self.take_entry(id, now, &mut departures);
        shared.settle(departures, Swept::Stale);
        if let Found::Hit(Ok((handle, Reported::NotYet))) = &found {
            shared.counters.one(Count::Taken);
            shared.report(handle, RemovalReason::Taken);
        }
        let found = found.map_hit(|taken: Result<_, Refusal>| {
            let (handle, _) = taken?;
            self.check(&handle, Usage::SingleUse, now)?;
            Ok(SessionRef::entry(*id, &self.state, handle))
        });
        if watched {
            self.end_removal(id);
        }
        // Without internal lookups the copy was only discarded.
        let answer = if looks_up { shared.count_found(found) } else { None };
        let missed = looks_up && answer.is_none();
        self.counted(self.or_miss(answer), missed)
    }

    /// Makes the entry depart, if its version is the right one.
    fn take_entry<'c>(
        &'c self,
        id: &SessionId,
        now: Timestamp,
        departures: &mut Departures<'c, Record>,
    ) -> Found<Result<(Handle<'c, Record>, Reported), Refusal>> {
        let map = &self.shared.map;
        let Some(key) = Shared::key(self.state.scope(), id) else { return Found::Absent };
        if self.version().is_none() {
            let taken = map.take(key, now.as_nanos(), departures);
            return taken.map_hit(|handle| Ok((handle, Reported::NotYet)));
        }
        // Authorise first, then end exactly what was authorised.
        for _attempt in 0..ATTEMPTS {
            match map.get(key, now.as_nanos(), departures) {
                Found::Hit(handle) => {
                    if let Err(refusal) = self.check(&handle, Usage::SingleUse, now) {
                        return Found::Hit(Err(refusal));
                    }
                    if map.remove_same(&handle, Cause::Taken, departures) {
                        return Found::Hit(Ok((handle, Reported::WithTheRest)));
                    }
                }
                Found::Expired => return Found::Expired,
                Found::Absent => return Found::Absent,
            }
        }
        Found::Absent
    }

    /// Asks the get callback to hand the session out; `None` where the cache decides by itself.
    fn take_externally(&self, id: &SessionId) -> Option<Lookup<SessionRef<'_>>> {
        let shared = &*self.shared;
        if !self.may_ask() {
            return None;
        }
        let scope = self.state.scope();
        shared.stamps.change(self.state.bytes(), id);
        let taken = match shared.callbacks.take(self.state.bytes(), id) {
            ExternalTake::NotSupported => return None,
            ExternalTake::Absent => None,
            ExternalTake::Taken(session) => Some(session),
        };
        self.discard_copy(id, scope);
        self.end_removal(id);
        let lookup = match taken {
            None => self.or_miss(None),
            Some(session) => self.judge_taken(id, session, scope),
        };
        // The cache itself was not asked.
        Some(self.counted(lookup, false))
    }

    /// The store has decided; the cache's own copy, if there is one, is worth nothing any more.
    fn discard_copy(&self, id: &SessionId, scope: u64) {
        let Some(key) = Shared::key(scope, id) else { return };
        let mut departures = self.shared.departures();
        // Time does not matter: whatever is there goes.
        let found = self.shared.map.take(key, 0, &mut departures);
        self.shared.settle(departures, Swept::Stale);
        if let Found::Hit(handle) = found {
            self.shared.counters.one(Count::Taken);
            self.shared.report(&handle, RemovalReason::Taken);
        }
    }

    fn judge_taken(&self, id: &SessionId, session: Session, scope: u64) -> Lookup<SessionRef<'_>> {
        let shared = &*self.shared;
        // The store may have taken its time.
        let now = shared.now();
        let checked = if session.id() != id {
            Err(Refusal::WrongId)
        } else if self.state.scope() != scope {
            Err(Refusal::Policy)
        } else {
            may_resume(
                &session.view(),
                &self.asked(Usage::SingleUse),
                shared.live.caps(),
                self.state.not_before(),
                now,
            )
        };
        match checked {
            Ok(()) => {
                shared.counters.one(Count::CallbackHit);
                Lookup::CallbackHit(SessionRef::taken(&self.state, session))
            }
            Err(refusal) => self.refuse_fetched(&session, refusal),
        }
    }

    /// A lookup that ends in nothing is a miss, and counted as one.
    #[inline]
    pub(crate) fn or_miss<R>(&self, lookup: Option<Lookup<R>>) -> Lookup<R> {
        lookup.unwrap_or_else(|| {
            self.shared.counters.one(Count::Miss);
            Lookup::Miss
        })
    }
}

/// Whether a taken entry is among the departures.
#[derive(Clone, Copy)]
enum Reported {
    NotYet,
    WithTheRest,
}
