//! The client's side of TLS session resumption: which session to offer to which server.
//!
//! OpenSSL keeps a client's sessions and never looks one up: the application says which to offer
//! (`SSL_set_session`). [`ClientCache`] finds it:
//!
//! ```
//! use resumption_cache::{CacheMode, SessionCache};
//! use resumption_client::{ClientCache, Content, Outcome, ReceivedSession, ServerKey, Transport};
//! use resumption_session::{Lifetime, ProtocolVersion, SecretBytes, SessionIdContext};
//!
//! let cache = ClientCache::new(SessionCache::builder().mode(CacheMode::CLIENT).build()?);
//! // One for each TLS configuration: what it trusts, and as whom it presents itself.
//! let sessions = cache.configuration(SessionIdContext::new(b"trusts the web, no certificate")?)?;
//! let server = ServerKey::new("example.org", 443, Transport::Tcp);
//!
//! // The first connection has nothing to offer, and is given a ticket.
//! let first = sessions.attempt(&server);
//! assert!(first.session().is_none());
//! first.finished(Outcome::Full);
//! let ticket = Content::Bytes(SecretBytes::new(b"what the TLS stack wants back".to_vec()));
//! let received = ReceivedSession::new(ProtocolVersion::Tls13, Lifetime::from_secs(300), ticket);
//! first.received(received)?;
//!
//! // The second one offers it. The third has to do without: a ticket is good for one time.
//! let second = sessions.attempt(&server);
//! assert_eq!(second.session().map(|session| session.payload().len()), Some(29));
//! second.finished(Outcome::Resumed);
//! assert!(sessions.attempt(&server).session().is_none());
//! assert_eq!(cache.stats().reused, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//! * **A session is offered to nobody but the server it is from**: name, port and transport are its key
//!   ([`ServerKey`]), and the configuration's fingerprint is its isolation context.
//! * **A TLS 1.3 ticket is offered once**, whatever races, so that nobody can tell by it that two
//!   connections are one client's (RFC 8446, section C.4). The newest goes first.
//! * **Nothing expired is offered**, in no version. OpenSSL's clients offer what they are given.
//! * **What the RFC says of lifetimes holds**: a ticket of no lifetime is dropped, and none lives more
//!   than seven days (RFC 8446, section 4.6.1).
//!
//! Capacity, bounds in bytes, expiry, invalidation and wiping are those of the cache below.
//!
//! # The session of a connection
//! [`SessionSlot`] is what `SSL_set_session(3)` and its companions do with a connection's session, for
//! clients and servers: above all, a session whose connection was not closed in an orderly way leaves the
//! cache.
#![forbid(unsafe_code)]

mod attempt;
mod cache;
mod edges;
mod held;
mod index;
#[cfg(resumption_loom)]
#[doc(hidden)]
pub mod model;
mod received;
mod server;
mod sessions;
mod shutdown;
mod slot;
mod stats;
mod sync;

pub use attempt::{Attempt, Outcome};
pub use cache::ClientCache;
pub use held::HeldSession;
pub use received::{Content, NotKept, ReceivedSession};
pub use server::ServerKey;
pub use sessions::ClientSessions;
pub use shutdown::ShutdownState;
pub use slot::{Established, SessionSlot};
pub use stats::ClientStats;

pub use resumption_policy::{Transport, UncleanClose};
