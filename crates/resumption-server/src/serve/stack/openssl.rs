//! OpenSSL: the host is chosen in the client hello callback, before anything is looked up.

use std::pin::Pin;
use std::sync::Arc;

use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::pkey::PKey;
use openssl::ssl::{
    AlpnError, ClientHelloResponse, ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod,
    SslMode, SslOptions, SslRef, SslVerifyMode, SslVersion, select_next_proto,
};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use resumption_cache::Context;
use resumption_openssl::{
    Attached, OpensslCache, UncleanClose, client_hello_server_name, fingerprint,
};
use tokio_openssl::SslStream;

use super::{Accepted, Handshake, Kind, Refusal, Stream, Version};
use crate::cache::{Cache, TurnedAway};
use crate::certificate::CertificateError;
use crate::cli::ServeArgs;
use crate::serve::hosts::{ByName, Clients, Host, Hosts};
use crate::serve::{ServeError, context};
use crate::tls::TlsVersions;

/// What rustls agrees to, too: ciphers that authenticate, and keys that are forgotten afterwards.
const TLS12_CIPHERS: &str = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// The protocol of the pages, as ALPN writes it: its length first.
const HTTP: &[u8] = b"\x08http/1.1";

/// Connections begin with an `SSL_CTX` that has no certificate, and go on with that of their host.
///
/// libssl copies versions, groups, options and modes when a connection begins: they are the same for all
/// hosts. What it copies and hosts differ in, which is the verification of clients, is set anew.
pub(in crate::serve) struct Acceptor {
    front: SslContext,
    hosts: Arc<ByName<Configured>>,
    /// Where a connection has the number of its host.
    chosen: Index<Ssl, usize>,
    /// Where the adapter counts for connections whose host is not chosen yet.
    first: Attached,
}

struct Configured {
    host: usize,
    ssl: SslContext,
    attached: Attached,
    context: Context,
    verify: SslVerifyMode,
}

impl Acceptor {
    pub(super) fn new(args: &ServeArgs, hosts: &Hosts, cache: &Cache) -> Result<Self, ServeError> {
        let hosts = Arc::new(ByName::new(hosts, |host| Configured::new(args, host, cache))?);
        let mut front = builder(args)?;
        let first = attach(args, &mut front, &hosts.find(None).context)?;
        let chosen = Ssl::new_ex_index()?;
        let (any, named) = (first.clone(), Arc::clone(&hosts));
        // After a HelloRetryRequest it is not called again: the host's SSL_CTX has no such callback.
        front.set_client_hello_callback(move |ssl, _alert| {
            let name = client_hello_server_name(ssl).and_then(|name| str::from_utf8(name).ok());
            let host = named.find(name);
            choose(ssl, &any, host)?;
            ssl.set_ex_data(chosen, host.host);
            Ok(ClientHelloResponse::SUCCESS)
        });
        Ok(Self { front: front.build(), hosts, chosen, first })
    }

    pub(super) async fn accept(&self, stream: impl Stream + 'static) -> Result<Accepted, Refusal> {
        // Fails only for want of memory.
        let ssl = Ssl::new(&self.front).map_err(|_| Refusal::Refused)?;
        let mut tls = SslStream::new(ssl, stream).map_err(|_| Refusal::Refused)?;
        Pin::new(&mut tls).accept().await.map_err(|why| match why.code() {
            ErrorCode::SSL => Refusal::Refused,
            _ => Refusal::Abandoned,
        })?;
        let version = match tls.ssl().version2() {
            Some(SslVersion::TLS1_2) => Version::Tls12,
            _ => Version::Tls13,
        };
        let kind = if tls.ssl().session_reused() { Kind::Resumed } else { Kind::Full };
        // Without a choice there is no certificate, and no handshake that finishes.
        let host = tls.ssl().ex_data(self.chosen).copied().unwrap_or_default();
        let handshake = Handshake { host, version, kind };
        Ok(Accepted { stream: Box::new(tls), handshake })
    }

    /// The context of the host of this name.
    pub(super) fn context(&self, name: Option<&str>) -> &Context {
        &self.hosts.find(name).context
    }

    /// The contexts of the hosts.
    pub(super) fn contexts(&self) -> Vec<Context> {
        self.hosts.iter().map(|host| host.context.clone()).collect()
    }

    pub(super) fn turned_away(&self) -> TurnedAway {
        let attached = self.hosts.iter().map(|host| &host.attached).chain([&self.first]);
        attached.map(Attached::stats).fold(TurnedAway::default(), |sum, one| TurnedAway {
            over_budget: sum.over_budget + one.over_budget,
            wrong_length: sum.wrong_length + one.wrong_length,
        })
    }
}

impl Configured {
    fn new(args: &ServeArgs, host: &Host, cache: &Cache) -> Result<Self, ServeError> {
        let mut ssl = builder(args)?;
        present(&mut ssl, host)?;
        let verify = verify(&mut ssl, &host.clients)?;
        let protocol = context::application_protocol(args);
        if protocol.is_some() {
            ssl.set_alpn_select_callback(|_, offered| {
                select_next_proto(HTTP, offered).ok_or(AlpnError::ALERT_FATAL)
            });
        }
        let configured = fingerprint(&mut ssl)?.application_protocols(protocol);
        let context = cache.context(context::of(args, host, configured))?;
        let attached = attach(args, &mut ssl, &context)?;
        Ok(Self { host: host.number, ssl: ssl.build(), attached, context, verify })
    }
}

/// Gives a connection its host: certificate, clients, sessions.
fn choose(ssl: &mut SslRef, first: &Attached, host: &Configured) -> Result<(), ErrorStack> {
    // Verification first: the adapter refuses a context without bytes to a connection that verifies.
    ssl.set_verify(host.verify);
    first.use_context(ssl, &host.context).map_err(|_| ErrorStack::get())?;
    ssl.set_ssl_context(&host.ssl)
}

/// What all hosts have in common.
fn builder(args: &ServeArgs) -> Result<SslContextBuilder, ErrorStack> {
    let mut ssl = SslContext::builder(SslMethod::tls_server())?;
    let (lowest, highest) = match args.versions {
        TlsVersions::Both => (SslVersion::TLS1_2, SslVersion::TLS1_3),
        TlsVersions::Tls12 => (SslVersion::TLS1_2, SslVersion::TLS1_2),
        TlsVersions::Tls13 => (SslVersion::TLS1_3, SslVersion::TLS1_3),
    };
    ssl.set_min_proto_version(Some(lowest))?;
    ssl.set_max_proto_version(Some(highest))?;
    ssl.set_cipher_list(TLS12_CIPHERS)?;
    if !args.groups.is_empty() {
        let names: Vec<_> = args.groups.iter().map(ToString::to_string).collect();
        ssl.set_groups_list(&names.join(":"))?;
    }
    ssl.set_options(SslOptions::NO_RENEGOTIATION | SslOptions::NO_COMPRESSION);
    // A task that continues a write may do so from another buffer.
    ssl.set_mode(SslMode::ACCEPT_MOVING_WRITE_BUFFER | SslMode::ENABLE_PARTIAL_WRITE);
    // An idle connection holds no buffers.
    ssl.set_mode(SslMode::RELEASE_BUFFERS | SslMode::AUTO_RETRY);
    Ok(ssl)
}

/// The host's certificate and key.
fn present(ssl: &mut SslContextBuilder, host: &Host) -> Result<(), ServeError> {
    let mut chain = host.identity.chain.iter();
    if let Some(leaf) = chain.next() {
        ssl.set_certificate(X509::from_der(leaf)?.as_ref())?;
    }
    for issuer in chain {
        ssl.add_extra_chain_cert(X509::from_der(issuer)?)?;
    }
    let key = PKey::private_key_from_der(host.identity.key.secret_der())?;
    // Both are whole: all that can be wrong with them is that they are two different ones.
    ssl.set_private_key(&key)
        .and_then(|()| ssl.check_private_key())
        .map_err(|_| CertificateError::NotTogether.into())
}

/// What the host asks of clients.
fn verify(ssl: &mut SslContextBuilder, clients: &Clients) -> Result<SslVerifyMode, ErrorStack> {
    let (roots, mode) = match clients {
        Clients::Anonymous => return Ok(SslVerifyMode::NONE),
        Clients::Optional(roots) => (roots, SslVerifyMode::PEER),
        Clients::Required(roots) => {
            (roots, SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT)
        }
    };
    let mut store = X509StoreBuilder::new()?;
    for root in roots {
        let root = X509::from_der(root)?;
        ssl.add_client_ca(&root)?;
        store.add_cert(root)?;
    }
    ssl.set_cert_store(store.build());
    ssl.set_verify(mode);
    Ok(mode)
}

/// Keeps the sessions of `ssl` in `context`.
fn attach(
    args: &ServeArgs,
    ssl: &mut SslContextBuilder,
    context: &Context,
) -> Result<Attached, ServeError> {
    let cache = OpensslCache::builder(context.clone())
        .lookups_per_handshake(args.lookups_per_handshake)
        // As with rustls: clients that hang up without a word are many.
        .unclean_close(UncleanClose::Keep);
    cache.attach(ssl).map_err(|why| ServeError::Openssl(why.to_string()))
}
