//! The vocabulary of TLS session resumption: ids, contexts, times, secrets, sessions.
//!
//! | type | what it is |
//! | --- | --- |
//! | [`SessionId`] | the 1 to 32 bytes by which a client offers a session again |
//! | [`SessionIdContext`] | the 0 to 32 bytes that keep one application's sessions from another's |
//! | [`ProtocolVersion`] | the TLS or DTLS version a session belongs to |
//! | [`Timestamp`], [`Lifetime`] | an instant and a span, in nanoseconds; both saturate, neither wraps |
//! | [`SecretBytes`], [`SecretRef`] | key material, owned and borrowed: never printed, wiped when freed |
//! | [`Session`], [`SessionView`] | one resumable session, owned and borrowed |
//! | [`SessionObject`] | a session that a TLS stack keeps as an object instead of bytes |
//!
//! This crate knows neither storage, nor threads, nor I/O, and reads no clock: an instant is always
//! an argument. What a session's payload means is between the TLS stack that made it and itself.
//!
//! # Secrets
//! A session is as good as the keys it resumes. `Debug` never shows a payload, and shows only the
//! length of an id, because whoever holds an id and can reach the server may offer it.
#![forbid(unsafe_code)]

mod context;
mod id;
mod object;
mod secret;
mod session;
mod time;
mod usage;
mod version;
mod view;

pub use context::{ContextTooLong, SessionIdContext};
pub use id::{SessionId, SessionIdError};
pub use object::SessionObject;
pub use secret::{SecretBytes, SecretRef};
pub use session::Session;
pub use time::{Lifetime, NegativeLifetime, Timestamp};
pub use usage::Usage;
pub use version::ProtocolVersion;
pub use view::SessionView;
