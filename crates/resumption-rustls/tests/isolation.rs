//! Who may resume where: isolation contexts computed from the servers' configurations, with real
//! handshakes over both versions.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use resumption_cache::{SessionCache, Transport};
use resumption_rustls::{RustlsStore, fingerprint, with_client_certificates};
use resumption_session::SessionIdContext;
use rustls::HandshakeKind::{self, Full, Resumed};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};
use support::{Client, cache_and_clock, hear_server, provider};

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

type Identity = (CertificateDer<'static>, PrivateKeyDer<'static>);

/// An authority that issues certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue(&self) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.der().clone(), PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }
}

/// How a server authenticates clients.
#[derive(Clone, Copy)]
enum Asks<'a> {
    Nobody,
    /// For a certificate of this authority, and goes on without.
    Optionally(&'a Authority),
    /// For a certificate of this authority, and fails without.
    Strictly(&'a Authority),
}

/// A server with sessions in `cache`, in the context that its configuration leads to, or in `by_hand`.
fn server(
    version: &'static SupportedProtocolVersion,
    cache: &SessionCache,
    (certificate, key): &Identity,
    asks: Asks<'_>,
    by_hand: Option<SessionIdContext>,
) -> Arc<ServerConfig> {
    let verifier = match asks {
        Asks::Nobody => None,
        Asks::Optionally(authority) | Asks::Strictly(authority) => {
            let roots = authority.roots();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), provider());
            let verifier = match asks {
                Asks::Optionally(_) => verifier.allow_unauthenticated(),
                _ => verifier,
            };
            Some((verifier.build().unwrap(), roots))
        }
    };
    let config = ServerConfig::builder_with_provider(provider());
    let config = config.with_protocol_versions(&[version]).unwrap();
    let config = match &verifier {
        None => config.with_no_client_auth(),
        Some((verifier, _)) => config.with_client_cert_verifier(Arc::clone(verifier)),
    };
    let chain = vec![certificate.clone()];
    let mut config = config.with_single_cert(chain, key.clone_key()).unwrap();
    let context = by_hand.unwrap_or_else(|| {
        let fingerprint = fingerprint(&config, certificate);
        match &verifier {
            None => fingerprint,
            Some((verifier, roots)) => with_client_certificates(fingerprint, &**verifier, roots),
        }
        .finish()
    });
    config.session_storage = Arc::new(RustlsStore::new(cache.context(context).unwrap()));
    Arc::new(config)
}

/// A whole handshake, tickets included, or what the server says against it.
fn shake_hands(
    client: &Client,
    config: &Arc<ServerConfig>,
) -> Result<HandshakeKind, rustls::Error> {
    let mut client = client.connection();
    let mut server = ServerConnection::new(Arc::clone(config)).unwrap();
    while client.wants_write() || server.wants_write() {
        let mut said = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut said).unwrap();
        }
        hear_server(&mut server, &said)?;
        let mut said = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut said).unwrap();
        }
        let mut rest = &said[..];
        while !rest.is_empty() {
            client.read_tls(&mut rest).unwrap();
            client.process_new_packets()?;
        }
    }
    Ok(server.handshake_kind().expect("the handshake is done"))
}

#[test]
fn a_session_without_a_certificate_resumes_nowhere_where_one_is_asked_for() {
    let (authority, identity) = (Authority::new(), Authority::new().issue());
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let public = server(version, &cache, &identity, Asks::Nobody, None);
        let members = server(version, &cache, &identity, Asks::Strictly(&authority), None);
        let mixed = server(version, &cache, &identity, Asks::Optionally(&authority), None);
        let client = Client::new(version);
        assert_eq!(shake_hands(&client, &public), Ok(Full));
        assert_eq!(shake_hands(&client, &public), Ok(Resumed));
        assert!(client.memory.sessions() > 0);
        shake_hands(&client, &members).expect_err("it has no certificate");

        let client = Client::new(version);
        assert_eq!(shake_hands(&client, &mixed), Ok(Full));
        assert_eq!(shake_hands(&client, &mixed), Ok(Resumed));
        shake_hands(&client, &members).expect_err("it has no certificate");
        assert_eq!(shake_hands(&client, &public), Ok(Full), "nor the other way round");
    }
}

#[test]
fn in_one_context_by_hand_it_would() {
    // What the test above would see if contexts did not differ: it can fail.
    let (authority, identity) = (Authority::new(), Authority::new().issue());
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let shared = Some(SessionIdContext::EMPTY);
        let public = server(version, &cache, &identity, Asks::Nobody, shared);
        let members = server(version, &cache, &identity, Asks::Strictly(&authority), shared);
        let client = Client::new(version);
        assert_eq!(shake_hands(&client, &public), Ok(Full));
        assert_eq!(shake_hands(&client, &members), Ok(Resumed), "{version:?}");
    }
}

#[test]
fn a_session_under_one_authority_does_not_resume_under_another() {
    let (one, other) = (Authority::new(), Authority::new());
    let identity = Authority::new().issue();
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let here = server(version, &cache, &identity, Asks::Strictly(&one), None);
        let there = server(version, &cache, &identity, Asks::Strictly(&other), None);
        let client = Client::with_certificate(version, one.issue());
        assert_eq!(shake_hands(&client, &here), Ok(Full));
        assert_eq!(shake_hands(&client, &here), Ok(Resumed));
        shake_hands(&client, &there).expect_err("its certificate is of another authority");
    }
}

#[test]
fn after_the_certificate_was_replaced_sessions_miss() {
    let authority = Authority::new();
    let (former, next) = (authority.issue(), authority.issue());
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let before = server(version, &cache, &former, Asks::Nobody, None);
        let after = server(version, &cache, &next, Asks::Nobody, None);
        let reloaded = server(version, &cache, &former, Asks::Nobody, None);
        let client = Client::new(version);
        assert_eq!(shake_hands(&client, &before), Ok(Full));
        assert_eq!(shake_hands(&client, &reloaded), Ok(Resumed), "the same configuration again");
        assert_eq!(shake_hands(&client, &after), Ok(Full));
    }
}

#[test]
fn what_rustls_does_not_show_can_be_added() {
    let (certificate, key) = Authority::new().issue();
    let config = ServerConfig::builder_with_provider(provider());
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = config.with_single_cert(vec![certificate.clone()], key).unwrap();
    let tcp = fingerprint(&config, &certificate);
    let quic = tcp.clone().transport(Transport::Quic);
    assert_ne!(tcp.finish(), quic.finish());
    config.alpn_protocols = vec![b"h2".to_vec()];
    assert_ne!(tcp.finish(), fingerprint(&config, &certificate).finish());
}
