//! What a TLS `ClientHello` offers to resume, read before the handshake begins.
//!
//! A TLS stack asks for sessions in the middle of a handshake, through a callback that cannot wait. A
//! server whose sessions lie in a store across the network therefore looks into the `ClientHello`
//! first, fetches what the stack is going to ask for, and only then lets the handshake run. This crate
//! is the looking: it knows no cache, no store, no runtime and no TLS stack, and depends on nothing.
//!
//! [`HelloReader`] is given the bytes of a connection as they come and says when the `ClientHello` is
//! whole; [`ClientHello`] says what is in it; [`ClientHello::resumption`] says which sessions the stack is
//! going to ask for.
//!
//! ```
//! use resumption_hello::{HelloReader, Offered, Progress};
//!
//! # fn greeting() -> Vec<u8> {
//! #     let mut body = vec![3, 3];
//! #     body.extend([0; 32]);
//! #     body.extend([4, 9, 9, 9, 9, 0, 2, 0x13, 1, 1, 0]);
//! #     let mut flight = vec![22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
//! #     flight.extend(body);
//! #     flight
//! # }
//! let mut reader = HelloReader::new();
//! for bytes in greeting().chunks(7) {
//!     if reader.feed(bytes)? == Progress::Done {
//!         let hello = reader.client_hello()?;
//!         assert!(!hello.offers_tls13() && hello.server_name().is_none());
//!         assert!(matches!(hello.resumption(), Offered::Tls12SessionId(id) if id == [9; 4]));
//!     }
//! }
//! # Ok::<(), resumption_hello::HelloError>(())
//! ```
//!
//! # It advises, and does not judge
//! The stack reads the same bytes afterwards, and decides what is valid. What cannot be read here costs
//! a fetch that does not take place, and at worst a full handshake. So the parser is strict where a
//! mistake would fetch the wrong session, and does not look at anything else.
//!
//! # Bounds
//! All of this is for bytes of somebody whom nobody knows yet. At most 64 KiB of message are kept, in one
//! buffer that grows as they come and not as they are announced; each byte is looked at a constant number
//! of times; at most [`Identities::MOST`] identities are handed out, whatever the client offers (64 KiB
//! have room for 900).
//!
//! # Secrets
//! Session ids and identities are what a client shows to have its session back. `Debug` never shows
//! them.
#![forbid(unsafe_code)]

mod cursor;
mod error;
mod extensions;
mod hello;
mod identities;
mod offered;
mod reader;

pub use error::HelloError;
pub use hello::{ClientHello, Ticket};
pub use identities::Identities;
pub use offered::Offered;
pub use reader::{HelloReader, Progress};
