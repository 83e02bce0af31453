//! The client's session store, under the load generator's control: what is offered is decided here
//! and by nobody else.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls_pki_types::ServerName;

/// Whether a connection offers a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// Never: the handshake is full.
    Nothing,
    /// The newest one, if there is any.
    Newest,
}

/// The newest session of one client thread. The server's name is not looked at: a thread only ever
/// talks to one server.
///
/// TLS 1.3 tickets are single-use, so taking one leaves the store empty until the next arrives. A
/// server sends two tickets as a rule; keeping only the last is what `openssl s_client` does too.
pub(super) struct NewestSession {
    offer: Offer,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    tls13: Option<Tls13ClientSessionValue>,
}

impl NewestSession {
    pub(super) fn new(offer: Offer) -> Self {
        Self { offer, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // No code of ours panics while holding it, and what it protects is never half-written.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for NewestSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewestSession").field("offer", &self.offer).finish_non_exhaustive()
    }
}

impl ClientSessionStore for NewestSession {
    fn set_kx_hint(&self, _server_name: ServerName<'static>, group: NamedGroup) {
        self.held().group = Some(group);
    }

    fn kx_hint(&self, _server_name: &ServerName<'_>) -> Option<NamedGroup> {
        self.held().group
    }

    fn set_tls12_session(&self, _server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.held().tls12 = Some(value);
    }

    fn tls12_session(&self, _server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        match self.offer {
            Offer::Nothing => None,
            Offer::Newest => self.held().tls12.clone(),
        }
    }

    fn remove_tls12_session(&self, _server_name: &ServerName<'static>) {
        self.held().tls12 = None;
    }

    fn insert_tls13_ticket(
        &self,
        _server_name: ServerName<'static>,
        value: Tls13ClientSessionValue,
    ) {
        self.held().tls13 = Some(value);
    }

    fn take_tls13_ticket(
        &self,
        _server_name: &ServerName<'static>,
    ) -> Option<Tls13ClientSessionValue> {
        match self.offer {
            Offer::Nothing => None,
            Offer::Newest => self.held().tls13.take(),
        }
    }
}
