//! The storage of all connections of one client configuration to one port.

use std::fmt;
use std::num::NonZeroU16;
use std::sync::Arc;

use resumption_client::{ClientSessions, ServerKey, Transport};
use resumption_session::Lifetime;
use rustls::client::{
    ClientSessionStore, Tls12ClientSessionValue, Tls12Resumption, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, NamedGroup};

use super::attempt::ClientAttempt;
use super::value::{received_tls12, received_tls13, tls12_of, tls13_of};

/// Session storage for rustls clients.
///
/// Cheap to clone; clones are the same store.
#[derive(Clone)]
pub struct RustlsClientStore {
    sessions: ClientSessions,
    transport: Transport,
    port: u16,
    tls12: Tls12Resumption,
}

impl RustlsClientStore {
    /// A store for connections over `transport` to `port`, of the configuration whose sessions these are.
    pub fn new(sessions: ClientSessions, transport: Transport, port: u16) -> Self {
        Self { sessions, transport, port, tls12: Tls12Resumption::SessionIdOrTickets }
    }

    /// The same for connections to another port.
    #[must_use]
    pub fn for_port(&self, port: u16) -> Self {
        Self { port, ..self.clone() }
    }

    /// The same, for configurations that resume TLS 1.2 in this way: a configuration does not show what
    /// it was told, and [`RustlsClientStore::connect`] has to say it again. With
    /// [`Tls12Resumption::Disabled`], which by itself only stops tickets in rustls 0.23, this store keeps
    /// and offers no session of TLS 1.2.
    #[must_use]
    pub fn with_tls12_resumption(mut self, tls12: Tls12Resumption) -> Self {
        self.tls12 = tls12;
        self
    }

    /// Begins a connection to `server`: gives a copy of `config` for this connection alone, whose sessions
    /// are this store's.
    ///
    /// # Cost
    /// One copy of the configuration, whose parts are reference counted.
    pub fn connect(&self, config: &Arc<ClientConfig>, server: &ServerName<'_>) -> ClientAttempt {
        ClientAttempt::new(self, config, server.to_owned())
    }

    /// The sessions below.
    pub fn sessions(&self) -> &ClientSessions {
        &self.sessions
    }

    pub(super) fn resumes_tls12(&self) -> bool {
        self.tls12 != Tls12Resumption::Disabled
    }

    pub(super) fn tls12_resumption(&self) -> Tls12Resumption {
        self.tls12
    }

    /// The key of a server.
    pub(super) fn key(&self, server: &ServerName<'_>) -> ServerKey {
        ServerKey::new(&server.to_str(), self.port, self.transport)
    }

    /// How long what is received now is kept: rustls does not show what the server said.
    pub(super) fn lifetime(&self) -> Lifetime {
        self.sessions.context().timeouts().for_new_session()
    }
}

impl fmt::Debug for RustlsClientStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RustlsClientStore")
            .field("sessions", &self.sessions)
            .field("transport", &self.transport)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// For clients that cannot use [`RustlsClientStore::connect`]: the store as it is, shared by all
/// connections. Refused sessions are not seen, every session starts a lineage of its own, and a connection
/// that began before an invalidation may still store its sessions.
impl ClientSessionStore for RustlsClientStore {
    fn set_kx_hint(&self, server_name: ServerName<'static>, group: NamedGroup) {
        if let Some(group) = NonZeroU16::new(group.into()) {
            self.sessions.set_named_group(&self.key(&server_name), group);
        }
    }

    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        let group = self.sessions.named_group(&self.key(server_name))?;
        Some(NamedGroup::from(group.get()))
    }

    // What is not kept is counted below; a client has nobody to tell.
    fn set_tls12_session(&self, server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        if self.resumes_tls12() {
            let received = received_tls12(value, self.lifetime());
            let _ = self.sessions.insert(&self.key(&server_name), &received);
        }
    }

    fn tls12_session(&self, server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        if !self.resumes_tls12() {
            return None;
        }
        tls12_of(&self.sessions.reusable(&self.key(server_name))?)
    }

    fn remove_tls12_session(&self, server_name: &ServerName<'static>) {
        self.sessions.remove_reusable(&self.key(server_name));
    }

    fn insert_tls13_ticket(
        &self,
        server_name: ServerName<'static>,
        value: Tls13ClientSessionValue,
    ) {
        let received = received_tls13(value, self.lifetime());
        let _ = self.sessions.insert(&self.key(&server_name), &received);
    }

    fn take_tls13_ticket(
        &self,
        server_name: &ServerName<'static>,
    ) -> Option<Tls13ClientSessionValue> {
        tls13_of(&self.sessions.take_ticket(&self.key(server_name))?)
    }
}
