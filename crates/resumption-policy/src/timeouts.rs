//! How long a session lives in a cache.

use resumption_session::{Lifetime, ProtocolVersion, SessionView, Timestamp};

/// How long sessions live: what new ones are given, and what none exceeds.
///
/// Changing them touches no session that is already kept, except through the caps of whoever asks
/// [`expires_at`] again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timeouts {
    session: Lifetime,
    tls13_cap: Lifetime,
    lineage_cap: Lifetime,
    clock_skew: Lifetime,
}

impl Timeouts {
    /// What a session lives when nothing else is said: 7200 s, as OpenSSL's code has it
    /// (`tls1_default_timeout`; the manual's 300 s is wrong).
    pub const DEFAULT_SESSION: Lifetime = Lifetime::from_secs(7200);

    /// Seven days: no TLS 1.3 ticket is kept longer (RFC 8446, section 4.6.1).
    pub const WEEK: Lifetime = Lifetime::from_secs(604_800);

    /// The defaults: 7200 s a session, a week for TLS 1.3, a week for a lineage.
    pub const fn new() -> Self {
        Self {
            session: Self::DEFAULT_SESSION,
            tls13_cap: Self::WEEK,
            lineage_cap: Self::WEEK,
            clock_skew: Lifetime::ZERO,
        }
    }

    /// What new sessions are given; zero means [`Timeouts::DEFAULT_SESSION`].
    /// OpenSSL: `SSL_CTX_set_timeout`.
    #[must_use]
    pub const fn with_session(mut self, timeout: Lifetime) -> Self {
        self.session = timeout;
        self
    }

    /// What no TLS 1.3 session exceeds, counted from its creation, nor one that states no version.
    /// More than [`Timeouts::WEEK`] is against the RFC and counts as a week.
    #[must_use]
    pub fn with_tls13_cap(mut self, cap: Lifetime) -> Self {
        self.tls13_cap = cap.min(Self::WEEK);
        self
    }

    /// What no chain of resumptions exceeds, counted from its full handshake, so that resuming for
    /// ever does not avoid authentication for ever. [`Lifetime::NEVER`] switches it off.
    #[must_use]
    pub const fn with_lineage_cap(mut self, cap: Lifetime) -> Self {
        self.lineage_cap = cap;
        self
    }

    /// By how much the clocks may differ of those who make sessions and those who look them up: a
    /// session from no further in the future is not refused. Zero at first, which suits one process
    /// whose sessions are all dated by the cache's clock; some milliseconds suit a fleet.
    #[must_use]
    pub const fn with_clock_skew(mut self, skew: Lifetime) -> Self {
        self.clock_skew = skew;
        self
    }

    /// The timeout as it was set, zero included. OpenSSL: `SSL_CTX_get_timeout`.
    pub const fn session(&self) -> Lifetime {
        self.session
    }

    /// The lifetime to give to a new session: the timeout as set, or the default for zero.
    pub const fn for_new_session(&self) -> Lifetime {
        if self.session.is_zero() { Self::DEFAULT_SESSION } else { self.session }
    }

    /// What no TLS 1.3 session exceeds.
    pub const fn tls13_cap(&self) -> Lifetime {
        self.tls13_cap
    }

    /// What no chain of resumptions exceeds.
    pub const fn lineage_cap(&self) -> Lifetime {
        self.lineage_cap
    }

    /// By how much clocks may differ.
    pub const fn clock_skew(&self) -> Lifetime {
        self.clock_skew
    }

    /// Whether a session of this creation is from the future.
    #[inline]
    pub const fn is_future(&self, created: Timestamp, now: Timestamp) -> bool {
        created.as_nanos() > now.saturating_add(self.clock_skew).as_nanos()
    }

    /// The last instant at which the lineage of `session` may resume.
    #[inline]
    pub(crate) fn lineage_ends(&self, session: &SessionView<'_>) -> Timestamp {
        // A lineage cannot have begun after the session: a later origin would lengthen its life.
        let origin = session.authenticated_at().min(session.created());
        origin.saturating_add(self.lineage_cap)
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::new()
    }
}

/// The last instant at which `session` may be resumed: its own end, or a cap's if that is sooner.
#[inline]
pub fn expires_at(session: &SessionView<'_>, timeouts: &Timeouts) -> Timestamp {
    let own = match session.version() {
        // Whoever states no version may well be a TLS 1.3 stack, and for that the RFC says MUST.
        None | Some(ProtocolVersion::Tls13 | ProtocolVersion::Dtls13) => {
            let lifetime = session.lifetime().min(timeouts.tls13_cap);
            session.created().saturating_add(lifetime)
        }
        Some(_) => session.ends(),
    };
    own.min(timeouts.lineage_ends(session))
}

/// Whether what may be resumed until `expires` is over at `now`: strictly after, so that it is
/// valid at the very instant. OpenSSL: `sess_timedout`.
#[inline]
pub fn is_expired(expires: Timestamp, now: Timestamp) -> bool {
    now > expires
}
