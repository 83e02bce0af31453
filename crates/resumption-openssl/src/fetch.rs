//! Sessions that are fetched before the handshake goes on: `SSL_CLIENT_HELLO_RETRY`.

use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{ClientHelloResponse, Ssl, SslRef, SslVersion};
use resumption_hello::{ClientHello, Offered};
use resumption_session::SessionId;
use std::sync::OnceLock;

use crate::ffi;

/// The sessions that a client offers and that libssl is going to ask for: what is to be fetched.
///
/// `Debug` shows no id.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum OfferedSessions {
    /// None, or none that a store could have: a ticket that holds the session itself.
    #[default]
    Nothing,
    /// One of TLS 1.2, to be read (`get`): it may be offered again.
    Reusable(SessionId),
    /// Those of TLS 1.3 in the client's order, to be taken: each is good for one time. At most eight;
    /// most clients offer one.
    SingleUse(Vec<SessionId>),
}

/// Stops the handshake once, for the sessions that the client offers to be fetched. For a server's client
/// hello callback, which returns what this returns.
///
/// libssl asks for sessions in the middle of the handshake, through a callback that cannot wait. So the
/// handshake ends before that with [`ErrorCode::WANT_CLIENT_HELLO_CB`]. Whoever runs it reads [`held`],
/// fetches, and lets it go on, by calling `accept` again:
///
/// ```
/// # use openssl::ssl::{ErrorCode, Ssl, SslContext, SslMethod, SslStream, SslVersion};
/// use resumption_openssl::{OfferedSessions, held, hold_for_fetch};
///
/// # fn fetch(_: OfferedSessions) {}
/// # fn serve<S: std::io::Read + std::io::Write>(tcp: S) -> Result<(), Box<dyn std::error::Error>> {
/// let mut server = SslContext::builder(SslMethod::tls_server())?;
/// server.set_client_hello_callback(|ssl, _alert| hold_for_fetch(ssl, SslVersion::TLS1_3));
/// // ... and the rest, and attach ...
///
/// let mut stream = SslStream::new(Ssl::new(&server.build())?, tcp)?;
/// loop {
///     match stream.accept() {
///         Ok(()) => break,
///         Err(error) if error.code() == ErrorCode::WANT_CLIENT_HELLO_CB => {
///             // To where the cache's get callback finds it at once.
///             fetch(held(stream.ssl()));
///         }
///         Err(error) => return Err(error.into()),
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// Nothing is stopped when nothing is offered, nor for a second `ClientHello` after a `HelloRetryRequest`,
/// which offers what the first did.
///
/// `newest` is the newest version that the server speaks. One without TLS 1.3 asks for the session id of every client, and that of one
/// which could do TLS 1.3 is random unless it has a session: such a server fetches in vain with nearly each
/// full handshake ([`ClientHello::resumption_by_session_id`]).
///
/// The callback runs twice for a `ClientHello` that was stopped: what it does besides has to bear that.
///
/// # Errors
/// When libssl has no memory.
///
/// [`ErrorCode::WANT_CLIENT_HELLO_CB`]: openssl::ssl::ErrorCode::WANT_CLIENT_HELLO_CB
pub fn hold_for_fetch(
    ssl: &mut SslRef,
    newest: SslVersion,
) -> Result<ClientHelloResponse, ErrorStack> {
    let index = index()?;
    if ssl.ex_data(index).is_some() {
        return Ok(ClientHelloResponse::SUCCESS);
    }
    let offered = OfferedSessions::in_callback(ssl, newest);
    let response = match offered {
        OfferedSessions::Nothing => ClientHelloResponse::SUCCESS,
        _ => ClientHelloResponse::RETRY,
    };
    ssl.set_ex_data(index, offered);
    Ok(response)
}

/// What the client offers whose handshake [`hold_for_fetch`] has stopped.
pub fn held(ssl: &SslRef) -> OfferedSessions {
    let offered = index().ok().and_then(|index| ssl.ex_data(index));
    offered.cloned().unwrap_or_default()
}

impl OfferedSessions {
    /// What the `ClientHello` that is being read offers to a server of this version.
    fn in_callback(ssl: &SslRef, newest: SslVersion) -> Self {
        let session_id = ssl.client_hello_session_id().unwrap_or_default();
        // What the parser cannot read is for libssl to judge.
        ClientHello::from_parts(session_id, |number| ffi::hello_extension(ssl, number)).map_or(
            Self::Nothing,
            |hello| {
                Self::of(if newest == SslVersion::TLS1_3 {
                    hello.resumption()
                } else {
                    hello.resumption_by_session_id()
                })
            },
        )
    }

    fn of(offered: Offered<'_>) -> Self {
        match offered {
            Offered::Tls12SessionId(id) => SessionId::new(id).map_or(Self::Nothing, Self::Reusable),
            Offered::Tls13Identities(ids) => {
                Self::SingleUse(ids.copied().map(SessionId::from).collect())
            }
            Offered::Nothing | Offered::Tls12Ticket => Self::Nothing,
        }
    }

    /// The ids, in the client's order.
    pub fn ids(&self) -> &[SessionId] {
        match self {
            Self::Nothing => &[],
            Self::Reusable(id) => std::slice::from_ref(id),
            Self::SingleUse(ids) => ids,
        }
    }
}

/// Where a connection keeps what it offers.
fn index() -> Result<Index<Ssl, OfferedSessions>, ErrorStack> {
    static INDEX: OnceLock<Index<Ssl, OfferedSessions>> = OnceLock::new();
    if let Some(index) = INDEX.get() {
        return Ok(*index);
    }
    // Two threads may each make one; both use the first that is kept.
    let made = Ssl::new_ex_index()?;
    Ok(*INDEX.get_or_init(|| made))
}
