//! Isolation contexts computed from the servers' configurations.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{SslContext, SslContextBuilder, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use resumption_cache::SessionCache;
use resumption_openssl::{OpensslCache, ServerNames, fingerprint};
use support::{Client, Pair, VERSIONS, cache_and_clock, first_session, identity, meet, server};

type Configure<'a> = &'a dyn Fn(&mut SslContextBuilder);

const REQUIRED: SslVerifyMode = SslVerifyMode::PEER.union(SslVerifyMode::FAIL_IF_NO_PEER_CERT);

/// The certificate of the tests, for another key.
fn certificate_for(key: &PKey<Private>) -> X509 {
    let (model, _) = identity();
    let mut made = X509::builder().unwrap();
    made.set_version(2).unwrap();
    made.set_subject_name(model.subject_name()).unwrap();
    made.set_issuer_name(model.subject_name()).unwrap();
    made.set_pubkey(key).unwrap();
    made.set_not_before(model.not_before()).unwrap();
    made.set_not_after(model.not_after()).unwrap();
    made.sign(key, MessageDigest::sha256()).unwrap();
    made.build()
}

fn another_identity() -> (X509, PKey<Private>) {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    (certificate_for(&key), key)
}

fn present(server: &mut SslContextBuilder, (certificate, key): &(X509, PKey<Private>)) {
    server.set_certificate(certificate).unwrap();
    server.set_private_key(key).unwrap();
}

fn trust(server: &mut SslContextBuilder, authority: &X509) {
    server.cert_store_mut().add_cert(authority.clone()).unwrap();
}

/// A server in the context that its configuration leads to.
fn attached(
    version: SslVersion,
    cache: &SessionCache,
    configure: impl FnOnce(&mut SslContextBuilder),
) -> SslContext {
    let mut server = server(version);
    configure(&mut server);
    let context = cache.context(fingerprint(&mut server).unwrap().finish()).unwrap();
    let adapter = OpensslCache::builder(context).server_names(ServerNames::Together);
    adapter.attach(&mut server).unwrap();
    server.build()
}

#[test]
fn each_part_of_a_configuration_tells_servers_apart() {
    let (authority, _) = another_identity();
    let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let rsa = (certificate_for(&rsa), rsa);
    let plain = |_: &mut SslContextBuilder| ();
    let configured: [(&str, Configure<'_>); 7] = [
        ("nothing", &plain),
        ("another certificate", &|server| present(server, &another_identity())),
        ("a second certificate", &|server| present(server, &rsa)),
        ("optional", &|server| server.set_verify(SslVerifyMode::PEER)),
        ("required", &|server| server.set_verify(REQUIRED)),
        ("an authority", &|server| {
            server.set_verify(REQUIRED);
            trust(server, &authority);
        }),
        ("suites", &|server| server.set_ciphersuites("TLS_AES_128_GCM_SHA256").unwrap()),
    ];
    let mut contexts = Vec::new();
    for version in VERSIONS {
        for (what, configure) in configured {
            let mut server = server(version);
            configure(&mut server);
            let context = fingerprint(&mut server).unwrap().finish();
            let again = fingerprint(&mut server).unwrap().finish();
            assert_eq!(context, again, "{what}: reading changes nothing");
            assert!(!contexts.contains(&context), "{version:?}, {what}");
            contexts.push(context);
        }
    }
}

#[test]
fn the_certificate_that_was_set_last_is_still_current() {
    let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut server = server(SslVersion::TLS1_3);
    present(&mut server, &(certificate_for(&rsa), rsa));
    present(&mut server, &identity());
    fingerprint(&mut server).unwrap();
    let current = server.build().certificate().unwrap().to_der().unwrap();
    assert_eq!(current, identity().0.to_der().unwrap());
}

#[test]
fn after_the_certificate_was_replaced_sessions_miss() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let before = attached(version, &cache, |_| ());
        let reloaded = attached(version, &cache, |_| ());
        let after = attached(version, &cache, |server| present(server, &another_identity()));
        let client = Client::new();
        let session = first_session(&before, &client);
        assert!(!meet(&after, &client, Some(&session)), "{version:?}");
        assert!(meet(&reloaded, &client, Some(&session)), "the same configuration again");
    }
}

#[test]
fn a_session_without_a_certificate_does_not_resume_where_one_is_required() {
    for version in VERSIONS {
        let (cache, _) = cache_and_clock();
        let public = attached(version, &cache, |_| ());
        let members = attached(version, &cache, |server| {
            server.set_verify(REQUIRED);
            trust(server, &identity().0);
        });
        let outsider = Client::new();
        let session = first_session(&public, &outsider);
        let mut pair = Pair::new(&members, &outsider, Some(&session));
        let _ = pair.shake_hands();
        assert!(!pair.server.ssl().session_reused(), "{version:?}");
        assert!(pair.server.ssl_read(&mut [0]).is_err(), "nothing is served");
    }
}
