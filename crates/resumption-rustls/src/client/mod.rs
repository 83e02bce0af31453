//! rustls clients on the client's cache.
//!
//! [`RustlsClientStore`] is rustls' storage for clients (`ClientSessionStore`, rustls 0.23) on
//! [`ClientSessions`](resumption_client::ClientSessions), which finds the session to offer. What it adds to
//! rustls' own storage, one lock around a few hundred server names:
//!
//! * **Ports and transports.** rustls asks by name alone, so that two services of one host get each
//!   other's tickets.
//! * **No lock**, bounds in entries and bytes, lifetimes of the client's own.
//! * **Refusals**: a session that its server does not take is counted, and not offered for ever.
//!   [`RustlsClientStore::connect`].
//! * **Lineage and invalidation**, also by `connect`.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use resumption_cache::{CacheMode, SessionCache, Transport};
//! use resumption_client::ClientCache;
//! use resumption_rustls::client::{RustlsClientStore, client_fingerprint};
//! use rustls::pki_types::ServerName;
//! # let provider = Arc::new(rustls::crypto::ring::default_provider());
//! # let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
//! # let mut roots = rustls::RootCertStore::empty();
//! # roots.add(made.cert.der().clone())?;
//!
//! let config = rustls::ClientConfig::builder_with_provider(provider)
//!     .with_safe_default_protocol_versions()?
//!     .with_root_certificates(roots)
//!     .with_no_client_auth();
//!
//! let cache = ClientCache::new(SessionCache::builder().mode(CacheMode::CLIENT).build()?);
//! let fingerprint = client_fingerprint(&config).and("trust anchors", "the company's").finish();
//! let store = RustlsClientStore::new(cache.configuration(fingerprint)?, Transport::Tcp, 443);
//! let config = Arc::new(config);
//!
//! // For each connection:
//! let name = ServerName::try_from("www.example.org")?;
//! let attempt = store.connect(&config, &name);
//! let connection = rustls::ClientConnection::new(Arc::clone(attempt.config()), name)?;
//! // and when its handshake is over:
//! if let Some(kind) = connection.handshake_kind() {
//!     attempt.finished(kind);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Where a program makes its configuration once and connects through somebody else's code, set the store
//! itself: `config.resumption = Resumption::store(Arc::new(store))`. Sessions are found, isolated and
//! expire all the same; refusals are not seen, and lineages not either.
//!
//! # What rustls does not show
//! rustls' sessions cannot be encoded, so that they never leave the process; their lifetime, their size
//! and the port are hidden. Therefore:
//! * A session lives as long as the cache's timeout says (7200 s unless configured), at most a week. Where
//!   the server said less, rustls itself drops what it is given too late.
//! * A ticket to which the server gave no lifetime looks like any other here, and rustls 0.23 offers it:
//!   it is kept for the cache's timeout, against RFC 8446, section 4.6.1.
//! * Against a bound in bytes, a session counts as an estimate of 2 KiB, most of which is the server's
//!   certificate chain.
//! * A store is for one configuration, one transport and one port; [`RustlsClientStore::for_port`] makes
//!   it another's.
//!
//! rustls checks besides that a session is resumed under the very verifier and the very certificate
//! resolver under which it was made.

mod attempt;
mod fingerprint;
mod store;
mod value;

pub use attempt::ClientAttempt;
pub use fingerprint::client_fingerprint;
pub use store::RustlsClientStore;
