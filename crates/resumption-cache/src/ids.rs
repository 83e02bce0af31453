//! The ids of new sessions.

use core::fmt;

use resumption_callbacks::{GenerateId, GenerateIdError};
use resumption_session::SessionId;

use crate::context::Context;
use crate::record::Record;
use crate::shared::Shared;
use crate::sync::fill_randomly;

/// How many random ids are made before giving up. One is enough, unless something is badly wrong.
const TRIES: usize = 10;

impl Context {
    /// Whether the cache holds a session of this context under `id`, and of this protocol version, if the
    /// context is for one. OpenSSL: `SSL_has_matching_session_id`.
    ///
    /// A question about the id, not an offer to resume: expired sessions count, no callback is asked,
    /// nothing is counted, nothing leaves.
    ///
    /// # Concurrency
    /// As a lookup. The answer may be out of date when it comes, and reserves nothing.
    pub fn contains(&self, id: &SessionId) -> bool {
        self.peek(id, |session| self.accepts_version(session.version())).unwrap_or(false)
    }

    /// Makes the id of a new session: by the generator, if one is set
    /// ([`Callbacks::on_generate_id`](crate::Callbacks::on_generate_id)), and otherwise of 32 random
    /// bytes. No session of this context has it in the cache, whatever its version.
    ///
    /// # Errors
    /// [`IdError`]; the handshake must fail. Of a generator, a conflict is an error at once; random ids are
    /// tried ten times, as in OpenSSL.
    /// # Concurrency
    /// Nothing is reserved: a generator that repeats itself on two threads gives both the same id, and
    /// the later insert replaces the earlier session.
    /// # Cost
    /// 32 bytes from the operating system's generator and one lookup.
    pub fn generate_id(&self) -> Result<SessionId, IdError> {
        match self.shared.callbacks.generate_id(self.bytes()) {
            Some(generated) => self.unless_taken(generated?),
            None => self.random_id(),
        }
    }

    /// As [`Context::generate_id`], by this generator: for one connection. OpenSSL:
    /// `SSL_set_generate_session_id`.
    ///
    /// # Errors
    /// As [`Context::generate_id`].
    pub fn generate_id_with(&self, generator: &dyn GenerateId) -> Result<SessionId, IdError> {
        self.unless_taken(self.shared.callbacks.generate_id_with(generator, self.bytes())?)
    }

    fn random_id(&self) -> Result<SessionId, IdError> {
        for _try in 0..TRIES {
            let mut bytes = [0; SessionId::MAX_LEN];
            fill_randomly(&mut bytes).map_err(|_| IdError::Randomness)?;
            if let Ok(id) = self.unless_taken(SessionId::from(bytes)) {
                return Ok(id);
            }
        }
        Err(IdError::Conflict)
    }

    /// An insert under the id would replace whatever has it, so the version does not matter.
    fn unless_taken(&self, id: SessionId) -> Result<SessionId, IdError> {
        if self.peek(&id, |_| ()).is_some() { Err(IdError::Conflict) } else { Ok(id) }
    }

    /// Looks at the session under `id`, expired or not, and leaves everything as it is.
    pub(crate) fn peek<R>(&self, id: &SessionId, look: impl FnOnce(&Record) -> R) -> Option<R> {
        let key = Shared::key(self.state.scope(), id)?;
        let mut departures = self.shared.departures();
        // At the beginning of time nothing is expired, so nothing leaves.
        let found = self.shared.map.get_with(key, 0, &mut departures, |entry| look(entry.value()));
        found.hit()
    }
}

/// Why there is no id for a new session: fatal for the handshake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum IdError {
    /// The cache holds a session under the id. OpenSSL: `SSL_R_SSL_SESSION_ID_CONFLICT`.
    Conflict,
    /// The generator made none.
    Generator(GenerateIdError),
    /// The operating system gives no random bytes.
    Randomness,
}

impl From<GenerateIdError> for IdError {
    fn from(error: GenerateIdError) -> Self {
        Self::Generator(error)
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("a cached session has the new session's id"),
            Self::Generator(error) => error.fmt(f),
            Self::Randomness => f.write_str("the operating system gives no random bytes"),
        }
    }
}

impl core::error::Error for IdError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Generator(error) => Some(error),
            Self::Conflict | Self::Randomness => None,
        }
    }
}
