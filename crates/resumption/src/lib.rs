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
//! | `external` | the module `external`: sessions shared with other servers through a store; and `sealing` |
//! | `hello` | the module `hello`: what a `ClientHello` offers to resume, before the handshake |
//! | `openssl` | the module `openssl`: session storage for OpenSSL servers and clients, over the system's libssl |
//! | `rayon` | flushes on all of rayon's threads |
//! | `redis` | the module `redis`: such a store, in Redis or Valkey; and `external` |
//! | `rustls` | the module `rustls`: session storage for rustls servers and clients |
//! | `sealing` | the module `sealing`: sessions encrypted for outside the process, and the keys |
//! | `snapshot` | the module `snapshot`: a cache's sessions in a sealed file, over a restart; and `sealing` |
//! | `tokio` | `rustls::HelloAcceptor`: sessions are fetched before the handshake; and `rustls` |
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

/// Sessions shared with other servers through a store outside the process.
#[cfg(feature = "external")]
pub mod external {
    pub use resumption_callbacks::{
        ExternalStore, Overwrite, Put, SealedSession, StoreBatch, StoreError, StoreFuture, StoreKey,
    };
    pub use resumption_external::*;
}

/// What a `ClientHello` offers to resume, before the handshake.
#[cfg(feature = "hello")]
pub mod hello {
    pub use resumption_hello::*;
}

/// Session storage for OpenSSL servers and clients.
#[cfg(feature = "openssl")]
pub mod openssl {
    pub use resumption_openssl::*;
}

/// Sealed sessions in Redis or Valkey.
#[cfg(feature = "redis")]
pub mod redis {
    pub use resumption_redis::*;
}

/// Session storage for rustls servers and clients.
#[cfg(feature = "rustls")]
pub mod rustls {
    pub use resumption_rustls::*;
}

/// Sessions encrypted for outside the process, and the keys.
#[cfg(feature = "sealing")]
pub mod sealing {
    pub use resumption_sealing::*;
}

/// The sessions of a cache in a sealed file, over a restart.
#[cfg(feature = "snapshot")]
pub mod snapshot {
    pub use resumption_snapshot::*;
}
