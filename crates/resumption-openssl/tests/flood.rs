//! What clients offer that no honest client would: identities by the hundred, ids of odd lengths.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::io::Write;
use std::num::NonZeroU32;

use openssl::ssl::{SslContext, SslVersion};
use support::{Client, Pair, attached, attached_with, cache_and_clock, first_session, meet};

const TLS13: SslVersion = SslVersion::TLS1_3;

/// A TLS 1.3 `ClientHello` in records, offering `identities` to resume. The binders are of the right
/// form and prove nothing: no lookup depends on them.
fn client_hello(identities: &[Vec<u8>]) -> Vec<u8> {
    let mut extensions = Vec::new();
    extension(&mut extensions, 0x002b, &[2, 0x03, 0x04]); // supported_versions: TLS 1.3
    extension(&mut extensions, 0x000a, &[0, 2, 0, 0x1d]); // supported_groups: x25519
    extension(&mut extensions, 0x000d, &[0, 2, 0x04, 0x03]); // ecdsa_secp256r1_sha256
    extension(&mut extensions, 0x002d, &[1, 1]); // psk_key_exchange_modes: psk_dhe_ke
    let mut share = vec![0, 36, 0, 0x1d, 0, 32];
    share.extend([9; 32]); // any 32 bytes are a public key
    extension(&mut extensions, 0x0033, &share);

    let (mut offered, mut binders) = (Vec::new(), Vec::new());
    for identity in identities {
        vector16(&mut offered, identity);
        offered.extend([0; 4]); // the ticket's age
        binders.push(32);
        binders.extend([7; 32]);
    }
    let mut pre_shared_key = Vec::new();
    vector16(&mut pre_shared_key, &offered);
    vector16(&mut pre_shared_key, &binders);
    extension(&mut extensions, 0x0029, &pre_shared_key); // must be the last

    let mut body = vec![0x03, 0x03];
    body.extend([5; 32]); // random
    body.push(0); // session id
    body.extend([0, 2, 0x13, 0x01]); // TLS_AES_128_GCM_SHA256
    body.extend([1, 0]); // no compression
    vector16(&mut body, &extensions);

    let mut message = vec![1]; // client_hello
    message.extend(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
    message.extend(body);
    let mut records = Vec::new();
    for fragment in message.chunks(16_384) {
        records.extend([22, 0x03, 0x01]);
        vector16(&mut records, fragment);
    }
    records
}

fn extension(to: &mut Vec<u8>, kind: u16, body: &[u8]) {
    to.extend(kind.to_be_bytes());
    vector16(to, body);
}

/// A vector with two bytes of length before it.
fn vector16(to: &mut Vec<u8>, body: &[u8]) {
    to.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    to.extend(body);
}

fn identities(count: u16, length: usize) -> Vec<Vec<u8>> {
    (0..count)
        .map(|number| {
            let mut identity = vec![0; length];
            identity[..2].copy_from_slice(&number.to_be_bytes());
            identity
        })
        .collect()
}

/// Lets a server read a hello. It answers: it waits for more.
fn hear(server: &SslContext, hello: &[u8]) {
    let mut pair = Pair::new(server, &Client::new(), None);
    pair.client.get_mut().write_all(hello).unwrap();
    let error = pair.server.accept().unwrap_err();
    assert!(support::waits(&error), "{error}");
    assert!(!pair.server.ssl().session_reused());
}

#[test]
fn a_hello_with_900_identities_costs_no_more_than_the_budget() {
    let hello = client_hello(&identities(900, 32));
    for budget in [1, 4, 100] {
        let (cache, _) = cache_and_clock();
        let (server, attached) = attached_with(
            TLS13,
            &cache,
            |_| (),
            |adapter| adapter.lookups_per_handshake(NonZeroU32::new(budget).unwrap()),
        );
        hear(&server, &hello);
        assert_eq!(cache.stats().offered(), u64::from(budget));
        assert_eq!(attached.stats().over_budget, 900 - u64::from(budget));
    }
}

#[test]
fn identities_that_cannot_be_ours_cost_no_lookup_and_no_budget() {
    let (cache, _) = cache_and_clock();
    let (server, attached) = attached(TLS13, &cache);
    let mut offered = identities(100, 31);
    offered.extend(identities(100, 33));
    offered.extend(identities(10, 200));
    offered.extend(identities(2, 32));
    hear(&server, &client_hello(&offered));
    assert_eq!(cache.stats().offered(), 2);
    assert_eq!(attached.stats().over_budget, 0);
}

/// Whoever has seen an id of TLS 1.2 would otherwise take that session away with it.
#[test]
fn an_id_of_tls12_that_is_offered_as_a_ticket_stays() {
    let (cache, _) = cache_and_clock();
    let (old, _) = attached(SslVersion::TLS1_2, &cache);
    let (new, _) = attached(TLS13, &cache);
    let client = Client::new();
    let session = first_session(&old, &client);
    hear(&new, &client_hello(&[session.id().to_vec()]));
    assert_eq!((cache.stats().refused.version, cache.stats().taken), (1, 0));
    assert!(meet(&old, &client, Some(&session)));
}

#[test]
fn an_identity_that_is_repeated_is_looked_up_once() {
    let (cache, _) = cache_and_clock();
    let (server, attached) = attached(TLS13, &cache);
    let same = vec![vec![1; 32]; 900];
    hear(&server, &client_hello(&same));
    assert_eq!((cache.stats().offered(), attached.stats().over_budget), (1, 0));
}
