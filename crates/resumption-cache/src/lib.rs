//! A TLS session cache: lock-free lookups, single use, isolation contexts, live reconfiguration.
//!
//! ```
//! use resumption_cache::{CacheMode, Inserted, Lookup, Role, SessionCache};
//! use resumption_session::{SecretBytes, Session, SessionId, SessionIdContext};
//!
//! let cache = SessionCache::builder().build()?;
//! let shop = cache.context(SessionIdContext::new(b"shop")?)?;
//!
//! let id = SessionId::from([7; 32]);
//! let payload = SecretBytes::new(b"what the TLS stack wants back".to_vec());
//! let lifetime = cache.timeouts().for_new_session();
//! let session = Session::new(id, *shop.bytes(), shop.now(), lifetime, payload);
//! assert_eq!(shop.insert_negotiated(Role::Server, session)?, Inserted::New);
//!
//! // Found, and left where it is; then handed out, once.
//! assert_eq!(shop.get_with(&id, |session| session.payload().len()), Lookup::Hit(29));
//! assert!(shop.take(&id).is_hit());
//! assert!(!shop.take(&id).is_hit());
//!
//! // Nothing of one context is found in another, and a mode can be changed at any time.
//! let bank = cache.context(SessionIdContext::new(b"bank")?)?;
//! assert_eq!(bank.get_with(&id, |_| ()), Lookup::Miss);
//! assert_eq!(cache.set_mode(CacheMode::OFF), CacheMode::SERVER);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//! * **Nothing resumes that must not.** A lookup that begins after a session expired, was removed,
//!   taken or replaced, or after its context was invalidated, does not find it; nor does one in
//!   another context, ever. What the get callback finds passes the same checks before it resumes
//!   anything. A session that has left does not come back: neither by inserting it again, nor by a
//!   get callback that had fetched it before.
//! * **Single use is once.** Of all threads that take a session, one gets it. A single-use session
//!   cannot be had any other way. Where an external store can take, it decides for all servers.
//! * **Every departure is reported once**, with its reason, if a remove callback is set.
//! * **Counters add up**: see [`Stats`].
//!
//! # What it costs
//! * A lookup takes no lock, waits for no other thread, and frees nothing. It reads the clock and
//!   does one step of housekeeping when that is due, at most 64 places.
//! * An insert into a full cache evicts what it needs, and never itself.
//! * Invalidating a context is O(1). A flush goes in slices and stops nobody.
//! * An entry takes 144 bytes and its payload. Memory is bounded by the capacity, in sessions, bytes
//!   or both, plus an eighth (or a few thousand) for what has left and is not free yet; beyond that,
//!   inserts are refused ([`InsertRefusal::Stalled`]).
//! * There is no thread in the background. [`SessionCache::maintain`] may be called by one.
//!
//! # What callbacks may do
//! Everything, calling the cache included: they run when the operation on the cache is over, with
//! nothing locked or pinned. (The closure of a `*_with` method is no callback: it runs inside.) A
//! remove callback that inserts into a full cache is called again for what it displaces; that is for
//! it to end. A callback that owns a clone of the cache keeps it alive for ever: keep the cache in an
//! `Arc` of your own, and give the callback a `Weak`.
//!
//! # For whoever knows OpenSSL's cache
//! Each item names the function that it is the counterpart of. `docs/openssl.md` in the repository has them
//! all, with what differs and why.
//!
//! # Secrets
//! Payloads are wiped when their memory is given up: with the next inserts and takes, at the end of a
//! lap of housekeeping, or in [`SessionCache::maintain`]; not before the last [`SessionRef`] is gone.
#![forbid(unsafe_code)]

mod builder;
mod cache;
mod clock;
mod context;
mod context_counts;
mod contexts;
mod counters;
mod edges;
mod external;
mod handshakes;
mod housekeeping;
mod ids;
mod lookup;
#[cfg(resumption_loom)]
#[doc(hidden)]
pub mod model;
mod numbers;
mod outcome;
mod record;
mod reference;
mod remove;
mod sessions;
mod setters;
mod shared;
mod stamps;
mod stats;
mod store;
mod sync;
mod take;
mod times;
mod ways;

pub use builder::{BuildError, CacheBuilder};
pub use cache::SessionCache;
pub use clock::{Clock, ManualClock, SystemClock};
pub use context::Context;
pub use contexts::{ContextError, Generation};
pub use handshakes::{ContextStats, Handshake, HandshakeStats};
pub use ids::IdError;
pub use outcome::{InsertError, InsertRefusal, Inserted, Lookup};
pub use reference::SessionRef;
pub use sessions::Sessions;
pub use stats::{ClientLookups, OpensslStats, RefusedLookups, RejectedInserts, Stats};
pub use times::{NewTimes, SetTimesError};

pub use resumption_callbacks::{
    AdmitSession, Callbacks, ExternalTake, GenerateId, GenerateIdError, GetSession, NewSession,
    Removal, RemovalReason, RemoveSession, Resumability, Retention,
};
pub use resumption_policy::{
    CacheMode, Capacity, ClientCertificates, ContextFingerprint, Limits, NegativeCapacity, Refusal,
    Role, SweepSchedule, Timeouts, Transport, UncleanClose, UnknownModeBits,
};
