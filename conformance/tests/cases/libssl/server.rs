//! libssl on the cache.

use std::cell::RefCell;
use std::rc::Rc;

use openssl::ssl::{
    ShutdownState, Ssl, SslContext, SslContextBuilder, SslMethod, SslStream, SslVerifyMode,
};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::{X509, X509VerifyResult};
use resumption_cache::Context;
use resumption_client::ClientSessions;
use resumption_openssl::{Attached, OpensslCache};

use super::visitor::Client;
use crate::wire::{Peer, Pipe, Server, Site, Stack, Version, Visitor, server_identity, waits};

pub(crate) struct Libssl;

/// A server whose configuration a case has made itself.
pub(crate) struct Host {
    pub(crate) context: SslContext,
    pub(crate) attached: Attached,
    /// What was found of the clients' certificates, by each handshake that was finished.
    pub(crate) verified: Rc<RefCell<Vec<X509VerifyResult>>>,
}

impl Host {
    /// A server with the adapter as `adapt` wants it, otherwise as `configure` wants it.
    pub(crate) fn new(
        context: &Context,
        configure: impl FnOnce(&mut SslContextBuilder),
        adapt: impl FnOnce(OpensslCache) -> OpensslCache,
    ) -> Self {
        let mut builder = configured();
        configure(&mut builder);
        let adapter = adapt(OpensslCache::builder(context.clone()));
        let attached = adapter.attach(&mut builder).unwrap();
        Self { context: builder.build(), attached, verified: Rc::default() }
    }
}

/// A server's configuration, with nothing attached.
pub(crate) fn configured() -> SslContextBuilder {
    let mut builder = SslContext::builder(SslMethod::tls_server()).unwrap();
    let identity = server_identity();
    builder.set_certificate(&identity.x509()).unwrap();
    builder.set_private_key(&identity.pkey()).unwrap();
    builder
}

/// Requires certificates of this authority.
pub(crate) fn require_clients_of(builder: &mut SslContextBuilder, authority: &[u8]) {
    let mut trusted = X509StoreBuilder::new().unwrap();
    trusted.add_cert(X509::from_der(authority).unwrap()).unwrap();
    builder.set_verify_cert_store(trusted.build()).unwrap();
    builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
}

impl Stack for Libssl {
    fn serve(&self, context: &Context, site: &Site) -> Box<dyn Server> {
        let configure = |builder: &mut SslContextBuilder| {
            if site.only_p384 {
                builder.set_groups_list("P-384").unwrap();
            }
            if let Some(authority) = &site.clients {
                require_clients_of(builder, &authority.certificate);
            }
        };
        Box::new(Host::new(context, configure, |adapter| adapter))
    }

    fn visitor(&self, version: Version, sessions: ClientSessions) -> Box<dyn Visitor> {
        Box::new(Client::new(version, sessions))
    }

    fn tickets_when_resumed(&self) -> usize {
        1
    }

    fn withholds_what_is_not_kept(&self) -> bool {
        // libssl's own mode, by which it decides to send an id, is the adapter's.
        false
    }
}

impl Server for Host {
    fn accept(&self) -> Box<dyn Peer> {
        let pipe = Pipe::default();
        let stream = SslStream::new(Ssl::new(&self.context).unwrap(), pipe.clone()).unwrap();
        Box::new(Accepted { stream, pipe, done: false, verified: Rc::clone(&self.verified) })
    }
}

/// A server's end of a connection.
pub(crate) struct Accepted {
    stream: SslStream<Pipe>,
    pipe: Pipe,
    done: bool,
    verified: Rc<RefCell<Vec<X509VerifyResult>>>,
}

impl Peer for Accepted {
    fn hear(&mut self, said: &[u8]) -> (Vec<u8>, Result<(), String>) {
        self.pipe.fill(said);
        let step = if self.done {
            self.stream.ssl_read(&mut [0; 1]).map(drop)
        } else {
            self.stream.accept().map(|()| {
                self.done = true;
                self.verified.borrow_mut().push(self.stream.ssl().verify_result());
            })
        };
        let heard = match step {
            Err(error) if !waits(&error) && error.ssl_error().is_some() => Err(error.to_string()),
            _ => Ok(()),
        };
        (self.pipe.drain(), heard)
    }

    fn resumed(&self) -> Option<bool> {
        self.done.then(|| self.stream.ssl().session_reused())
    }

    fn close(&mut self) {
        // A connection that has failed cannot.
        let _ = self.stream.shutdown();
    }

    fn set_shutdown(&mut self, state: ShutdownState) {
        self.stream.set_shutdown(state);
    }
}
