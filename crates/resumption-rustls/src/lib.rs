//! rustls servers on the resumption cache. For clients, see [`client`].
//!
//! [`RustlsStore`] is rustls' session storage (`StoresServerSessions`, rustls 0.23) on top of a
//! [`Context`](resumption_cache::Context) of the cache. What it adds to storing bytes:
//!
//! * **Lifetimes.** rustls enforces none itself; here an expired session is a miss, to the instant.
//! * **Single use.** `take`, which rustls calls for every TLS 1.3 ticket, hands a session out once,
//!   whatever races.
//! * **Isolation.** A store sees the sessions of its own context only. See below.
//! * **Bounded work per handshake.** See [`RustlsStore::config_for_connection`].
//! * **An honest `put`.** When the cache takes no more, rustls is told, and issues no ticket.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use resumption_cache::SessionCache;
//! use resumption_rustls::{RustlsStore, fingerprint};
//! # let provider = Arc::new(rustls::crypto::ring::default_provider());
//! # let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
//! # let chain = vec![made.cert.der().clone()];
//! # let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
//!
//! let cache = SessionCache::builder().build()?;
//! let mut config = rustls::ServerConfig::builder_with_provider(provider)
//!     .with_safe_default_protocol_versions()?
//!     .with_no_client_auth()
//!     .with_single_cert(chain.clone(), key)?;
//!
//! // Which servers share sessions follows from their configurations.
//! let context = cache.context(fingerprint(&config, &chain[0]).server_name_group("www").finish())?;
//! let store = RustlsStore::new(context);
//! config.session_storage = Arc::new(store.clone());
//! let config = Arc::new(config);
//!
//! // In the accept loop, for each connection:
//! let connection = rustls::ServerConnection::new(store.config_for_connection(&config))?;
//! # drop(connection);
//! # Ok(())
//! # }
//! ```
//!
//! # Security
//! **One context for each way of authenticating.** A resumed session skips authentication, and rustls
//! checks neither the server's certificate nor its client verifier against a stored session. Two
//! `ServerConfig`s may share a context only when both present the same identity and verify clients
//! the same way; otherwise a client resumes on one what it was granted on the other. [`fingerprint`]
//! computes the context from the configuration, so that another certificate or verifier is another
//! context. Where contexts are named by hand, call
//! [`invalidate`](resumption_cache::Context::invalidate) when one of these changes.
//!
//! **Whoever has seen an identity can use it up.** rustls takes a TLS 1.3 session before it verifies
//! the client's proof that it owns it. That costs the owner a full handshake, and nothing else.
//!
//! **Copies.** The cache wipes its own memory when a session leaves it. What `get` and `take` return
//! is a plain `Vec<u8>` that rustls owns, and rustls does not wipe it.
//!
//! # Features
//! `tokio` adds `HelloAcceptor`: sessions that lie across a network are fetched before the handshake,
//! whose callbacks cannot wait.
#![forbid(unsafe_code)]

#[cfg(feature = "tokio")]
mod accept;
pub mod client;
mod connection;
mod fingerprint;
mod stats;
mod store;

#[cfg(feature = "tokio")]
pub use accept::{AcceptError, EarlyData, Greeted, HelloAcceptor, OfferedSessions};
pub use fingerprint::{fingerprint, with_client_certificates};
pub use stats::StoreStats;
pub use store::RustlsStore;
