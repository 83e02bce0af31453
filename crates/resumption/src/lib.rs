//! The TLS session cache for high-throughput servers.
//!
//! One name for the crates of the workspace; everything here is defined in one of them, and is the
//! same type there.
//!
//! ```
//! use resumption::{Lookup, Role, SecretBytes, Session, SessionCache, SessionId, SessionIdContext};
//!
//! let cache = SessionCache::builder().build()?;
//! let context = cache.context(SessionIdContext::new(b"my service")?)?;
//!
//! // What an adapter does after a full handshake,
//! let id = SessionId::from([7; 32]);
//! let lifetime = context.timeouts().for_new_session();
//! let payload = SecretBytes::new(b"what the TLS stack wants back".to_vec());
//! let session = Session::new(id, *context.bytes(), context.now(), lifetime, payload);
//! context.insert_negotiated(Role::Server, session)?;
//!
//! // and when a client comes back with a ticket that is good for one time.
//! let found = context.take_with(&id, |session| session.payload().len());
//! assert_eq!(found, Lookup::Hit(29));
//! assert_eq!(context.take_with(&id, |session| session.payload().len()), Lookup::Miss);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//! Each adds something and changes nothing. None is on by default.
//!
//! | feature | adds |
//! | --- | --- |
//! | `client` | the module `client`: which session to offer to which server |
//! | `openssl` | the module `openssl`: session storage for OpenSSL servers and clients, over the system's libssl |
//! | `rayon` | flushes on all of rayon's threads |
//! | `rustls` | the module `rustls`: session storage for rustls servers and clients |
//!
//! # Where things are
//! The promises, the costs and the reasons are with [`SessionCache`] and [`Context`]; what callbacks
//! are told is with [`NewSession`], [`GetSession`] and [`RemoveSession`]; what is decided and why, with
//! [`CacheMode`], [`Timeouts`], [`Capacity`] and [`Refusal`].
#![forbid(unsafe_code)]

pub use resumption_session::{
    ContextTooLong, Lifetime, NegativeLifetime, ProtocolVersion, SecretBytes, Session, SessionId,
    SessionIdContext, SessionIdError, SessionObject, SessionView, Timestamp, Usage,
};

pub use resumption_policy::{
    CacheMode, Capacity, ClientCertificates, ContextFingerprint, Limits, NegativeCapacity, Refusal,
    Role, SweepSchedule, Timeouts, Transport, UncleanClose, UnknownModeBits,
};

pub use resumption_callbacks::{
    AdmitSession, Callbacks, ExternalTake, GenerateId, GenerateIdError, GetSession, NewSession,
    Removal, RemovalReason, RemoveSession, Resumability, Retention,
};

pub use resumption_cache::{
    BuildError, CacheBuilder, ClientLookups, Clock, Context, ContextError, ContextStats,
    Generation, Handshake, HandshakeStats, IdError, InsertError, InsertRefusal, Inserted, Lookup,
    ManualClock, NewTimes, OpensslStats, RefusedLookups, RejectedInserts, SessionCache, SessionRef,
    SetTimesError, Stats, SystemClock,
};

/// A client's sessions: which one to offer to which server.
#[cfg(feature = "client")]
pub mod client {
    pub use resumption_client::*;
}

/// Session storage for OpenSSL servers and clients.
#[cfg(feature = "openssl")]
pub mod openssl {
    pub use resumption_openssl::*;
}

/// Session storage for rustls servers and clients.
#[cfg(feature = "rustls")]
pub mod rustls {
    pub use resumption_rustls::*;
}
