//! Putting sessions into the cache.

use resumption_callbacks::Retention;
use resumption_map::{
    self as map, Cause, Departures, Handle, Key, Map, NewEntry, Refused, RefusedWhy,
};
use resumption_policy::{Admission, Refusal, Role, admit};
use resumption_session::{Session, Timestamp};

use crate::context::Context;
use crate::counters::Count;
use crate::outcome::{InsertError, InsertRefusal, Inserted};
use crate::record::Record;
use crate::reference::SessionRef;
use crate::shared::{Shared, Swept};

/// Who wants a session to be kept.
#[derive(Clone, Copy)]
enum Asker {
    Hand,
    Handshake(Role),
}

/// A session that may enter, and on what terms.
struct Admitted {
    session: Session,
    admission: Admission,
    /// Whether the mode lets negotiated sessions enter the cache itself.
    internally: bool,
    scope: u64,
    now: Timestamp,
}

impl Context {
    /// Caches `session` by hand, whatever the mode says of negotiated sessions, except
    /// [`CacheMode::OFF`](crate::CacheMode::OFF). OpenSSL: `SSL_CTX_add_session`.
    ///
    /// Another session under its id is replaced. If there is no room, others are evicted, never this
    /// one. Under [`CacheMode::UPDATE_TIME`](crate::CacheMode::UPDATE_TIME) its life begins now.
    ///
    /// # Errors
    /// [`InsertError`] with the reason and the session.
    /// # Concurrency
    /// Lock-free. Takes effect at one exchange; replacing shows no gap and no double.
    pub fn insert(&self, session: Session) -> Result<Inserted, InsertError> {
        let admitted = self.admit(session, Asker::Hand)?;
        let now = admitted.now;
        let inserted = self.put(admitted, |map, key, entry, departures| {
            map.insert(key, entry, now.as_nanos(), departures).map(|inserted| (inserted, ()))
        });
        self.shared.housekeep(now);
        inserted.map(|(inserted, ())| inserted)
    }

    /// Caches a session that `role` has just negotiated, as the mode says, and tells the new
    /// callback. This is what an adapter calls. OpenSSL: `ssl_update_cache`.
    ///
    /// * A mode without this role keeps nothing: refused, and the callback hears nothing.
    /// * Under [`CacheMode::NO_INTERNAL_STORE`](crate::CacheMode::NO_INTERNAL_STORE) only the
    ///   callback is told: [`Inserted::External`].
    /// * If the callback says [`Retention::Discard`], the session leaves again at once.
    ///
    /// # Errors
    /// [`InsertError`] with the reason and the session. If the policy agreed and there was only no
    /// room, the callback was told nevertheless.
    pub fn insert_negotiated(&self, role: Role, session: Session) -> Result<Inserted, InsertError> {
        let admitted = self.admit(session, Asker::Handshake(role))?;
        let now = admitted.now;
        let stored = if admitted.internally {
            self.put_and_announce(admitted)
        } else {
            Ok(match self.shared.callbacks.new_session(admitted.session.view()) {
                Retention::Discard => Inserted::Discarded,
                Retention::Keep => Inserted::External,
            })
        };
        self.shared.housekeep(now);
        stored
    }

    /// Inserts a session that a lookup found, once more: the same object. OpenSSL:
    /// `SSL_CTX_add_session` of a session that is in the cache.
    ///
    /// If it is still there, nothing changes, except under
    /// [`CacheMode::UPDATE_TIME`](crate::CacheMode::UPDATE_TIME): then its life begins anew. (A
    /// concurrent lookup may miss it at that moment.) If the get callback had it and it was not
    /// cached, it is now.
    ///
    /// # Errors
    /// [`Refusal::NotResumable`] if it has left the cache, for whatever reason: what was removed or
    /// taken does not come back. [`Refusal::Context`] if it is from another context.
    pub fn insert_again(&self, session: &SessionRef<'_>) -> Result<Inserted, InsertRefusal> {
        if let Err(refusal) = self.may_insert_again(session) {
            self.shared.counters.one(Count::of_refused_insert(refusal));
            return Err(refusal.into());
        }
        // Copied while it is still resumable, or found not to be: then the copy is refused.
        let copy = || session.view().to_session();
        let Some(handle) = session.handle() else {
            return self.insert(copy()).map_err(|error| error.why());
        };
        if !self.shared.live.mode().updates_time() {
            return Ok(Inserted::Unchanged);
        }
        let copy = copy();
        let mut departures = self.shared.departures();
        // The one object leaves before its copy comes: if another thread takes it first, it stays
        // taken, and the copy is not inserted.
        let left = self.shared.map.remove_same(handle, Cause::Replaced, &mut departures);
        self.shared.settle(departures, Swept::Stale);
        if !left {
            self.shared.counters.one(Count::RejectedNotResumable);
            return Err(Refusal::NotResumable.into());
        }
        self.insert(copy).map(|_| Inserted::Unchanged).map_err(|error| error.why())
    }

    fn may_insert_again(&self, session: &SessionRef<'_>) -> Result<(), Refusal> {
        if !core::ptr::eq(session.state(), &raw const *self.state) {
            return Err(Refusal::Context);
        }
        let rules = self.shared.live.rules(&self.state);
        // The same questions as for any other insert; expired is expired, though nobody has met it.
        admit(&session.view(), self.state.bytes(), &rules, self.now()).map(drop)
    }

    /// Judges a session, and begins its life anew if the mode says so.
    fn admit(&self, session: Session, asker: Asker) -> Result<Admitted, InsertError> {
        // First of all: an invalidation between here and the insertion makes the entry unreachable.
        let scope = self.state.scope();
        let now = self.now();
        let rules = self.shared.live.rules(&self.state);
        let may_ask = match asker {
            Asker::Hand => !rules.mode.is_off(),
            Asker::Handshake(role) => rules.mode.stores(role),
        };
        // By its own time, before that is changed.
        let invalidated = session.view().created() < rules.not_before;
        let session = if rules.mode.updates_time() { session.with_created(now) } else { session };
        let admission = if !may_ask {
            Err(Refusal::CachingOff)
        } else if invalidated {
            Err(Refusal::Policy)
        } else {
            admit(&session.view(), self.state.bytes(), &rules, now)
        };
        match admission {
            Ok(admission) => {
                let internally = rules.mode.stores_internally();
                Ok(Admitted { session, admission, internally, scope, now })
            }
            Err(refusal) => {
                self.shared.counters.one(Count::of_refused_insert(refusal));
                Err(InsertError::new(refusal.into(), session))
            }
        }
    }

    /// Puts an admitted session into the map, one way or the other.
    fn put<'c, H>(
        &'c self,
        admitted: Admitted,
        put: impl FnOnce(
            &'c Map<Record>,
            Key,
            NewEntry<Record>,
            &mut Departures<'c, Record>,
        ) -> Result<(map::Inserted, H), Refused<Record>>,
    ) -> Result<(Inserted, H), InsertError> {
        let shared = &*self.shared;
        let id = *admitted.session.id();
        let Some(key) = Shared::key(admitted.scope, &id) else {
            return Err(InsertError::new(Refusal::WrongId.into(), admitted.session));
        };
        let mut departures = shared.departures();
        let entry = Record::new(admitted.session).admitted(admitted.admission);
        let inserted = put(&shared.map, key, entry, &mut departures);
        let (count, inserted) = match inserted {
            Ok((map::Inserted::New, held)) => (Count::Insertion, Ok((Inserted::New, held))),
            Ok((map::Inserted::Replaced, held)) => {
                (Count::Insertion, Ok((Inserted::Replaced, held)))
            }
            Err(refused) => {
                let (count, why) = match refused.why {
                    RefusedWhy::TooHeavy => (Count::RejectedTooHeavy, InsertRefusal::TooHeavy),
                    RefusedWhy::Reclaim => (Count::RejectedStalled, InsertRefusal::Stalled),
                    _ => (Count::RejectedFull, InsertRefusal::Full),
                };
                let session = refused.value.into_session(id, *self.state.bytes());
                (count, Err(InsertError::new(why, session)))
            }
        };
        shared.counters.one(count);
        shared.settle(departures, Swept::Stale);
        inserted
    }

    /// Puts a negotiated session into the map and tells the new callback.
    fn put_and_announce(&self, admitted: Admitted) -> Result<Inserted, InsertError> {
        let now = admitted.now.as_nanos();
        if !self.shared.callbacks.has_new() {
            let put = self.put(admitted, |map, key, entry, departures| {
                map.insert(key, entry, now, departures).map(|inserted| (inserted, ()))
            });
            return put.map(|(inserted, ())| inserted);
        }
        let id = *admitted.session.id();
        let put = self.put(admitted, |map, key, entry, departures| {
            map.insert_held(key, entry, now, departures)
        });
        match put {
            Ok((inserted, handle)) => {
                let view = handle.view(&id, self.state.bytes());
                Ok(match self.shared.callbacks.new_session(view) {
                    Retention::Keep => inserted,
                    Retention::Discard => self.discard(&handle),
                })
            }
            Err(error) => {
                // The store may have the room that the cache lacks; its answer changes nothing here.
                let _ = self.shared.callbacks.new_session(error.session().view());
                Err(error)
            }
        }
    }

    fn discard(&self, handle: &Handle<'_, Record>) -> Inserted {
        let mut departures = self.shared.departures();
        self.shared.map.remove_same(handle, Cause::Removed, &mut departures);
        self.shared.settle(departures, Swept::Stale);
        Inserted::Discarded
    }
}
