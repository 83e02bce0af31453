//! A server that gives a new ticket with each resumption of TLS 1.2: rustls'. libssl's client makes another
//! session of it, gives the former one up, and announces neither.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;

use openssl::ssl::{Ssl, SslContext, SslMethod, SslStream, SslVerifyMode};
use resumption_cache::{CacheMode, SessionCache};
use resumption_client::{ClientCache, ServerKey, Transport};
use resumption_openssl::UncleanClose;
use resumption_openssl::client::{AttachedClient, OpensslClient};
use resumption_session::SessionIdContext;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};
use support::{End, pair, waits};

const NAME: &str = "a.example";

fn server() -> Arc<ServerConfig> {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.ticketer = rustls::crypto::ring::Ticketer::new().unwrap();
    Arc::new(config)
}

/// A connection that is closed as it should be; whether it was resumed.
fn meet(ctx: &SslContext, attached: &AttachedClient, server: &Arc<ServerConfig>) -> bool {
    let mut ssl = Ssl::new(ctx).unwrap();
    attached.prepare(&mut ssl, NAME, 443).unwrap();
    let (left, mut right) = pair();
    let mut client = SslStream::new(ssl, left).unwrap();
    let mut server = ServerConnection::new(Arc::clone(server)).unwrap();
    for _round in 0..10 {
        let connected = client.connect();
        answer(&mut server, &mut right);
        match connected {
            Ok(()) if !server.is_handshaking() => {
                let is_resumed = client.ssl().session_reused();
                let _ = client.shutdown();
                return is_resumed;
            }
            Ok(()) => (),
            Err(error) => assert!(waits(&error), "{error}"),
        }
    }
    panic!("a handshake without end");
}

/// Lets the server hear what is there, and say what it has to.
fn answer(server: &mut ServerConnection, end: &mut End) {
    let mut heard = [0; 16 * 1024];
    match end.read(&mut heard) {
        Ok(len) => {
            let mut rest = &heard[..len];
            while !rest.is_empty() {
                server.read_tls(&mut rest).unwrap();
                server.process_new_packets().unwrap();
            }
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
    }
    let mut said = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut said).unwrap();
    }
    end.write_all(&said).unwrap();
}

#[test]
fn a_renewed_ticket_takes_the_place_of_the_one_that_was_resumed() {
    let server = server();
    for policy in [UncleanClose::Keep, UncleanClose::Remove, UncleanClose::RemoveOwn] {
        let cache = SessionCache::builder().mode(CacheMode::CLIENT).build().unwrap();
        let cache = ClientCache::new(cache);
        let sessions = cache.configuration(SessionIdContext::EMPTY).unwrap();
        let mut ctx = SslContext::builder(SslMethod::tls_client()).unwrap();
        ctx.set_verify(SslVerifyMode::NONE);
        // valgrind takes a byte of what ring encrypts with AES-GCM for uninitialised.
        ctx.set_cipher_list("ECDHE-ECDSA-CHACHA20-POLY1305").unwrap();
        let adapter = OpensslClient::builder(sessions.clone()).unclean_close(policy);
        let attached = adapter.attach(&mut ctx).unwrap();
        let ctx = ctx.build();

        let key = ServerKey::new(NAME, 443, Transport::Tcp);
        let cached = || {
            let session = sessions.reusable(&key).unwrap();
            session.view().encode().unwrap().expose().to_vec()
        };
        assert!(!meet(&ctx, &attached, &server));
        let mut former = cached();
        for _ in 0..3 {
            assert!(meet(&ctx, &attached, &server), "{policy:?}");
            let now = cached();
            assert!(now != former, "{policy:?}: it is still the old ticket");
            former = now;
        }
    }
}
