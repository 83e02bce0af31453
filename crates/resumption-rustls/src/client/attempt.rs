//! One connection's view of the store.

use std::fmt;
use std::sync::Arc;

use resumption_client::{Attempt, Outcome};
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, HandshakeKind, NamedGroup};

use super::store::RustlsClientStore;
use super::value::{received_tls12, received_tls13, tls12_of, tls13_of};

/// One connection of a rustls client: what rustls asks the store on it goes through an [`Attempt`].
pub struct ClientAttempt {
    config: Arc<ClientConfig>,
    store: Arc<ConnectionStore>,
}

impl ClientAttempt {
    pub(super) fn new(
        store: &RustlsClientStore,
        config: &Arc<ClientConfig>,
        server: ServerName<'static>,
    ) -> Self {
        let store = Arc::new(ConnectionStore {
            attempt: store.sessions().attempt(&store.key(&server)),
            store: store.clone(),
            server,
        });
        let mut own = ClientConfig::clone(config);
        own.resumption = Resumption::store(Arc::clone(&store) as Arc<dyn ClientSessionStore>)
            .tls12_resumption(store.store.tls12_resumption());
        Self { config: Arc::new(own), store }
    }

    /// The configuration for this connection. With another server's name it offers and keeps nothing.
    pub fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }

    /// Says how the handshake ended: as soon as the connection knows it
    /// ([`handshake_kind`](rustls::CommonState::handshake_kind)).
    pub fn finished(&self, kind: HandshakeKind) {
        self.store.attempt.finished(match kind {
            HandshakeKind::Resumed => Outcome::Resumed,
            HandshakeKind::Full | HandshakeKind::FullWithHelloRetryRequest => Outcome::Full,
        });
    }
}

impl fmt::Debug for ClientAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAttempt").field("store", &self.store).finish_non_exhaustive()
    }
}

/// The storage of one connection.
struct ConnectionStore {
    store: RustlsClientStore,
    attempt: Attempt,
    server: ServerName<'static>,
}

impl ConnectionStore {
    /// The connection's attempt, if `server` is its server.
    fn attempt(&self, server: &ServerName<'_>) -> Option<&Attempt> {
        (self.server == *server).then_some(&self.attempt)
    }

    /// The same, unless TLS 1.2 is not resumed.
    fn attempt_with_tls12(&self, server: &ServerName<'_>) -> Option<&Attempt> {
        self.attempt(server).filter(|_| self.store.resumes_tls12())
    }
}

impl fmt::Debug for ConnectionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionStore").field("store", &self.store).finish_non_exhaustive()
    }
}

impl ClientSessionStore for ConnectionStore {
    fn set_kx_hint(&self, server_name: ServerName<'static>, group: NamedGroup) {
        self.store.set_kx_hint(server_name, group);
    }

    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        self.store.kx_hint(server_name)
    }

    // What is not kept is counted below; a client has nobody to tell.
    fn set_tls12_session(&self, server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        if let Some(attempt) = self.attempt_with_tls12(&server_name) {
            let _ = attempt.received(received_tls12(value, self.store.lifetime()));
        }
    }

    fn tls12_session(&self, server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        tls12_of(&self.attempt_with_tls12(server_name)?.reusable()?)
    }

    fn remove_tls12_session(&self, server_name: &ServerName<'static>) {
        self.store.remove_tls12_session(server_name);
    }

    fn insert_tls13_ticket(
        &self,
        server_name: ServerName<'static>,
        value: Tls13ClientSessionValue,
    ) {
        if let Some(attempt) = self.attempt(&server_name) {
            let _ = attempt.received(received_tls13(value, self.store.lifetime()));
        }
    }

    fn take_tls13_ticket(
        &self,
        server_name: &ServerName<'static>,
    ) -> Option<Tls13ClientSessionValue> {
        tls13_of(&self.attempt(server_name)?.ticket()?)
    }
}
