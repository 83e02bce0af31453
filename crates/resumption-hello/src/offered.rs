//! What a client offers to resume.

use core::fmt;

use crate::identities::Identities;

/// What a client offers to resume; see [`ClientHello::resumption`](crate::ClientHello::resumption).
///
/// `Debug` shows no id.
#[derive(Clone)]
pub enum Offered<'a> {
    /// No session that a server could have kept.
    Nothing,
    /// One session of TLS 1.2 or older, by its id of 1 to 32 bytes. It may be offered again: to be read,
    /// and left where it is.
    Tls12SessionId(&'a [u8]),
    /// A ticket of TLS 1.2 (RFC 5077), which holds the session itself. No id is looked up beside it.
    Tls12Ticket,
    /// Sessions of TLS 1.3 by their ids of 32 bytes, one at least. Each is good for one time: to be
    /// taken.
    Tls13Identities(Identities<'a>),
}

impl fmt::Debug for Offered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Tls12SessionId(id) => write!(f, "Tls12SessionId({} bytes)", id.len()),
            Self::Tls12Ticket => f.write_str("Tls12Ticket"),
            Self::Tls13Identities(identities) => {
                f.debug_tuple("Tls13Identities").field(identities).finish()
            }
        }
    }
}
