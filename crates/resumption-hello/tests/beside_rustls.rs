//! Broken hellos beside rustls: the stack decides what is valid, and the parser should see what it sees.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use rustls::server::Acceptor;
use rustls::version::{TLS12, TLS13};
use support::random::{Random, break_it};
use support::read;
use support::recorder::{Sessions, record};
use support::rustls_client::{rustls_client, visit_by_rustls};

const HELLOS: u32 = 20_000;

/// The flights of a client's first visit and of its second, over both versions.
fn flights() -> Vec<Vec<u8>> {
    let flights = [&TLS12, &TLS13].map(|version| {
        let visits = record(version, Sessions::Kept, 2, |address| {
            let config = rustls_client(version);
            for _visit in 0..2 {
                visit_by_rustls(address, &config);
            }
        });
        visits.into_iter().map(|visit| visit.flight)
    });
    flights.into_iter().flatten().collect()
}

/// A session that the stack would resume is not missed, and it is not looked for under another name.
#[test]
fn what_rustls_accepts_is_read_and_as_rustls_reads_it() {
    let flights = flights();
    let mut random = Random(0x0bad_cafe_0bad_cafe);
    let (mut both, mut neither) = (0, 0);
    for _hello in 0..HELLOS {
        let mut flight = flights[random.below(flights.len())].clone();
        break_it(&mut flight, &mut random);
        let ours = read(&flight);
        let mut theirs = Acceptor::default();
        theirs.read_tls(&mut &flight[..]).unwrap();
        let Ok(Some(theirs)) = theirs.accept() else {
            neither += 1;
            continue;
        };
        both += 1;
        let ours = ours.unwrap_or_else(|error| panic!("{error:?}: {flight:?}"));
        let name = |name: Option<&str>| name.map(str::to_ascii_lowercase);
        assert_eq!(
            name(ours.client_hello().unwrap().server_name()),
            name(theirs.client_hello().server_name()),
            "{flight:?}"
        );
    }
    assert!(both > HELLOS / 10 && neither > HELLOS / 10, "{both} and {neither}");
}
