//! The TLS libraries, and what the rest of the server sees of them: a stream in clear, and how the
//! handshake went.

mod openssl;
mod rustls;

use resumption_cache::Context;
use tokio::io::{AsyncRead, AsyncWrite};

use super::ServeError;
use super::hosts::Hosts;
use crate::cache::{Cache, TurnedAway};
use crate::cli::ServeArgs;
use crate::tls::TlsLibrary;

/// A TLS library, ready to accept.
pub(super) enum Stack {
    Openssl(openssl::Acceptor),
    Rustls(rustls::Acceptor),
}

impl Stack {
    /// Prepares the library that the arguments name, with one configuration and one context of the
    /// cache for each host.
    pub(super) fn new(args: &ServeArgs, hosts: &Hosts, cache: &Cache) -> Result<Self, ServeError> {
        Ok(match args.tls {
            TlsLibrary::Openssl => Self::Openssl(openssl::Acceptor::new(args, hosts, cache)?),
            TlsLibrary::Rustls => Self::Rustls(rustls::Acceptor::new(args, hosts, cache)?),
        })
    }

    /// Makes the handshake with one client.
    pub(super) async fn accept(&self, stream: impl Stream + 'static) -> Result<Accepted, Refusal> {
        match self {
            Self::Openssl(acceptor) => acceptor.accept(stream).await,
            Self::Rustls(acceptor) => acceptor.accept(stream).await,
        }
    }

    /// The context of the host that a client asks for by this name.
    pub(super) fn context(&self, name: Option<&str>) -> &Context {
        match self {
            Self::Openssl(acceptor) => acceptor.context(name),
            Self::Rustls(acceptor) => acceptor.context(name),
        }
    }

    /// The contexts of the hosts.
    pub(super) fn contexts(&self) -> Vec<Context> {
        match self {
            Self::Openssl(acceptor) => acceptor.contexts(),
            Self::Rustls(acceptor) => acceptor.contexts(),
        }
    }

    /// What clients offered and the cache was never asked for.
    pub(super) fn turned_away(&self) -> TurnedAway {
        match self {
            Self::Openssl(acceptor) => acceptor.turned_away(),
            Self::Rustls(acceptor) => acceptor.turned_away(),
        }
    }
}

/// The bytes of a connection in clear.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection whose handshake is done.
pub(super) struct Accepted {
    pub(super) stream: Box<dyn Stream>,
    pub(super) handshake: Handshake,
}

/// How a handshake went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Handshake {
    /// The number of the host.
    pub(super) host: usize,
    pub(super) version: Version,
    pub(super) kind: Kind,
}

/// The version that was agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Tls12,
    Tls13,
}

/// Whether a session was resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Full,
    Resumed,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The client went away.
    Abandoned,
    /// TLS said no, on either side.
    Refused,
}
