//! One connection of a client: what it offers, what became of that, and what it is given.

use core::fmt;

use resumption_cache::{Generation, Handshake};
use resumption_session::{Session, Timestamp, Usage};

use crate::received::{NotKept, ReceivedSession};
use crate::server::ServerKey;
use crate::sessions::ClientSessions;
use crate::sync::{HintBool, HintU8, HintU64, Ordering};

/// How a client's handshake ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// With certificates and all: whatever was offered, the server did not resume it.
    Full,
    /// The server resumed what was offered. OpenSSL: `SSL_session_reused`.
    Resumed,
}

/// One connection of a client to one server.
///
/// What a connection adds to [`ClientSessions`]:
/// * A session that the server refuses is counted ([`ClientStats::refused`]), and one of before TLS 1.3
///   is forgotten.
/// * What is given on a resumed connection inherits the lineage of what was resumed, so that the cache's
///   lineage cap ends chains of resumptions: on them, no certificate is verified.
/// * What is given after the configuration was invalidated is not kept.
/// * The cache below counts it as a handshake of a client, begun and, when [`Attempt::finished`] is called,
///   good ([`HandshakeStats`](resumption_cache::HandshakeStats)).
///
/// [`ClientStats::refused`]: crate::ClientStats::refused
///
/// # Concurrency
/// Its methods take `&self` for those TLS stacks that share what they call back; the connection itself
/// orders the calls.
pub struct Attempt {
    sessions: ClientSessions,
    server: ServerKey,
    began_in: Generation,
    /// The earliest origin of what was offered; the end of time when nothing was.
    lineage: HintU64,
    /// One of [`NOTHING`], [`TICKET`], [`REUSABLE`].
    offered: HintU8,
    /// Whether the server has given a session of before TLS 1.3 since.
    renewed: HintBool,
    /// Whether the handshake is over.
    over: HintBool,
}

const NOTHING: u8 = 0;
const TICKET: u8 = 1;
const REUSABLE: u8 = 2;

impl Attempt {
    pub(crate) fn new(sessions: ClientSessions, server: ServerKey) -> Self {
        sessions.context().count(Handshake::Connect);
        Self {
            began_in: sessions.context().generation(),
            sessions,
            server,
            lineage: HintU64::new(Timestamp::END_OF_TIME.as_nanos()),
            offered: HintU8::new(NOTHING),
            renewed: HintBool::new(false),
            over: HintBool::new(false),
        }
    }

    /// The session to offer: the newest TLS 1.3 ticket, which is then this connection's alone, or else
    /// the session of before that version.
    pub fn session(&self) -> Option<Session> {
        self.offering(self.sessions.best(&self.server))
    }

    /// The TLS 1.3 ticket to offer, which is then this connection's alone.
    pub fn ticket(&self) -> Option<Session> {
        self.offering(self.sessions.take_ticket(&self.server))
    }

    /// The session of before TLS 1.3 to offer.
    pub fn reusable(&self) -> Option<Session> {
        self.offering(self.sessions.reusable(&self.server))
    }

    fn offering(&self, session: Option<Session>) -> Option<Session> {
        let view = session.as_ref()?.view();
        self.lineage.fetch_min(view.authenticated_at().as_nanos(), Ordering::Relaxed);
        let offered = match view.usage() {
            Usage::Reusable => REUSABLE,
            Usage::SingleUse => TICKET,
        };
        self.offered.store(offered, Ordering::Relaxed);
        session
    }

    /// Says how the handshake ended. What is said again is not counted again. The cache below counts it too
    /// ([`HandshakeStats`](resumption_cache::HandshakeStats)).
    ///
    /// Say it before the sessions that the connection is given, if the TLS stack knows it by then: after
    /// a full handshake they begin a lineage of their own.
    pub fn finished(&self, outcome: Outcome) {
        if !self.over.swap(true, Ordering::Relaxed) {
            self.sessions.context().count(Handshake::ConnectGood);
        }
        let offered = self.offered.swap(NOTHING, Ordering::Relaxed);
        if outcome == Outcome::Full {
            self.lineage.store(Timestamp::END_OF_TIME.as_nanos(), Ordering::Relaxed);
        }
        if offered == NOTHING {
            return;
        }
        self.sessions.count_offer(outcome);
        let superseded = self.renewed.load(Ordering::Relaxed);
        if outcome == Outcome::Full && offered == REUSABLE && !superseded {
            self.sessions.remove_reusable(&self.server);
        }
    }

    /// Keeps a session that the server has given on this connection.
    ///
    /// # Errors
    /// [`NotKept`], with the reason.
    pub fn received(&self, received: ReceivedSession) -> Result<(), NotKept> {
        if received.usage() == Usage::Reusable {
            self.renewed.store(true, Ordering::Relaxed);
        }
        let lineage = Timestamp::from_nanos(self.lineage.load(Ordering::Relaxed));
        let received = received.descended_from(lineage);
        self.sessions.insert_under(self.began_in, &self.server, &received)
    }

    /// The server.
    pub fn server(&self) -> &ServerKey {
        &self.server
    }

    /// The sessions of the configuration.
    pub fn sessions(&self) -> &ClientSessions {
        &self.sessions
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}
