//! TLS sessions encrypted and authenticated, for a store that nobody need trust.
//!
//! | type | what it is |
//! | --- | --- |
//! | [`KeyRing`] | the keys: the first seals, all open; read from a file or the environment |
//! | [`Sealer`] | seals sessions, opens them, names them; its keys can be rotated under traffic |
//! | [`codec`] | a session as bytes and back |
//!
//! ```
//! use resumption_sealing::{Codec, KeyRing, MasterKey, Namespace, OpenError, Sealer};
//! use resumption_session::{
//!     Lifetime, SecretBytes, Session, SessionId, SessionIdContext, Timestamp,
//! };
//!
//! let ring = KeyRing::new(&[MasterKey::generate()?], &[MasterKey::generate()?])?;
//! let sealer = Sealer::new(ring, Namespace::new("shop")?, Codec::RUSTLS_0_23);
//!
//! let now = Timestamp::from_unix_secs(1_000_000);
//! let (id, context) = (SessionId::from([7; 32]), SessionIdContext::EMPTY);
//! let secret = SecretBytes::new(b"what the TLS stack wants back".to_vec());
//! let session = Session::new(id, context, now, Lifetime::from_secs(600), secret);
//!
//! let (name, sealed) = sealer.seal(session.view(), Lifetime::NEVER, now)?;
//! let found = sealer.open(&name, &context, &id, sealed.bytes().to_vec(), now)?;
//! assert_eq!(found.payload().expose(), session.payload().expose());
//!
//! // It ends by the time inside the seal, whatever the store thinks of time.
//! let later = now.saturating_add(Lifetime::from_secs(601));
//! let replayed = sealer.open(&name, &context, &id, sealed.into_bytes(), later);
//! assert!(matches!(replayed, Err(OpenError::Expired)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The seal
//! ```text
//! name: 8 bytes | "RSM" 1 | key id: 8 | salt: 24 | ciphertext | tag: 16
//! ```
//! * **Encryption** is AES-256-GCM under a key of this value alone: HKDF-Expand (RFC 5869, SHA-256) of
//!   the ring's key, the purpose and a random salt of 192 bits. No counter has to be kept, no nonce can
//!   repeat, and how many values are sealed under one key of the ring does not matter. A process that was
//!   forked or cloned draws other salts.
//! * **Associated data** are the namespace, the codec, the isolation context, the session's id and the
//!   name: a value opens where it was sealed for, and nowhere else.
//! * **Inside** is the instant at which it ends, and the session.
//!
//! # Names
//! A name in the store is HMAC-SHA256 over the same things, under a key that is for names only. It does
//! not change when a sealing key is rotated, so that one lookup finds what an older key has sealed. Its
//! own rotation is possible: with two keys for names, the first is used for what is put, and a lookup
//! asks for both names ([`Sealer::names`]).
//!
//! # What it does not hide
//! From whoever can read the store: how many sessions there are, when each was put, asked for and taken,
//! how long it is (a client's certificate is among the things that make it longer), which key sealed it,
//! and when it ends. From whoever can write to it: a store can forget. It cannot make a session resume
//! that it was not given, nor elsewhere than it was meant to; but it can answer a *take* twice with the
//! same sealed bytes, which nothing inside a seal can notice.
//!
//! # Secrets
//! Keys and plaintexts are wiped when they are freed. What ring derives from a key, its schedules, is
//! memory of ring's, which does not wipe it.
#![forbid(unsafe_code)]

mod bytes;
pub mod codec;
mod envelope;
mod errors;
mod key;
mod key_ring;
mod key_text;
mod sealer;

pub use envelope::Purpose;
pub use errors::{KeyRingError, LineFault, OpenError, SealError};
pub use key::{KeyId, MasterKey};
pub use key_ring::KeyRing;
pub use sealer::{Codec, Namespace, NamespaceError, Sealer};
