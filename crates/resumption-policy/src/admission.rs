//! Whether a session may enter, and whether it may resume.

use resumption_session::{ProtocolVersion, SessionIdContext, SessionView, Timestamp, Usage};

use crate::{CacheMode, Refusal, Timeouts, expires_at, is_expired};

/// What one session may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    max_payload: usize,
}

impl Limits {
    /// The largest payload by default: 16 KiB, room for a client's certificate chain.
    pub const DEFAULT_MAX_PAYLOAD: usize = 16 * 1024;

    /// The defaults.
    pub const fn new() -> Self {
        Self { max_payload: Self::DEFAULT_MAX_PAYLOAD }
    }

    /// Refuses sessions whose payload or object exceeds `bytes`.
    #[must_use]
    pub const fn with_max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = bytes;
        self
    }

    /// The largest payload, in bytes.
    pub const fn max_payload(&self) -> usize {
        self.max_payload
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// What [`admit`] decides by.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// What the cache does at all.
    pub mode: CacheMode,
    /// How long sessions live.
    pub timeouts: Timeouts,
    /// What one session may take.
    pub limits: Limits,
    /// What an entry takes with a payload that is kept in place, in bytes.
    pub entry_bytes: u32,
    /// The largest payload that is kept in place; a larger one takes memory of its own.
    pub bytes_in_place: usize,
    /// The context's last invalidation: what was created before then is not wanted any more.
    pub not_before: Timestamp,
}

/// On what terms a session may enter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Admission {
    /// The last instant at which it may be resumed.
    pub expires: Timestamp,
    /// What it counts against a bound in bytes.
    pub weight: u32,
    /// How many times the eviction hand passes before it counts as unused, 0 to 3.
    pub credit: u8,
}

/// Whether `session` may enter a cache as a session of `context`.
///
/// # Errors
/// The first [`Refusal`] that applies: the mode, the context, the mark, the times, the policies,
/// the size, in this order.
#[inline]
pub fn admit(
    session: &SessionView<'_>,
    context: &SessionIdContext,
    rules: &Rules,
    now: Timestamp,
) -> Result<Admission, Refusal> {
    if rules.mode.is_off() {
        return Err(Refusal::CachingOff);
    }
    if session.context() != context {
        return Err(Refusal::Context);
    }
    if !session.is_resumable() {
        return Err(Refusal::NotResumable);
    }
    let expires = check_times(session, &rules.timeouts, rules.not_before, now)?;
    let weight = session.weight();
    if weight > rules.limits.max_payload {
        return Err(Refusal::TooLarge);
    }
    let in_place = weight <= rules.bytes_in_place && session.object().is_none();
    let apart = if in_place { 0 } else { weight };
    let apart = u32::try_from(apart).unwrap_or(u32::MAX);
    // One pass for every session. More for clients that have come back, or for the last ticket of a
    // handshake, was simulated and is worse on some traces (ARCHITECTURE.md, Eviction).
    Ok(Admission { expires, weight: apart.saturating_add(rules.entry_bytes), credit: 1 })
}

/// What a lookup asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The isolation context of the connection.
    pub context: &'a SessionIdContext,
    /// The protocol version of the connection, or `None` where the TLS stack checks it itself.
    pub version: Option<ProtocolVersion>,
    /// How the session would be handed out: [`Usage::SingleUse`] for a `take`.
    pub usage: Usage,
}

/// Whether `session`, which is not from the cache's own entries, may resume what is asked for. With an
/// invalidation at `not_before` (the epoch: never), what was created up to then may not.
///
/// # Errors
/// The first [`Refusal`] that applies: the mark, the version, the context, the usage, the times,
/// the policies, in this order. [`Refusal::AlreadyExpired`] is among them.
pub fn may_resume(
    session: &SessionView<'_>,
    asked: &Asked<'_>,
    timeouts: &Timeouts,
    not_before: Timestamp,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !session.is_resumable() {
        return Err(Refusal::NotResumable);
    }
    if !asked.accepts_version(session.version()) {
        return Err(Refusal::Version);
    }
    if session.context() != asked.context {
        return Err(Refusal::Context);
    }
    if !asked.accepts_usage(session.usage()) {
        return Err(Refusal::SingleUse);
    }
    check_times(session, timeouts, not_before, now)?;
    // At the tick of an invalidation, a session from before cannot be told from one after it. A coarse
    // clock's tick is milliseconds.
    if session.created() == not_before && not_before > Timestamp::EPOCH {
        return Err(Refusal::Policy);
    }
    Ok(())
}

impl Asked<'_> {
    /// Whether a session of this version suits; one that states none does, and so does every one
    /// where none is asked for.
    #[inline]
    pub fn accepts_version(&self, version: Option<ProtocolVersion>) -> bool {
        match (self.version, version) {
            (Some(asked), Some(given)) => asked == given,
            _ => true,
        }
    }

    /// Whether a session of this usage may be handed out: a single-use one only by a `take`.
    #[inline]
    pub fn accepts_usage(&self, usage: Usage) -> bool {
        usage == Usage::Reusable || self.usage == Usage::SingleUse
    }
}

/// The checks that ask the clock; gives the last instant at which the session may resume.
#[inline]
fn check_times(
    session: &SessionView<'_>,
    timeouts: &Timeouts,
    not_before: Timestamp,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    if timeouts.is_future(session.created(), now) {
        return Err(Refusal::FromTheFuture);
    }
    let expires = expires_at(session, timeouts);
    if is_expired(expires, now) {
        // A lineage that is over is told apart: the session's own life may well go on.
        let lineage_over = is_expired(timeouts.lineage_ends(session), now);
        let own_over = is_expired(session.ends(), now);
        return Err(if lineage_over && !own_over {
            Refusal::Policy
        } else {
            Refusal::AlreadyExpired
        });
    }
    if session.created() < not_before {
        return Err(Refusal::Policy);
    }
    Ok(expires)
}
