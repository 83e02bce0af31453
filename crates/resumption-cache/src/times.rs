//! Changing the times of a session that is cached.

use core::fmt;

use resumption_map::{Found, Handle, RefusedWhy};
use resumption_policy::expires_at;
use resumption_session::{Lifetime, SessionId, SessionView, Timestamp};

use crate::context::Context;
use crate::record::Record;
use crate::reference::SessionRef;
use crate::shared::{Shared, Swept};

/// How often a change looks again after another thread has changed the very session.
const ATTEMPTS: usize = 64;

/// Which times of a session to change, and to what.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct NewTimes {
    created: Option<Timestamp>,
    lifetime: Option<Lifetime>,
}

impl NewTimes {
    /// Begins the session's life at `created`. OpenSSL: `SSL_SESSION_set_time`.
    pub const fn created(created: Timestamp) -> Self {
        Self { created: Some(created), lifetime: None }
    }

    /// Makes the session's life this long, from its beginning. OpenSSL: `SSL_SESSION_set_timeout`.
    pub const fn lifetime(lifetime: Lifetime) -> Self {
        Self { created: None, lifetime: Some(lifetime) }
    }

    /// Both at once.
    #[must_use]
    pub const fn with_lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    fn of<'a>(&self, session: SessionView<'a>) -> SessionView<'a> {
        session
            .with_created(self.created.unwrap_or(session.created()))
            .with_lifetime(self.lifetime.unwrap_or(session.lifetime()))
    }
}

impl Context {
    /// Changes the times of the session of this context under `id`, and with them its end; gives the
    /// session back as it is now. OpenSSL: `SSL_SESSION_set_time`, `SSL_SESSION_set_timeout` of a session
    /// that is in a cache.
    ///
    /// The caps hold as for a session that is inserted, and its lineage is as old as it was. A session
    /// whose life is then over leaves as expired when it is next met. External stores are not told.
    ///
    /// References from before show the times from before, and count as no longer resumable; it is the
    /// session under the id that lives on.
    ///
    /// # Errors
    /// [`SetTimesError`]; nothing has changed.
    /// # Concurrency
    /// Lock-free, and one step: a lookup finds the former times or the new ones. Against a take, a remove,
    /// or another change, exactly one wins; what has left does not come back.
    /// # Cost
    /// As an insert. A payload that is not in place is copied.
    pub fn set_times(
        &self,
        id: &SessionId,
        times: NewTimes,
    ) -> Result<SessionRef<'_>, SetTimesError> {
        let shared = &*self.shared;
        let now = shared.now();
        let key = Shared::key(self.state.scope(), id).ok_or(SetTimesError::Absent)?;
        for _attempt in 0..ATTEMPTS {
            let mut departures = shared.departures();
            let found = shared.map.get(key, now.as_nanos(), &mut departures);
            shared.settle(departures, Swept::Stale);
            let Found::Hit(handle) = found else { return Err(SetTimesError::Absent) };
            match self.renew(&handle, id, times, now) {
                Ok(renewed) => return Ok(SessionRef::entry(*id, &self.state, renewed)),
                // It left, or somebody else has changed it: look again.
                Err(SetTimesError::Absent) => (),
                Err(error) => return Err(error),
            }
        }
        Err(SetTimesError::Absent)
    }

    /// As [`Context::set_times`], of exactly the session that a lookup found.
    ///
    /// # Errors
    /// [`SetTimesError::Absent`] also if it is another context's, if it was never in the cache, or if its
    /// times have been changed since: then look it up again.
    pub fn set_times_of(
        &self,
        session: &SessionRef<'_>,
        times: NewTimes,
    ) -> Result<SessionRef<'_>, SetTimesError> {
        if !core::ptr::eq(session.state(), &raw const *self.state) {
            return Err(SetTimesError::Absent);
        }
        let handle = session.handle().ok_or(SetTimesError::Absent)?;
        let now = self.shared.now();
        if handle.expires() < now.as_nanos() {
            // Expired is expired, though nobody has met it.
            return Err(SetTimesError::Absent);
        }
        let renewed = self.renew(handle, session.id(), times, now)?;
        Ok(SessionRef::entry(*session.id(), &self.state, renewed))
    }

    /// Puts the same session with other times in the place of exactly this entry.
    pub(crate) fn renew(
        &self,
        handle: &Handle<'_, Record>,
        id: &SessionId,
        times: NewTimes,
        now: Timestamp,
    ) -> Result<Handle<'_, Record>, SetTimesError> {
        let shared = &*self.shared;
        let caps = shared.live.caps();
        let session = times.of(handle.view(handle.bytes(), id, self.state.bytes()));
        if !self.accepts_version(session.version()) {
            return Err(SetTimesError::Absent);
        }
        if caps.is_future(session.created(), now) {
            return Err(SetTimesError::FromTheFuture);
        }
        let record = Record::new(&session, shared.map.bytes_in_place());
        let renewed = shared.map.renew(handle, record, expires_at(&session, caps).as_nanos());
        renewed.map_err(|refused| match refused.why {
            RefusedWhy::Reclaim => SetTimesError::Stalled,
            _ => SetTimesError::Absent,
        })
    }
}

/// Why the times of a session were not changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SetTimesError {
    /// The cache has no such session, or no longer: left, expired, or of another protocol version.
    Absent,
    /// It would have been created after now: the caller's fault. A session from the future never resumes.
    FromTheFuture,
    /// A thread that stands still, or references held for long, keep what has left from being freed.
    Stalled,
}

impl fmt::Display for SetTimesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "the cache has no such session",
            Self::FromTheFuture => "a session cannot be created after now",
            Self::Stalled => "departed sessions cannot be freed yet",
        })
    }
}

impl core::error::Error for SetTimesError {}
