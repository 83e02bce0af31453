//! What clients offer that no honest client would: identities by the hundred, keys of odd lengths.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::num::NonZeroU32;
use std::sync::Arc;

use rustls::HandshakeKind::Full;
use rustls::ServerConnection;
use rustls::server::StoresServerSessions;
use rustls::version::TLS13;
use support::{cache_and_clock, hear_server, server_config, store};

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

#[test]
fn a_hello_with_900_identities_costs_no_more_than_the_budget() {
    let (cache, _) = cache_and_clock();
    let hello = client_hello(&identities(900, 32));
    for budget in [1, 4, 100] {
        let before = cache.stats().offered();
        let store = store(&cache).with_lookups_per_connection(NonZeroU32::new(budget).unwrap());
        let base = Arc::new(server_config(&TLS13));
        let mut server = ServerConnection::new(store.config_for_connection(&base)).unwrap();
        hear_server(&mut server, &hello).expect("the handshake is served all the same");
        assert_eq!(server.handshake_kind(), Some(Full));
        assert_eq!(cache.stats().offered() - before, u64::from(budget));
        assert_eq!(store.stats().over_budget, 900 - u64::from(budget));
    }
}

#[test]
fn without_a_budget_every_identity_is_looked_up() {
    let (cache, _) = cache_and_clock();
    let mut config = server_config(&TLS13);
    config.session_storage = Arc::new(store(&cache));
    let mut server = ServerConnection::new(Arc::new(config)).unwrap();
    hear_server(&mut server, &client_hello(&identities(900, 32))).unwrap();
    assert_eq!(cache.stats().offered(), 900, "the hello of the test above is what it claims to be");
}

#[test]
fn identities_that_cannot_be_ours_cost_no_lookup_and_no_budget() {
    let (cache, _) = cache_and_clock();
    let store = store(&cache);
    let base = Arc::new(server_config(&TLS13));
    let mut offered = identities(100, 31);
    offered.extend(identities(100, 33));
    offered.extend(identities(10, 200));
    offered.extend(identities(2, 32));
    let mut server = ServerConnection::new(store.config_for_connection(&base)).unwrap();
    hear_server(&mut server, &client_hello(&offered)).unwrap();
    assert_eq!(cache.stats().offered(), 2);
    let stats = store.stats();
    assert_eq!((stats.wrong_length, stats.over_budget), (210, 0));
}

#[test]
fn keys_of_any_length_are_safe_to_ask_for() {
    let (cache, _) = cache_and_clock();
    let store = store(&cache);
    for length in 0..=100 {
        let key = vec![1; length];
        assert_eq!(StoresServerSessions::take(&store, &key), None);
        assert_eq!(StoresServerSessions::get(&store, &key), None);
    }
    // 0 and 33 to 100 are wrong for both; 1 to 31 for take alone.
    assert_eq!(store.stats().wrong_length, 2 * 69 + 31);
    assert_eq!(cache.stats().offered(), 32 + 1);
    for length in [0, 33, 100] {
        assert!(!store.put(vec![1; length], vec![2; 80]), "a key of {length} bytes");
    }
}

#[test]
fn a_session_is_taken_once_and_got_many_times() {
    let (cache, _) = cache_and_clock();
    let store = store(&cache);
    assert!(store.put(vec![1; 32], b"secret".to_vec()));
    assert!(store.put(vec![2; 7], b"short".to_vec()));
    for _ in 0..3 {
        assert_eq!(store.get(&[1; 32]).as_deref(), Some(&b"secret"[..]));
        assert_eq!(store.get(&[2; 7]).as_deref(), Some(&b"short"[..]));
    }
    assert_eq!(store.take(&[1; 32]).as_deref(), Some(&b"secret"[..]));
    assert_eq!(store.take(&[1; 32]), None);
    assert_eq!(store.get(&[1; 32]), None);
}

#[test]
fn debug_shows_neither_ids_nor_secrets() {
    let (cache, _) = cache_and_clock();
    let store = store(&cache);
    assert!(store.put(vec![0xab; 32], b"a secret".to_vec()));
    let shown = format!("{store:?}");
    assert!(shown.starts_with("RustlsStore"), "{shown}");
    for hidden in ["secret", "171", "abab"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}
