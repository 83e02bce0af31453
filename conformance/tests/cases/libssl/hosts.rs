//! 78, 111, 114, 115, 117, 147: virtual hosts, contexts, verification.

use std::sync::{Arc, OnceLock};

use openssl::error::ErrorStack;
use openssl::ssl::{ClientHelloResponse, SslContextBuilder, SslRef, SslVerifyMode};
use openssl::x509::X509VerifyResult;
use resumption_cache::{CacheMode, Context};
use resumption_openssl::{AttachError, Attached, OpensslCache, client_hello_server_name};
use resumption_policy::ContextFingerprint;
use resumption_session::ProtocolVersion;

use super::server::{Host, configured};
use crate::wire::{Hello, Version, World, authority, shake};

const NAME: &str = "staff.example.org";

fn named(version: Version) -> Hello {
    let mut hello = Hello::new(version);
    hello.server_name = Some(NAME);
    hello
}

/// A host that hands each connection for the name over to `other`.
fn switching(context: &Context, other: &Host) -> Host {
    let target = other.context.clone();
    let configure = |builder: &mut SslContextBuilder| {
        builder.set_servername_callback(move |ssl, _| {
            if ssl.servername(openssl::ssl::NameType::HOST_NAME) == Some(NAME) {
                ssl.set_ssl_context(&target).unwrap();
            }
            Ok(())
        });
    };
    Host::new(context, configure, |adapter| adapter)
}

#[test]
fn case_078_after_an_sni_switch_the_first_cache_stores_if_the_context_is_the_same() {
    for version in crate::wire::BOTH {
        let (first, second) = (World::new(), World::in_mode(CacheMode::OFF));
        // The same context, of a cache that is off: the first one's mode counts.
        let target = Host::new(&second.context(b"site"), |_| (), |adapter| adapter);
        let host = switching(&first.context(b"site"), &target);
        let ticket = shake(&host, &named(version)).ticket();
        assert!(!first.cache.is_empty() && second.cache.is_empty(), "{version:?}");
        assert!(shake(&host, &named(version).offering(&ticket)).has_resumed());
        // Another context: nothing is stored, since it would be found under the wrong policy.
        let first = World::new();
        let target = Host::new(&first.context(b"another"), |_| (), |adapter| adapter);
        let host = switching(&first.context(b"site"), &target);
        shake(&host, &named(version));
        assert!(first.cache.is_empty(), "{version:?}");
    }
}

#[test]
fn case_147_an_sni_switch_moves_the_accepted_connection_and_not_the_lookups() {
    let (first, second) = (World::new(), World::new());
    let target = Host::new(&second.context(b"site"), |_| (), |adapter| adapter);
    let host = switching(&first.context(b"site"), &target);
    let ticket = shake(&host, &named(Version::Tls12)).ticket();
    assert!(shake(&host, &named(Version::Tls12).offering(&ticket)).has_resumed());
    let of = |host: &Host| {
        let handshakes = host.attached.stats().handshakes;
        (handshakes.accept, handshakes.accept_good)
    };
    assert_eq!((of(&host), of(&target)), ((0, 0), (2, 2)));
    assert_eq!((first.counted().hits, second.cache.stats().offered()), (1, 0));
}

#[test]
fn case_111_a_verifying_server_without_a_context_is_refused() {
    let world = World::new();
    let mut builder = configured();
    builder.set_verify(SslVerifyMode::PEER);
    let adapter = OpensslCache::builder(world.context(b""));
    let refused = adapter.attach(&mut builder).unwrap_err();
    assert!(matches!(refused, AttachError::VerifiesWithoutContext), "{refused}");
    OpensslCache::builder(world.context(b"site")).attach(&mut builder).unwrap();
}

/// Where a connection for the name is given the other context.
#[derive(Clone, Copy, Debug)]
enum When {
    ClientHello,
    ServerName,
}

/// A host whose connections for the name belong to the context `staff`.
fn host_of_two(world: &World, when: When) -> Host {
    let (staff, attached) = (world.context(b"staff"), Arc::new(OnceLock::<Attached>::new()));
    let known = Arc::clone(&attached);
    let give = move |ssl: &mut SslRef| match known.get() {
        Some(attached) => attached.use_context(ssl, &staff).map_err(|_| ErrorStack::get()),
        None => Ok(()),
    };
    let configure = |builder: &mut SslContextBuilder| match when {
        When::ClientHello => builder.set_client_hello_callback(move |ssl, _| {
            if client_hello_server_name(ssl) == Some(NAME.as_bytes()) {
                give(ssl)?;
            }
            Ok(ClientHelloResponse::SUCCESS)
        }),
        When::ServerName => builder.set_servername_callback(move |ssl, _| {
            if ssl.servername(openssl::ssl::NameType::HOST_NAME) == Some(NAME) {
                give(ssl).unwrap();
            }
            Ok(())
        }),
    };
    let host = Host::new(&world.context(b"public"), configure, |adapter| adapter);
    assert!(attached.set(host.attached.clone()).is_ok());
    host
}

/// In TLS 1.2, in which libssl looks for the session before it calls the servername callback.
#[test]
fn case_114_a_context_comes_in_time_in_the_client_hello_callback_and_too_late_in_the_other() {
    for (when, in_time) in [(When::ClientHello, true), (When::ServerName, false)] {
        let world = World::new();
        let host = host_of_two(&world, when);
        let ticket = shake(&host, &named(Version::Tls12)).ticket();
        let resumed = shake(&host, &named(Version::Tls12).offering(&ticket)).has_resumed();
        assert_eq!(resumed, in_time, "{when:?}");
    }
}

#[test]
fn case_115_the_result_of_verification_is_restored() {
    let client = authority("nobody that the server knows").client;
    for version in crate::wire::BOTH {
        let world = World::new();
        // It asks, notes what is wrong, and goes on.
        let configure = |builder: &mut SslContextBuilder| {
            builder.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
        };
        let host = Host::new(&world.context(b"site"), configure, |adapter| adapter);
        let mut hello = Hello::new(version);
        hello.identity = Some(client.clone());
        let ticket = shake(&host, &hello).ticket();
        assert!(shake(&host, &hello.offering(&ticket)).has_resumed(), "{version:?}");
        let verified = host.verified.borrow();
        assert_ne!(verified[0], X509VerifyResult::OK);
        assert_eq!(verified[1], verified[0], "{version:?}");
    }
}

#[test]
fn case_117_another_list_of_suites_is_another_context() {
    let (both, one) = ([0xc02b_u16, 0xc02c], [0xc02c_u16]);
    let context_of = |world: &World, suites: &[u16]| {
        let fingerprint = ContextFingerprint::new()
            .cipher_suites(suites.iter().copied())
            .lowest_version(ProtocolVersion::Tls12)
            .finish();
        world.cache.context(fingerprint).unwrap()
    };
    let world = World::new();
    let host = |context: &Context, ciphers: &'static str| {
        Host::new(context, |builder| builder.set_cipher_list(ciphers).unwrap(), |adapter| adapter)
    };
    let before = host(
        &context_of(&world, &both),
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384",
    );
    let ticket = shake(&before, &Hello::new(Version::Tls12)).ticket();
    // The suite of the session is switched off.
    let after = host(&context_of(&world, &one), "ECDHE-ECDSA-AES256-GCM-SHA384");
    assert!(!shake(&after, &Hello::new(Version::Tls12).offering(&ticket)).has_resumed());
    // In the same context it would go on, as in OpenSSL, until that is invalidated.
    let context = context_of(&world, &both);
    let careless = host(&context, "ECDHE-ECDSA-AES256-GCM-SHA384");
    assert!(shake(&careless, &Hello::new(Version::Tls12).offering(&ticket)).has_resumed());
    context.invalidate();
    assert!(!shake(&careless, &Hello::new(Version::Tls12).offering(&ticket)).has_resumed());
}
