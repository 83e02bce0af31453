//! Session storage for OpenSSL servers: TLS 1.2 session ids and stateful TLS 1.3 tickets of the
//! [`openssl`] crate, over the system's libssl (3.0 or later), in the resumption cache.
//!
//! ```
//! use openssl::ssl::{SslContext, SslMethod};
//! use resumption_cache::SessionCache;
//! use resumption_openssl::OpensslCache;
//! use resumption_session::SessionIdContext;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cache = SessionCache::builder().build()?;
//! let context = cache.context(SessionIdContext::new(b"www, no client certificates")?)?;
//!
//! let mut server = SslContext::builder(SslMethod::tls_server())?;
//! // ... certificate, key, verification of clients ...
//! let attached = OpensslCache::builder(context).attach(&mut server)?;
//! let server = server.build();
//! # assert_eq!(attached.stats().handshakes.accept, 0);
//! # drop(server);
//! # Ok(())
//! # }
//! ```
//!
//! For clients, see [`client`].
//!
//! # What attaching does
//! * libssl's own cache is bypassed, whatever the mode of this one: `SSL_SESS_CACHE_SERVER`,
//!   `NO_INTERNAL`, `NO_AUTO_CLEAR`. Nothing that libssl does by itself, freeing an `SSL_CTX` included,
//!   removes a session from this cache.
//! * Sessions are kept as `SSL_SESSION` objects of the cache's own, which no handshake touches: each
//!   gets a duplicate. Nothing is encoded unless a store outside the process asks
//!   ([`SessionView::encode`](resumption_session::SessionView::encode)).
//! * TLS 1.3 tickets are stateful (`SSL_OP_NO_TICKET`) and single-use, unless [`Tickets`] says otherwise.
//! * Early data works, and is not replayed: libssl's own guard needs libssl's own cache and is switched
//!   off (`SSL_OP_NO_ANTI_REPLAY`), and early data is accepted only with a session that this process has
//!   just taken out of the cache, never with one of a store outside.
//! * The session id context becomes the isolation context's bytes. A server that verifies its clients
//!   must have some ([`AttachError::VerifiesWithoutContext`]).
//! * New sessions, and what TLS 1.3 clients are told, follow the cache's timeout as it is then.
//!   Expiry is by the cache's clock alone.
//! * The tickets of a resumed connection inherit the lineage of its session, so that the cache's cap on
//!   lineages ends chains of resumptions.
//! * A handshake that began before its context was invalidated stores nothing after that.
//! * Ids of sessions are the cache's to make
//!   ([`Callbacks::on_generate_id`](resumption_cache::Callbacks::on_generate_id)), and are none that the
//!   cache holds. TLS 1.3 tickets have 32 bytes: a shorter id is followed by random ones.
//! * Handshakes are counted as libssl counts them, for each `SSL_CTX` ([`Attached::stats`]); handshakes and
//!   lookups for each isolation context ([`Context::stats`](resumption_cache::Context::stats)).
//! * A handshake can be stopped for its sessions to be fetched from across a network ([`hold_for_fetch`]).
//! * A handshake looks up a few sessions at most ([`OpensslCache::lookups_per_handshake`]).
//!
//! # Virtual hosts
//! A session belongs to the `SSL_CTX` that its connection was made of, also where a servername callback
//! then switches to another: attach to that first one. A session made for one server name does not
//! resume for another ([`ServerNames`]). Hosts that differ in policy need contexts of their own:
//!
//! ```
//! # use openssl::ssl::{ClientHelloResponse, SslContext, SslMethod};
//! # use resumption_cache::SessionCache;
//! # use resumption_openssl::{OpensslCache, client_hello_server_name};
//! # use resumption_session::SessionIdContext;
//! use std::sync::{Arc, OnceLock};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let cache = SessionCache::builder().build()?;
//! let public = cache.context(SessionIdContext::new(b"public")?)?;
//! let staff = cache.context(SessionIdContext::new(b"staff")?)?;
//!
//! let mut server = SslContext::builder(SslMethod::tls_server())?;
//! let attached = Arc::new(OnceLock::new());
//! let in_callback = Arc::clone(&attached);
//! server.set_client_hello_callback(move |ssl, _alert| {
//!     let is_staff = client_hello_server_name(ssl) == Some(b"staff.example.org");
//!     if let (true, Some(attached)) = (is_staff, in_callback.get()) {
//!         let attached: &resumption_openssl::Attached = attached;
//!         // On an error, this connection must not go on: it would use the public context.
//!         attached.use_context(ssl, &staff).map_err(|_| openssl::error::ErrorStack::get())?;
//!     }
//!     Ok(ClientHelloResponse::SUCCESS)
//! });
//! let _ = attached.set(OpensslCache::builder(public).attach(&mut server)?);
//! # Ok(())
//! # }
//! ```
//!
//! # Security
//! **One context for each way of authenticating.** A resumed session skips authentication.
//! [`fingerprint`] computes the context from the configuration, so that another certificate or another way
//! of verifying clients is another context. Where contexts are named by hand, call
//! [`invalidate`](resumption_cache::Context::invalidate) when one of these changes.
//!
//! **Whoever has seen an id can use it up.** libssl takes a TLS 1.3 session before it verifies the
//! client's proof that it owns it, and a handshake that fails with a fatal alert removes the session that
//! it was to resume (RFC 5246, section 7.2.2). That costs the owner a full handshake, and nothing else.
#![deny(unsafe_code)]

mod adapter;
pub mod client;
mod connection;
mod contain;
mod der;
mod error;
mod events;
mod fetch;
#[allow(unsafe_code, reason = "foreign functions have no safe form")]
mod ffi;
mod fingerprint;
mod note;
mod object;
mod server_name;
mod stats;
mod version;

pub use adapter::{Attached, OpensslCache, ServerNames, Tickets};
pub use error::AttachError;
pub use fetch::{OfferedSessions, held, hold_for_fetch};
pub use fingerprint::fingerprint;
pub use object::{NotASession, OpensslSession, offer};
pub use server_name::client_hello_server_name;
pub use stats::{AdapterStats, Handshakes};

pub use resumption_cache::UncleanClose;
