//! Which server a session is for.

use core::fmt;

use resumption_policy::Transport;
use resumption_session::SessionId;
use sha2::{Digest, Sha256};

/// The byte at the end of an entry's id says what it is; below [`ServerKey::REUSABLE`] it is the number
/// of a ticket's place.
const LAST: usize = SessionId::MAX_LEN - 1;

/// Under what a client keeps its sessions with one server: name, port and transport.
///
/// `Debug` does not show the digest, which would tell who was visited.
///
/// ```
/// use resumption_client::{ServerKey, Transport};
///
/// let https = ServerKey::new("example.org", 443, Transport::Tcp);
/// assert!(https == ServerKey::new("EXAMPLE.org.", 443, Transport::Tcp));
/// assert!(https != ServerKey::new("example.org", 8443, Transport::Tcp));
/// assert!(https != ServerKey::new("example.org", 443, Transport::Quic));
/// ```
///
/// # Cost
/// One SHA-256 of the name. Clone it for the next connection to the same server.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct ServerKey {
    // The last byte is replaced in each id made of it: 248 bits tell servers apart.
    digest: [u8; SessionId::MAX_LEN],
}

impl ServerKey {
    /// The end of the id of the one session for protocol versions before TLS 1.3.
    const REUSABLE: u8 = 0xfe;
    /// The end of the id of a server's index.
    const INDEX: u8 = 0xff;

    /// The server that a client calls `name`, as it stands in the server name indication and in the
    /// certificate: a host name, or an address as text. Capital letters count as small ones (RFC 4343),
    /// and the dot of the root at the end does not count.
    pub fn new(name: &str, port: u16, transport: Transport) -> Self {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let transport: u8 = match transport {
            Transport::Tcp => 0,
            Transport::Quic => 1,
        };
        // Everything before the name has a fixed length, and the name is the rest: no two servers are
        // the same bytes.
        let digest = Sha256::new()
            .chain_update(b"resumption: server of a client, 1\n")
            .chain_update([transport])
            .chain_update(port.to_be_bytes())
            .chain_update(name.as_bytes())
            .finalize();
        Self { digest: digest.into() }
    }

    /// The id of the ticket in this place.
    pub(crate) fn ticket(&self, place: u8) -> SessionId {
        self.ending(place)
    }

    /// The id under which the session of before TLS 1.3 is kept, which may be offered again and again:
    /// for adapters that remove it later.
    pub fn reusable_id(&self) -> SessionId {
        self.ending(Self::REUSABLE)
    }

    /// The id of the server's index.
    pub(crate) fn index(&self) -> SessionId {
        self.ending(Self::INDEX)
    }

    fn ending(&self, last: u8) -> SessionId {
        let mut bytes = self.digest;
        bytes[LAST] = last;
        SessionId::from(bytes)
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_servers_and_no_two_entries_share_an_id() {
        let mut ids = HashSet::new();
        let mut count = 0;
        for name in ["", "a", "b", "ab", "a.b", "1.2.3.4", "::1", "a\n"] {
            for port in [0, 1, 256, 443, 0x6162, u16::MAX] {
                for transport in [Transport::Quic, Transport::Tcp] {
                    let server = ServerKey::new(name, port, transport);
                    let tickets = (0..32).map(|place| server.ticket(place));
                    for id in tickets.chain([server.reusable_id(), server.index()]) {
                        ids.insert(*id.as_bytes().first_chunk::<32>().expect("32 bytes"));
                        count += 1;
                    }
                }
            }
        }
        assert_eq!(ids.len(), count);
    }

    /// External stores keep sessions under these ids: changing them is forgetting all sessions.
    #[test]
    fn the_key_of_a_server_does_not_change_between_versions() {
        let server = ServerKey::new("Example.ORG", 443, Transport::Tcp);
        // By another implementation of SHA-256.
        let expected = [
            0x0d, 0x6c, 0xf6, 0x67, 0x15, 0x8e, 0xbc, 0xe6, 0x41, 0x79, 0xbe, 0xce, 0x0c, 0xbf,
            0xe9, 0x2f, 0xd9, 0x30, 0x3d, 0x3b, 0xd6, 0x29, 0xb4, 0x44, 0xb9, 0xcc, 0xd4, 0x66,
            0x64, 0xeb, 0x95, 0x03,
        ];
        assert_eq!(server.ticket(3).as_bytes(), expected);
    }
}
