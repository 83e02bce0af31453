//! A million broken hellos: no panic, bounded work, and nothing that the bytes do not say.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use resumption_hello::{HelloReader, Identities, Offered, Progress};
use support::draft::{Draft, in_records};
use support::random::{Random, break_it};

const HELLOS: u64 = 1_000_000;

/// Flights of every kind of client, to be broken.
fn originals() -> Vec<Vec<u8>> {
    let name = || Draft::new().session_id(&[0x11; 32]).server_name(b"www.example.org");
    let drafts = [
        name(),
        name().ticket(&[]),
        name().ticket(&[0x22; 60]),
        name().ticket(&[]).tls13(),
        name().tls13().early_data().identities(&[[0x33; 32]]),
        name().tls13().cookie(b"cookie").identities(&[vec![0x44; 32], vec![0x55; 120]]),
    ];
    let records = [&[1 << 14][..], &[7], &[1, 60]];
    let flights = drafts.iter().flat_map(|draft| records.map(|r| in_records(&draft.message(), r)));
    flights.collect()
}

#[test]
fn a_million_broken_hellos_do_no_harm() {
    let originals = originals();
    let mut random = Random(0x1234_5678_9abc_def1);
    let (mut read, mut refused) = (0_u64, 0_u64);
    for _hello in 0..HELLOS {
        let mut flight = originals[random.below(originals.len())].clone();
        break_it(&mut flight, &mut random);
        let mut reader = HelloReader::new();
        let mut progress = Ok(Progress::NeedMore(1));
        let part = 1 + random.below(flight.len() + 1);
        for part in flight.chunks(part) {
            progress = reader.feed(part);
            assert!(!matches!(progress, Ok(Progress::NeedMore(0))));
        }
        let Ok(hello) = reader.client_hello() else {
            refused += 1;
            continue;
        };
        read += 1;
        assert_eq!(progress, Ok(Progress::Done));
        check(&flight, &hello);
    }
    // Both are worth something only if both occur: most changes hit what is not read.
    assert!(read > HELLOS / 10 && refused > HELLOS / 10, "{read} read, {refused} refused");
}

/// What was read stands in the bytes, and follows the rule.
fn check(flight: &[u8], hello: &resumption_hello::ClientHello<'_>) {
    assert!(hello.server_name().is_none_or(|name| (1..=255).contains(&name.len())));
    match hello.resumption() {
        Offered::Nothing => {}
        Offered::Tls12Ticket => assert!(!hello.offers_tls13()),
        Offered::Tls12SessionId(id) => {
            assert!(!hello.offers_tls13() && (1..=32).contains(&id.len()));
        }
        Offered::Tls13Identities(ids) => {
            assert!(hello.offers_tls13());
            assert!((1..=Identities::MOST).contains(&ids.clone().count()));
            // No byte of them is from anywhere else, though headers of records may stand between.
            for byte in ids.flatten() {
                assert!(flight.contains(byte));
            }
        }
    }
}
