//! Putting sessions into the cache.

use std::sync::Arc;

use resumption_callbacks::{Resumability, Retention};
use resumption_map::{self as map, Cause, Departures, Handle, Key, NewEntry, Refused, RefusedWhy};
use resumption_policy::{Admission, Refusal, Role, admit};
use resumption_session::{Session, SessionView, Timestamp};

use crate::context::Context;
use crate::contexts::Generation;
use crate::counters::Count;
use crate::outcome::{InsertError, InsertRefusal, Inserted};
use crate::record::Record;
use crate::reference::SessionRef;
use crate::shared::{Map, Shared, Swept};
use crate::times::{NewTimes, SetTimesError};

/// Who wants a session to be kept.
#[derive(Clone, Copy)]
enum Asker {
    Hand,
    Handshake(Role),
    HandshakeBegunIn(Role, Generation),
}

impl Asker {
    fn is_a_server(self) -> bool {
        matches!(self, Self::Handshake(Role::Server) | Self::HandshakeBegunIn(Role::Server, _))
    }
}

/// On what terms a session enters.
#[derive(Clone, Copy)]
struct Terms {
    admission: Admission,
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
    /// A session that is an object of the TLS stack is the same session as one in the cache that is the
    /// same object: then as [`Context::insert_again`].
    ///
    /// # Errors
    /// [`InsertError`] with the reason and the session.
    /// # Concurrency
    /// Lock-free. Takes effect at one exchange; replacing shows no gap and no double.
    pub fn insert(&self, session: Session) -> Result<Inserted, InsertError> {
        if let Some(same) = self.find_same(&session) {
            return self.insert_again(&same).map_err(|why| InsertError::new(why, session));
        }
        self.store(session.view(), Asker::Hand).map_err(|why| InsertError::new(why, session))
    }

    /// Caches a session that `role` has just negotiated, as the mode says, and tells the new
    /// callback. This is what an adapter calls. OpenSSL: `ssl_update_cache`.
    ///
    /// * A mode without this role keeps nothing: refused, and the callback hears nothing.
    /// * Under [`CacheMode::NO_INTERNAL_STORE`](crate::CacheMode::NO_INTERNAL_STORE) only the
    ///   callback is told: [`Inserted::External`].
    /// * If the callback says [`Retention::Discard`], the session leaves again at once.
    /// * If [`Callbacks::on_admit`](crate::Callbacks::on_admit) says that it must not be resumed, it is
    ///   refused with [`Refusal::NotResumable`]; so is that of a server that verifies clients and has no
    ///   context ([`Context::verifying_clients`]). The new callback hears of neither.
    ///
    /// # Errors
    /// [`InsertError`] with the reason and the session. If the policy agreed and there was only no
    /// room, the callback was told nevertheless.
    pub fn insert_negotiated(&self, role: Role, session: Session) -> Result<Inserted, InsertError> {
        let stored = self.store(session.view(), Asker::Handshake(role));
        stored.map_err(|why| InsertError::new(why, session))
    }

    /// As [`Context::insert_negotiated`], for a handshake that began in `generation`: if the context was
    /// invalidated since, the session was negotiated under a policy that is over, and is refused.
    ///
    /// The session is only borrowed: its payload is copied once, into the cache's memory.
    ///
    /// # Errors
    /// As [`Context::insert_negotiated`]; [`Refusal::Policy`] after an invalidation.
    #[inline]
    pub fn insert_negotiated_under(
        &self,
        generation: Generation,
        role: Role,
        session: SessionView<'_>,
    ) -> Result<Inserted, InsertRefusal> {
        self.store(session, Asker::HandshakeBegunIn(role, generation))
    }

    /// Inserts a session that a lookup found, once more: the same object. OpenSSL:
    /// `SSL_CTX_add_session` of a session that is in the cache.
    ///
    /// If it is still there, nothing changes, except under
    /// [`CacheMode::UPDATE_TIME`](crate::CacheMode::UPDATE_TIME): then its life begins anew, as by
    /// [`Context::set_times_of`]. If the get callback had it and it was not cached, it is now.
    ///
    /// # Errors
    /// [`Refusal::NotResumable`] if it has left the cache, for whatever reason: what was removed or
    /// taken does not come back. [`Refusal::Context`] if it is from another context, or from another
    /// cache, where it stays as it is.
    pub fn insert_again(&self, session: &SessionRef<'_>) -> Result<Inserted, InsertRefusal> {
        if let Err(refusal) = self.may_insert_again(session) {
            return Err(self.rejected(refusal));
        }
        let Some(handle) = session.handle() else {
            return self.store(session.view(), Asker::Hand);
        };
        if !self.shared.live.mode().updates_time() {
            return Ok(Inserted::Unchanged);
        }
        let now = self.now();
        match self.renew(handle, session.id(), NewTimes::created(now), now) {
            Ok(_) => Ok(Inserted::Unchanged),
            Err(SetTimesError::Stalled) => {
                self.shared.counters.one(Count::RejectedStalled);
                Err(InsertRefusal::Stalled)
            }
            // Another thread was faster: taken is taken, and removed is removed.
            Err(_) => Err(self.rejected(Refusal::NotResumable)),
        }
    }

    /// The session of the cache that is the same object of the TLS stack.
    fn find_same(&self, session: &Session) -> Option<SessionRef<'_>> {
        let (object, id) = (session.object()?, session.id());
        let key = Shared::key(self.state.scope(), id)?;
        let mut departures = self.shared.departures();
        let found = self.shared.map.get(key, self.now().as_nanos(), &mut departures);
        self.shared.settle(departures, Swept::Stale);
        let cached = SessionRef::entry(*id, &self.state, found.hit()?);
        let same = cached.object().is_some_and(|cached| Arc::ptr_eq(cached, object));
        same.then_some(cached)
    }

    /// Asks the callback that decides about negotiated sessions.
    #[cold]
    fn ask_to_admit(&self, session: &SessionView<'_>) -> Result<(), InsertRefusal> {
        match self.shared.callbacks.admit(session) {
            Resumability::NotResumable => Err(self.rejected(Refusal::NotResumable)),
            Resumability::Resumable => Ok(()),
        }
    }

    /// Counts that the policy lets a session not in.
    #[cold]
    fn rejected(&self, refusal: Refusal) -> InsertRefusal {
        self.shared.counters.one(Count::of_refused_insert(refusal));
        refusal.into()
    }

    fn may_insert_again(&self, session: &SessionRef<'_>) -> Result<(), Refusal> {
        if !core::ptr::eq(session.state(), &raw const *self.state) {
            return Err(Refusal::Context);
        }
        let rules = self.shared.live.rules(&self.state);
        // The same questions as for any other insert; expired is expired, though nobody has met it.
        admit(&session.view(), self.state.bytes(), &rules, self.now()).map(drop)
    }

    fn store(&self, mut session: SessionView<'_>, asker: Asker) -> Result<Inserted, InsertRefusal> {
        let shared = &*self.shared;
        // First of all: an invalidation between here and the insertion makes the entry unreachable.
        let scope = self.state.scope();
        let now = self.now();
        let rules = shared.live.rules(&self.state);
        let (may_ask, negotiated) = match asker {
            Asker::Hand => (!rules.mode.is_off(), false),
            Asker::Handshake(role) | Asker::HandshakeBegunIn(role, _) => {
                (rules.mode.stores(role), true)
            }
        };
        // By its own time, before that is changed; or by its handshake's.
        let invalidated = session.created() < rules.not_before
            || matches!(asker, Asker::HandshakeBegunIn(_, began) if began.0 != scope);
        if rules.mode.updates_time() {
            session = session.with_created(now);
        }
        let admission = if !may_ask {
            Err(Refusal::CachingOff)
        } else if self.is_uninitialized() && asker.is_a_server() {
            Err(Refusal::ContextUninitialized)
        } else if invalidated {
            Err(Refusal::Policy)
        } else {
            admit(&session, self.state.bytes(), &rules, now)
        };
        let stored = match admission {
            Err(refusal) => return Err(self.rejected(refusal)),
            Ok(admission) => {
                if negotiated && shared.callbacks.has_admit() {
                    self.ask_to_admit(&session)?;
                }
                let announced = negotiated && shared.callbacks.has_new();
                let terms = Terms { admission, scope, now };
                if negotiated && !rules.mode.stores_internally() {
                    Ok(self.announce(session))
                } else if announced {
                    self.put_and_announce(session, terms)
                } else {
                    self.put_quietly(session, terms)
                }
            }
        };
        shared.housekeep(now);
        stored
    }

    /// Tells the new callback of a session that is not cached.
    #[cold]
    fn announce(&self, session: SessionView<'_>) -> Inserted {
        match self.shared.callbacks.new_session(session) {
            Retention::Discard => Inserted::Discarded,
            Retention::Keep => Inserted::External,
        }
    }

    /// Puts a session into the map and tells the new callback.
    #[cold]
    fn put_and_announce(
        &self,
        session: SessionView<'_>,
        terms: Terms,
    ) -> Result<Inserted, InsertRefusal> {
        let put = self.put(session, terms, |map, key, entry, departures| {
            map.insert_held(key, entry, terms.now.as_nanos(), departures)
        });
        // If there was no room: the store may have it. Its answer then changes nothing here.
        let retention = self.shared.callbacks.new_session(session);
        let (inserted, handle) = put?;
        Ok(match retention {
            Retention::Keep => inserted,
            Retention::Discard => self.discard(&handle),
        })
    }

    /// Puts a session into the map, and nobody hears of it.
    #[inline]
    fn put_quietly(
        &self,
        session: SessionView<'_>,
        terms: Terms,
    ) -> Result<Inserted, InsertRefusal> {
        let put = self.put(session, terms, |map, key, entry, departures| {
            let inserted = map.insert(key, entry, terms.now.as_nanos(), departures)?;
            Ok((inserted, ()))
        });
        put.map(|(inserted, ())| inserted)
    }

    /// Puts a session into the map, one way or the other.
    #[inline]
    fn put<'c, H>(
        &'c self,
        session: SessionView<'_>,
        terms: Terms,
        put: impl FnOnce(
            &'c Map,
            Key,
            NewEntry<'_, Record>,
            &mut Departures<'c, Record>,
        ) -> Result<(map::Inserted, H), Refused<Record>>,
    ) -> Result<(Inserted, H), InsertRefusal> {
        let shared = &*self.shared;
        let Some(key) = Shared::key(terms.scope, session.id()) else {
            return Err(Refusal::WrongId.into());
        };
        let mut departures = shared.departures();
        let record = Record::new(&session, shared.map.bytes_in_place());
        let entry = record.admitted(&session, terms.admission);
        let inserted = put(&shared.map, key, entry, &mut departures);
        shared.counters.one(inserted.as_ref().map_or_else(count_of, |_| Count::Insertion));
        shared.settle(departures, Swept::Stale);
        match inserted {
            Ok((map::Inserted::New, held)) => Ok((Inserted::New, held)),
            Ok((map::Inserted::Replaced, held)) => Ok((Inserted::Replaced, held)),
            Err(refused) => Err(match refused.why {
                RefusedWhy::TooHeavy => InsertRefusal::TooHeavy,
                RefusedWhy::Reclaim => InsertRefusal::Stalled,
                _ => InsertRefusal::Full,
            }),
        }
    }

    fn discard(&self, handle: &Handle<'_, Record>) -> Inserted {
        let mut departures = self.shared.departures();
        self.shared.map.remove_same(handle, Cause::Removed, &mut departures);
        self.shared.settle(departures, Swept::Stale);
        Inserted::Discarded
    }
}

/// Where a refusal of the map is counted.
fn count_of(refused: &Refused<Record>) -> Count {
    match refused.why {
        RefusedWhy::TooHeavy => Count::RejectedTooHeavy,
        RefusedWhy::Reclaim => Count::RejectedStalled,
        _ => Count::RejectedFull,
    }
}
