//! The sessions of one client configuration.

use core::fmt;
use core::num::NonZeroU16;
use std::sync::Arc;

use resumption_cache::{Context, Generation, Handshake, InsertRefusal, Lookup, Refusal, Role};
use resumption_session::{Lifetime, ProtocolVersion, Session, SessionIdContext, Usage};

use crate::attempt::{Attempt, Outcome};
use crate::cache::Shared;
use crate::index::{IndexEntry, ServerIndex};
use crate::received::{NotKept, ReceivedSession};
use crate::server::ServerKey;
use crate::stats::Count;

/// The sessions of one client configuration. Clones are the same.
///
/// For each connection, [`ClientSessions::attempt`] does it all. The rest of the methods are for adapters
/// to TLS stacks that do not tell one connection from another.
#[derive(Clone)]
pub struct ClientSessions {
    shared: Arc<Shared>,
    context: Context,
}

impl ClientSessions {
    pub(crate) fn new(shared: Arc<Shared>, context: Context) -> Self {
        Self { shared, context }
    }

    /// Begins a connection to `server`.
    pub fn attempt(&self, server: &ServerKey) -> Attempt {
        Attempt::new(self.clone(), server.clone())
    }

    /// Hands out the newest TLS 1.3 ticket of `server`; nobody else ever gets it.
    ///
    /// # Concurrency
    /// Lock-free. Threads that ask at once each get a ticket of their own.
    pub fn take_ticket(&self, server: &ServerKey) -> Option<Session> {
        let found = self.find_ticket(server);
        self.counted(found)
    }

    /// The session with `server` of before TLS 1.3, which stays.
    pub fn reusable(&self, server: &ServerKey) -> Option<Session> {
        let found = self.find_reusable(server);
        self.counted(found)
    }

    /// A ticket of `server`, or else the session of before TLS 1.3: counted as one lookup.
    pub(crate) fn best(&self, server: &ServerKey) -> Option<Session> {
        let found = match self.find_ticket(server) {
            Ok(ticket) => Ok(ticket),
            Err(why) => self.find_reusable(server).map_err(|other| other.or(why)),
        };
        self.counted(found)
    }

    /// Keeps a session that `server` has just given.
    ///
    /// A TLS 1.3 ticket comes beside those that are there; when there are as many as are kept, it takes
    /// the place of the oldest. A session of before that version takes the place of the former one.
    ///
    /// # Errors
    /// [`NotKept`], with the reason.
    pub fn insert(&self, server: &ServerKey, received: &ReceivedSession) -> Result<(), NotKept> {
        self.insert_under(self.context.generation(), server, received)
    }

    /// As [`ClientSessions::insert`], for a connection that began in `generation`: when the configuration
    /// was invalidated since, the session is refused.
    pub(crate) fn insert_under(
        &self,
        generation: Generation,
        server: &ServerKey,
        received: &ReceivedSession,
    ) -> Result<(), NotKept> {
        let kept = match (received.lifetime(&self.context.timeouts()), received.usage()) {
            (Err(why), _) => Err(why),
            (Ok(lifetime), Usage::SingleUse) => {
                self.insert_ticket(generation, server, received, lifetime)
            }
            (Ok(lifetime), Usage::Reusable) => {
                let id = server.reusable_id();
                let now = self.context.now();
                let view = received.view(&id, self.context.bytes(), now, lifetime);
                let kept = self.context.insert_negotiated_under(generation, Role::Client, view);
                kept.map(drop).map_err(NotKept::from)
            }
        };
        self.shared.counters.one(match kept {
            Ok(()) => Count::Stored,
            Err(NotKept::NoLifetime) => Count::WithoutLifetime,
            Err(NotKept::Cache(_)) => Count::Rejected,
        });
        kept
    }

    /// Forgets the session with `server` of before TLS 1.3, and says whether there was one.
    pub fn remove_reusable(&self, server: &ServerKey) -> bool {
        self.context.remove(&server.reusable_id())
    }

    /// Forgets all sessions of this configuration at once: after a change of what it trusts, say.
    /// What connections under way are still given is not kept either, if they are [`Attempt`]s.
    pub fn invalidate(&self) {
        self.context.invalidate();
    }

    /// The named group (RFC 8446, section 4.2.7) with which `server` agreed to exchange keys last, so
    /// that the client need not guess, and be asked again.
    pub fn named_group(&self, server: &ServerKey) -> Option<NonZeroU16> {
        self.index(server)?.group()
    }

    /// Remembers that group. It is forgotten with the server, when there is no room.
    pub fn set_named_group(&self, server: &ServerKey, group: NonZeroU16) {
        // A hint that is not kept costs a round trip.
        if let Ok(index) = self.index_to_fill(server) {
            index.set_group(group);
        }
    }

    /// The fingerprint of the configuration.
    pub fn fingerprint(&self) -> &SessionIdContext {
        self.context.bytes()
    }

    /// The context of the cache below.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Counts what a server said to what was offered, here and in the cache below.
    pub(crate) fn count_offer(&self, outcome: Outcome) {
        let (count, handshake) = match outcome {
            Outcome::Full => (Count::Refused, Handshake::OfferRefused),
            Outcome::Resumed => (Count::Reused, Handshake::OfferAccepted),
        };
        self.shared.counters.one(count);
        self.context.count(handshake);
    }

    fn counted(&self, found: Result<Session, Nothing>) -> Option<Session> {
        let (count, found) = match found {
            Ok(session) => (Count::Found, Some(session)),
            Err(Nothing::Expired) => (Count::Expired, None),
            Err(Nothing::Absent) => (Count::Absent, None),
        };
        self.shared.counters.one(count);
        found
    }

    fn find_ticket(&self, server: &ServerKey) -> Result<Session, Nothing> {
        let index = self.index(server).ok_or(Nothing::Absent)?;
        let mut nothing = Nothing::Absent;
        // Others may fill places meanwhile: as many tries as there are places, not until there is none.
        for _place in 0..self.shared.tickets_per_server {
            let Some(claim) = index.take_up() else { break };
            let id = server.ticket(claim.place());
            let taken = self.context.take_with(&id, |session| session.to_session());
            index.release(&claim);
            match taken {
                Lookup::CallbackHit(session) | Lookup::Hit(session) => return Ok(session),
                Lookup::Expired => nothing = Nothing::Expired,
                // Evicted, or from the future after the clock was set back.
                Lookup::Miss | Lookup::Refused(_) => (),
            }
        }
        Err(nothing)
    }

    fn find_reusable(&self, server: &ServerKey) -> Result<Session, Nothing> {
        match self.context.get_with(&server.reusable_id(), |session| session.to_session()) {
            Lookup::CallbackHit(session) | Lookup::Hit(session) => Ok(session),
            Lookup::Expired => Err(Nothing::Expired),
            Lookup::Miss | Lookup::Refused(_) => Err(Nothing::Absent),
        }
    }

    fn insert_ticket(
        &self,
        generation: Generation,
        server: &ServerKey,
        received: &ReceivedSession,
        lifetime: Lifetime,
    ) -> Result<(), NotKept> {
        if !self.shared.cache.mode().stores(Role::Client) {
            // Before a place is claimed, or an index made.
            return Err(InsertRefusal::Refused(Refusal::CachingOff).into());
        }
        let index = self.index_to_fill(server)?;
        let Some(claim) = index.claim() else { return Err(InsertRefusal::Full.into()) };
        let id = server.ticket(claim.place());
        let view = received.view(&id, self.context.bytes(), self.context.now(), lifetime);
        let kept = self.context.insert_negotiated_under(generation, Role::Client, view);
        if let Err(refusal) = kept {
            index.abandon(&claim);
            return Err(refusal.into());
        }
        index.publish(&claim);
        Ok(())
    }

    /// The server's index, if there is one.
    fn index(&self, server: &ServerKey) -> Option<Arc<ServerIndex>> {
        let found =
            self.context.get_with(&server.index(), |session| IndexEntry::index_in(&session));
        found.hit()?
    }

    /// The server's index, which from now on outlives every ticket that is put now.
    fn index_to_fill(&self, server: &ServerKey) -> Result<Arc<ServerIndex>, InsertRefusal> {
        let id = server.index();
        let now = self.context.now();
        let found = self.context.get_with(&id, |session| {
            IndexEntry::index_in(&session).map(|index| (index, session.created() == now))
        });
        let index = match found.hit().flatten() {
            Some((index, true)) => return Ok(index),
            Some((index, false)) => index,
            None => Arc::new(ServerIndex::new(self.shared.tickets_per_server)),
        };
        // By hand: no callback is told that it was negotiated. And as a session of its own, whose lineage
        // begins now: the same one with other times would end when its lineage does.
        let object = Arc::new(IndexEntry(Arc::clone(&index)));
        let context = *self.context.bytes();
        let session = Session::of_object(id, context, now, Lifetime::NEVER, object)
            // It has no version; to state one before TLS 1.3 frees it of the week that later ones live.
            .with_version(ProtocolVersion::Tls12);
        self.context.insert(session).map_err(|error| error.why())?;
        // Two first connections to a server may each have made one: what is there now, so that hardly ever
        // a ticket is noted in one that has been replaced, where nobody looks.
        Ok(self.index(server).unwrap_or(index))
    }
}

/// Why there is nothing to offer.
#[derive(Clone, Copy, PartialEq)]
enum Nothing {
    Absent,
    Expired,
}

impl Nothing {
    /// Expired if either is: there was something.
    fn or(self, other: Self) -> Self {
        if self == Self::Expired { self } else { other }
    }
}

impl fmt::Debug for ClientSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSessions")
            .field("fingerprint", self.context.bytes())
            .finish_non_exhaustive()
    }
}
