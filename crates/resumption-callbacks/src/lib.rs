//! The callbacks of a TLS session cache, swapped under traffic.
//!
//! | trait | asked | OpenSSL |
//! | --- | --- | --- |
//! | [`NewSession`] | when a session was negotiated | `SSL_CTX_sess_set_new_cb` |
//! | [`GetSession`] | when the cache does not have a session | `SSL_CTX_sess_set_get_cb` |
//! | [`RemoveSession`] | when a session leaves, with the reason | `SSL_CTX_sess_set_remove_cb` |
//! | [`AdmitSession`] | before a negotiated session is kept | `SSL_CTX_set_not_resumable_session_callback` |
//! | [`GenerateId`] | when a new session needs an id | `SSL_CTX_set_generate_session_id` |
//!
//! All together are a [`Callbacks`], which never changes; a [`Registry`] holds the current one
//! and swaps it whole, so that no operation sees half of an old and half of a new set.
//!
//! # Promises to a callback
//! * It runs with no lock held and nothing pinned: it may block, and it may call the cache.
//! * It may run on many threads at once.
//! * If it panics, the panic stops here and is counted ([`Registry::panics`]); the operation goes on
//!   as if a new callback had said [`Retention::Discard`], a get callback had found nothing, a
//!   remove callback had returned, and an admission had said [`Resumability::NotResumable`]; an id is
//!   then not made, which is an error. (Not where panics abort the process.)
//!
//! It blocks the thread that called the cache, though: inside a handshake that is usually a thread
//! that has other things to do. A store behind a network belongs behind a queue: [`ExternalStore`] is what
//! such a store does, asynchronously and for whoever stands between it and these callbacks.
#![forbid(unsafe_code)]

mod callbacks;
mod contain;
mod external;
mod ids;
mod reason;
mod registry;
mod sync;
mod traits;

pub use callbacks::Callbacks;
pub use external::{
    ExternalStore, Overwrite, Put, SealedSession, StoreBatch, StoreError, StoreFuture, StoreKey,
};
pub use ids::{GenerateId, GenerateIdError};
pub use reason::{Removal, RemovalReason};
pub use registry::Registry;
pub use traits::{
    AdmitSession, ExternalTake, GetSession, NewSession, RemoveSession, Resumability, Retention,
};
