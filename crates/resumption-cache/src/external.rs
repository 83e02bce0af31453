//! What the get callback finds, and what it must pass before it resumes anything.

use resumption_callbacks::{Removal, RemovalReason};
use resumption_map::{Cause, Found};
use resumption_policy::{Refusal, admit, may_resume};
use resumption_session::{Session, SessionId, Timestamp, Usage};

use crate::context::Context;
use crate::counters::Count;
use crate::outcome::Lookup;
use crate::record::Record;
use crate::reference::SessionRef;
use crate::shared::{Shared, Swept, departed};

impl Context {
    /// Asks the get callback, checks what it says, and caches it if the mode lets it.
    pub(crate) fn fetch(&self, id: &SessionId, asked_at: Timestamp) -> Lookup<SessionRef<'_>> {
        let shared = &*self.shared;
        let scope = self.state.scope();
        let stamp = shared.stamps.read(self.state.bytes(), id);
        let Some(session) = shared.callbacks.get(self.state.bytes(), id) else {
            return self.or_miss(None);
        };
        // The store may have taken its time.
        let now = shared.now().max(asked_at);
        if let Err(refusal) = self.judge_fetched(id, &session, scope, now) {
            return self.refuse_fetched(&session, refusal);
        }
        let found = self.fill(id, session, scope, now);
        if stamp.is_changed() {
            // Removed or taken while it was on its way: it must not resume, nor stay.
            if let Some(handle) = found.handle() {
                let mut departures = shared.departures();
                shared.map.remove_same(handle, Cause::Removed, &mut departures);
                shared.settle(departures, Swept::Stale);
            }
            return self.or_miss(None);
        }
        shared.counters.one(Count::CallbackHit);
        Lookup::CallbackHit(found)
    }

    fn judge_fetched(
        &self,
        id: &SessionId,
        session: &Session,
        scope: u64,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if session.id() != id {
            return Err(Refusal::WrongId);
        }
        if self.state.scope() != scope {
            // The context was invalidated while the session was on its way.
            return Err(Refusal::Policy);
        }
        let asked = self.asked(Usage::Reusable);
        let caps = self.shared.live.caps();
        may_resume(&session.view(), &asked, caps, self.state.not_before(), now)
    }

    /// Counts and reports that what the get callback found may not resume.
    pub(crate) fn refuse_fetched<R>(&self, session: &Session, refusal: Refusal) -> Lookup<R> {
        if refusal != Refusal::AlreadyExpired {
            self.shared.counters.one(Count::of_refused_lookup(refusal));
            return Lookup::Refused(refusal);
        }
        self.shared.counters.one(Count::ExpiredLookup);
        let view = departed(session.view(), RemovalReason::Expired);
        self.shared.callbacks.removed(Removal::of(view, RemovalReason::Expired));
        Lookup::Expired
    }

    /// Caches what was fetched, unless the mode, the limits or the room forbid it: then it resumes
    /// this handshake only.
    fn fill(&self, id: &SessionId, session: Session, scope: u64, now: Timestamp) -> SessionRef<'_> {
        let shared = &*self.shared;
        let rules = shared.live.rules(&self.state);
        let admission = if rules.mode.stores_internally() {
            admit(&session.view(), self.state.bytes(), &rules, now).ok()
        } else {
            None
        };
        let (Some(admission), Some(key)) = (admission, Shared::key(scope, id)) else {
            return SessionRef::own(&self.state, session);
        };
        let mut departures = shared.departures();
        // Somebody may have been faster, with this session or with a newer one: theirs stays.
        if let Found::Hit(handle) = shared.map.get(key, now.as_nanos(), &mut departures) {
            if self.check(&handle, Usage::Reusable, now).is_ok() {
                shared.settle(departures, Swept::Stale);
                return SessionRef::entry(*id, &self.state, handle);
            }
        }
        let view = session.view();
        let entry = Record::new(&view, shared.map.bytes_in_place()).admitted(&view, admission);
        let inserted = shared.map.insert_held(key, entry, now.as_nanos(), &mut departures);
        if inserted.is_ok() {
            shared.counters.one(Count::Insertion);
        }
        shared.settle(departures, Swept::Stale);
        match inserted {
            Ok((_, handle)) => SessionRef::entry(*id, &self.state, handle),
            Err(_) => SessionRef::own(&self.state, session),
        }
    }
}
