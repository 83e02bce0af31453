//! A million broken hellos: no panic, bounded work, and nothing that the bytes do not say.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use resumption_hello::{HelloReader, Identities, Offered, Progress};
use support::draft::{Draft, in_records};

const HELLOS: u64 = 1_000_000;

/// Xorshift: small, seeded, good enough to break things with.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}

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

/// One to four changes: bits, bytes, lengths, pieces lost, doubled or moved.
fn break_it(flight: &mut Vec<u8>, random: &mut Random) {
    for _change in 0..=random.below(4) {
        if flight.is_empty() {
            return;
        }
        let at = random.below(flight.len());
        let end = (at + 1 + random.below(40)).min(flight.len());
        match random.below(6) {
            0 => flight[at] ^= 1 << random.below(8),
            1 => flight[at] = random.next().to_le_bytes()[0],
            2 => flight[at] = [0, 1, 0x7f, 0xff][random.below(4)],
            3 => drop(flight.drain(at..end)),
            4 => {
                let piece = flight[at..end].to_vec();
                let to = random.below(flight.len());
                flight.splice(to..to, piece);
            }
            _ => flight.truncate(at),
        }
    }
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
