//! Handshakes in memory: a client of libssl, and a server of any stack on a cache.
//!
//! The client is the same for all servers, because its sessions are bytes: they can be offered twice,
//! by two clients, or changed before.

pub(crate) mod cases;
mod certificates;
mod client;
pub(crate) mod der;
mod external;
mod world;

pub(crate) use certificates::{Authority, Identity, authority, server_identity};
pub(crate) use client::{
    Connection, Hello, Pipe, Ticket, drive, first_flight, shake, start, waits,
};
pub(crate) use external::Store;
pub(crate) use world::{Event, World};

use openssl::ssl::ShutdownState;
use resumption_cache::Context;
use resumption_client::ClientSessions;

/// The two versions that sessions are made under.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Version {
    Tls12,
    Tls13,
}

pub(crate) const BOTH: [Version; 2] = [Version::Tls12, Version::Tls13];

/// What a server is to be like, besides the context that its sessions belong to.
#[derive(Clone, Default)]
pub(crate) struct Site {
    /// Clients must have a certificate of this authority.
    pub(crate) clients: Option<Authority>,
    /// It accepts only this group (libssl's name) for the key exchange.
    pub(crate) only_p384: bool,
}

/// A TLS stack with servers on this cache.
pub(crate) trait Stack {
    /// A server whose sessions belong to `context`.
    fn serve(&self, context: &Context, site: &Site) -> Box<dyn Server>;

    /// A client that finds its sessions among these.
    fn visitor(&self, version: Version, sessions: ClientSessions) -> Box<dyn Visitor>;

    /// How many tickets of TLS 1.3 it sends on a resumed connection.
    fn tickets_when_resumed(&self) -> usize;

    /// Whether it gives clients nothing where nothing is kept, instead of something that never resumes.
    fn withholds_what_is_not_kept(&self) -> bool;
}

/// A client that comes back.
pub(crate) trait Visitor {
    /// Makes a connection, closes it as one should, and says whether it resumed a session.
    fn visit(&self, server: &dyn Server) -> bool;
}

/// A server of one configuration.
pub(crate) trait Server {
    /// Its end of a new connection.
    fn accept(&self) -> Box<dyn Peer>;
}

/// A server's end of a connection.
pub(crate) trait Peer {
    /// Hears what the client said, and answers. A connection that failed says its alert and why.
    fn hear(&mut self, said: &[u8]) -> (Vec<u8>, Result<(), String>);

    /// Whether it resumed a session, once the handshake is done.
    fn resumed(&self) -> Option<bool>;

    /// Ends the connection as one should.
    fn close(&mut self);

    /// Says what has been said of the connection's end, whatever was, where the stack lets one.
    fn set_shutdown(&mut self, _state: ShutdownState) {
        panic!("this stack keeps its own account");
    }
}
