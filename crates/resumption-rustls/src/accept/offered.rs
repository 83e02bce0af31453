//! What is to be fetched for a connection.

use resumption_hello::Offered;
use resumption_session::SessionId;

/// The sessions that a client offers and that rustls is going to ask for: what is to be fetched.
///
/// Owned, so that it can be given away while the handshake waits. `Debug` shows no id.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum OfferedSessions {
    /// None, or none that a storage could have: a ticket that holds the session itself.
    #[default]
    Nothing,
    /// One of TLS 1.2, to be read (`get`): it may be offered again.
    Reusable(SessionId),
    /// Those of TLS 1.3 in the client's order, to be taken: each is good for one time. Most clients offer
    /// one; fetch the first, or the first two. rustls asks for the second only if it cannot use the
    /// first.
    SingleUse(Vec<SessionId>),
}

impl OfferedSessions {
    pub(super) fn of(offered: Offered<'_>) -> Self {
        match offered {
            Offered::Tls12SessionId(id) => SessionId::new(id).map_or(Self::Nothing, Self::Reusable),
            Offered::Tls13Identities(ids) => {
                Self::SingleUse(ids.copied().map(SessionId::from).collect())
            }
            Offered::Nothing | Offered::Tls12Ticket => Self::Nothing,
        }
    }

    /// The ids, in the client's order; at most eight.
    pub fn ids(&self) -> &[SessionId] {
        match self {
            Self::Nothing => &[],
            Self::Reusable(id) => std::slice::from_ref(id),
            Self::SingleUse(ids) => ids,
        }
    }
}
