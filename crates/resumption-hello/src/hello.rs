//! A whole `ClientHello`, as far as resumption is concerned.

use core::fmt;

use crate::HelloError;
use crate::cursor::Cursor;
use crate::extensions::Extensions;
use crate::identities::Identities;
use crate::offered::Offered;

/// The handshake message type `client_hello` (RFC 8446, section 4).
pub(crate) const CLIENT_HELLO: u8 = 1;

/// The longest `legacy_session_id`.
const MAX_SESSION_ID: usize = 32;

/// What a client says of tickets as TLS 1.2 has them (RFC 5077).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ticket {
    /// It does not know them: no `session_ticket` extension.
    Absent,
    /// It has none, and would take one: the extension is empty.
    Empty,
    /// It offers one.
    Offered,
}

/// A `ClientHello`, borrowed from whoever read it. RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2.
///
/// Cheap to copy. `Debug` shows neither the session id nor the identities.
#[derive(Clone, Copy)]
pub struct ClientHello<'a> {
    session_id: &'a [u8],
    extensions: Extensions<'a>,
    after_retry: bool,
}

impl<'a> ClientHello<'a> {
    /// Reads a handshake message, header included: what [`HelloReader`](crate::HelloReader) puts
    /// together from records.
    ///
    /// # Errors
    /// [`HelloError::NotClientHello`] for another message, [`HelloError::Malformed`] for one that is cut
    /// off, too long, or breaks the rules where this parser reads.
    /// # Cost
    /// One pass over the message. Allocates nothing.
    pub fn parse(message: &'a [u8]) -> Result<Self, HelloError> {
        let mut message = Cursor::new(message);
        if message.u8()? != CLIENT_HELLO {
            return Err(HelloError::NotClientHello);
        }
        let length = message.u24()?;
        let mut body = Cursor::new(message.bytes(length)?);
        message.end()?;

        let _version = body.u16()?;
        let _random = body.bytes(32)?;
        let session_id = body.short_vector()?;
        let cipher_suites = body.vector()?;
        let compression_methods = body.short_vector()?;
        let well_formed = session_id.len() <= MAX_SESSION_ID
            && !cipher_suites.is_empty()
            && cipher_suites.len() % 2 == 0
            && !compression_methods.is_empty();
        if !well_formed {
            return Err(HelloError::Malformed);
        }
        // Clients older than extensions send none at all, not even an empty list.
        let extensions = if body.is_empty() { &[] } else { body.vector()? };
        body.end()?;
        let extensions = Extensions::parse(extensions)?;
        Ok(Self { session_id, extensions, after_retry: false })
    }

    /// A `ClientHello` that a TLS stack has taken apart: its session id, and the bodies of its extensions by
    /// their numbers. OpenSSL: `SSL_client_hello_get0_session_id`, `SSL_client_hello_get0_ext`.
    ///
    /// # Errors
    /// [`HelloError::Malformed`] for what breaks the rules where this parser reads.
    pub fn from_parts(
        session_id: &'a [u8],
        extension: impl Fn(u16) -> Option<&'a [u8]>,
    ) -> Result<Self, HelloError> {
        if session_id.len() > MAX_SESSION_ID {
            return Err(HelloError::Malformed);
        }
        let extensions = Extensions::look_up(extension)?;
        Ok(Self { session_id, extensions, after_retry: false })
    }

    /// The same, known to be the second of its handshake: the server has answered the first with a
    /// `HelloRetryRequest`. Most servers send no cookie, so the message alone does not show it.
    #[must_use]
    pub fn after_retry_request(mut self) -> Self {
        self.after_retry = true;
        self
    }

    /// Whether this is the second `ClientHello` of its handshake, as far as is known: it brings a cookie
    /// back, or the caller [said so](ClientHello::after_retry_request). What the second offers, the
    /// first has offered before, so that there is nothing left to fetch.
    pub fn is_after_retry_request(&self) -> bool {
        self.after_retry || self.extensions.cookie
    }

    /// The name of the server that the client asked for, as it was sent. `None` if it named none, or one
    /// that is no host name: empty, longer than 255 bytes, or not of printable ASCII.
    ///
    /// RFC 6066, section 3. What matches names must ignore their case.
    pub fn server_name(&self) -> Option<&'a str> {
        self.extensions.server_name
    }

    /// Whether the client would speak TLS 1.3 (RFC 8446, section 4.2.1).
    pub fn offers_tls13(&self) -> bool {
        self.extensions.tls13
    }

    /// Whether the client sends, or has sent, 0-RTT data (RFC 8446, section 4.2.10).
    pub fn offers_early_data(&self) -> bool {
        self.extensions.early_data
    }

    /// What the client says of tickets as TLS 1.2 has them.
    pub fn ticket(&self) -> Ticket {
        self.extensions.ticket
    }

    /// The session id as it was sent, 0 to 32 bytes. A client that offers TLS 1.3 fills it with random
    /// bytes, which say nothing (RFC 8446, section D.4): see [`ClientHello::resumption`].
    pub fn legacy_session_id(&self) -> &'a [u8] {
        self.session_id
    }

    /// The identities of 32 bytes among the first [`Identities::MOST`] that the client offers.
    pub fn identities(&self) -> Identities<'a> {
        Identities::of(self.extensions.identities)
    }

    /// Which sessions a server that speaks TLS 1.3 is going to ask for.
    ///
    /// * TLS 1.3 offered: the identities of 32 bytes. Others are no ids but tickets that somebody
    ///   sealed, or another server's. The session id is random then, and is never looked at.
    /// * Otherwise a ticket of TLS 1.2, if one is offered: stacks look up no session id beside it.
    /// * Otherwise the session id, if there is one.
    pub fn resumption(&self) -> Offered<'a> {
        if self.offers_tls13() {
            let identities = self.identities();
            return match identities.clone().next() {
                None => Offered::Nothing,
                Some(_) => Offered::Tls13Identities(identities),
            };
        }
        self.resumption_by_session_id()
    }

    /// Which session a server is going to ask for that speaks nothing newer than TLS 1.2, whatever the
    /// client could.
    ///
    /// Most clients offer TLS 1.3 too, with a random session id if they have no session: to look that
    /// up is in vain, and cannot be told apart from here. So such a server pays for a fetch with nearly
    /// each full handshake.
    pub fn resumption_by_session_id(&self) -> Offered<'a> {
        match (self.ticket(), self.session_id) {
            (Ticket::Offered, _) => Offered::Tls12Ticket,
            (_, []) => Offered::Nothing,
            (_, id) => Offered::Tls12SessionId(id),
        }
    }
}

impl fmt::Debug for ClientHello<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHello")
            .field("server_name", &self.server_name())
            .field("offers_tls13", &self.offers_tls13())
            .field("ticket", &self.ticket())
            .field("is_after_retry_request", &self.is_after_retry_request())
            .finish_non_exhaustive()
    }
}
