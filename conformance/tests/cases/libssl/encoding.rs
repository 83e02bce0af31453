//! 149 to 153: sessions as DER.

use resumption_openssl::OpensslSession;
use resumption_session::SessionObject;

use super::server::{Host, Libssl};
use crate::wire::der::{CONTEXT, KEY, TIME, TIMEOUT, fields, joined};
use crate::wire::{BOTH, Hello, Site, Stack, Ticket, Version, World, authority, shake};

/// Sessions of servers, as their cache gives them to a store: with a client's certificate and without,
/// with a server name, with early data, of both versions.
fn of_servers() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let clients = authority("clients");
    for version in BOTH {
        let world = World::new();
        world.use_store();
        let mut hello = Hello::new(version);
        hello.server_name = Some("example.org");
        hello.identity = Some(clients.client.clone());
        let site = Site { clients: Some(clients.clone()), ..Site::default() };
        let asking = Libssl.serve(&world.context(b"asking"), &site);
        shake(&*asking, &hello);
        let early = |builder: &mut openssl::ssl::SslContextBuilder| {
            builder.set_max_early_data(1000).unwrap();
        };
        shake(&Host::new(&world.context(b"early"), early, |adapter| adapter), &hello);
        let kept = world.store.copies();
        all.extend(kept.iter().map(|session| session.payload().expose().to_vec()));
    }
    assert_eq!(all.len(), 6);
    all
}

/// A session as a client of TLS 1.2 keeps it: with the server's certificate.
fn of_a_client() -> Vec<u8> {
    let world = World::new();
    let host = Host::new(&world.context(b"site"), |_| (), |adapter| adapter);
    let Ticket(der) = shake(&host, &Hello::new(Version::Tls12)).ticket();
    der
}

fn decoded(der: &[u8]) -> Option<OpensslSession> {
    OpensslSession::from_der(der).ok()
}

fn is_refused(der: &[u8]) -> bool {
    decoded(der).is_none()
}

#[test]
fn case_149_a_session_survives_being_encoded() {
    let mut all = of_servers();
    all.push(of_a_client());
    for der in all {
        let again = decoded(&der).unwrap().encode().unwrap();
        assert_eq!(again.expose(), der);
    }
}

#[test]
fn case_150_a_session_without_its_times_is_refused_and_a_timeout_of_zero_is_three_seconds() {
    let der = of_a_client();
    for tag in [TIME, TIMEOUT] {
        let mut fields = fields(&der);
        fields.retain(|(found, _)| *found != tag);
        assert!(is_refused(&joined(&fields)));
    }
    let mut zero = fields(&der);
    zero.iter_mut().find(|(tag, _)| *tag == TIMEOUT).unwrap().1 = vec![2, 1, 0];
    let again = decoded(&joined(&zero)).unwrap().encode().unwrap();
    let again = fields(again.expose());
    assert_eq!(again.iter().find(|(tag, _)| *tag == TIMEOUT).unwrap().1, [2, 1, 3]);
}

#[test]
fn case_151_wrong_encodings_are_errors() {
    const VERSION: usize = 0;
    const CIPHER: usize = 2;
    const ID: usize = 3;
    let der = of_a_client();
    assert!(!is_refused(&der));
    for len in 0..der.len() {
        assert!(is_refused(&der[..len]), "truncated to {len} bytes");
    }
    assert!(is_refused(&[&der[..], &[0]].concat()), "something behind it");
    let changed = |field: usize, content: Vec<u8>| {
        let mut fields = fields(&der);
        fields[field].1 = content;
        joined(&fields)
    };
    assert!(is_refused(&changed(VERSION, vec![2])));
    assert!(is_refused(&changed(CIPHER, vec![0xc0, 0x2b, 0])));
    assert!(is_refused(&changed(CIPHER, vec![0xc0])));
    assert!(!is_refused(&changed(ID, vec![7; 32])));
    assert!(is_refused(&changed(ID, vec![7; 33])));
    assert!(is_refused(&changed(KEY, vec![7; 513])));
    for (len, fits) in [(32, true), (33, false)] {
        let mut fields = fields(&der);
        let mut content = vec![4, len];
        content.resize(2 + usize::from(len), 7);
        let field = fields.iter_mut().find(|(tag, _)| *tag == CONTEXT).unwrap();
        field.1 = content;
        assert_eq!(!is_refused(&joined(&fields)), fits, "a context of {len} bytes");
    }
}

#[test]
fn case_152_a_session_without_a_suite_cannot_be_decoded() {
    const CIPHER: usize = 2;
    for cipher in [vec![], vec![0, 0], vec![0xff, 0xff]] {
        let mut fields = fields(&of_a_client());
        fields[CIPHER].1 = cipher;
        assert!(is_refused(&joined(&fields)));
    }
}

/// Numbers that differ and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

/// How many to try; `cargo xtask conformance` says a million.
fn blobs() -> usize {
    std::env::var("CONFORMANCE_BLOBS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000)
}

#[test]
fn case_153_mutated_encodings_neither_panic_nor_grow() {
    let seeds = [of_servers(), vec![of_a_client()]].concat();
    let mut numbers = Numbers(153);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..blobs() {
        let mut der = seeds[numbers.below(seeds.len())].clone();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(der.len());
            match numbers.below(4) {
                0 => der[at] ^= 1 << numbers.below(8),
                1 => der[at] = u8::try_from(numbers.below(256)).unwrap(),
                2 => {
                    der.remove(at);
                }
                _ => der.insert(at, 0xff),
            }
        }
        match decoded(&der) {
            None => refused += 1,
            Some(session) => {
                accepted += 1;
                assert!(session.weight() < 4096 + der.len());
                let again = session.encode().unwrap();
                assert!(again.expose().len() <= der.len() + 64);
            }
        }
    }
    assert!(accepted > 0 && refused > 0, "{accepted} accepted, {refused} refused");
}
