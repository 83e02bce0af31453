//! Records and segments: however the bytes are cut, the same is read.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use proptest::prelude::*;
use resumption_hello::{ClientHello, HelloError, HelloReader, Identities, Progress};
use support::draft::{Draft, in_records};
use support::{Wanted, read};

const MAX_MESSAGE: usize = 64 * 1024;

/// Feeds a reader exactly what it asks for; says how much that was.
fn feed_as_asked(flight: &[u8]) -> Result<usize, HelloError> {
    let mut reader = HelloReader::new();
    let (mut at, mut asked) = (0, 1);
    loop {
        let Some(part) = flight.get(at..at + asked) else { return Err(HelloError::Incomplete) };
        at += asked;
        match reader.feed(part)? {
            Progress::Done => return Ok(at),
            Progress::NeedMore(more) => asked = more,
        }
        assert!(asked > 0, "it would ask for ever");
    }
}

/// A hello whose message is exactly so long.
fn of_length(length: usize) -> Draft {
    let bare = Draft::new().extension(21, vec![]).message().len();
    Draft::new().extension(21, vec![0; length - bare])
}

#[test]
fn whoever_reads_what_is_asked_for_reads_nothing_behind_it() {
    let draft = Draft::new().server_name(b"localhost").tls13().identities(&[[1; 32]]);
    for lengths in [&[1 << 14][..], &[1], &[3, 1], &[40, 1000], &[4, 100]] {
        let flight = in_records(&draft.message(), lengths);
        let with_more = [&flight[..], &[23, 3, 3, 0, 1, 0]].concat();
        assert_eq!(feed_as_asked(&with_more), Ok(flight.len()), "{lengths:?}");
    }
}

/// What is known to be missing is asked for at once, the header of the next record with it.
#[test]
fn what_is_asked_for_is_all_that_is_known_to_be_missing() {
    let flight = in_records(&Draft::new().tls13().message(), &[20]);
    let length = Draft::new().tls13().message().len();
    let mut reader = HelloReader::new();
    assert_eq!(reader.feed(&flight[..2]), Ok(Progress::NeedMore(3 + 4)));
    assert_eq!(reader.feed(&flight[2..9]), Ok(Progress::NeedMore(length - 4 + 5)));
    assert_eq!(reader.feed(&flight[9..25]), Ok(Progress::NeedMore(length - 20 + 5)));
}

/// A client may put its next message into the same record; that one is not ours to read.
#[test]
fn what_is_behind_the_hello_in_its_record_is_not_looked_at() {
    let draft = Draft::new().tls13().identities(&[[1; 32]]);
    let flight = in_records(&[&draft.message()[..], &[1, 0, 0, 9]].concat(), &[1 << 14]);
    let wanted = Wanted::from(read(&flight).unwrap().client_hello().unwrap().resumption());
    assert_eq!(wanted, Wanted::Identities(vec![[1; 32]]));
    assert_eq!(feed_as_asked(&flight), Ok(flight.len() - 4));
}

#[test]
fn one_byte_at_a_time_is_enough() {
    let draft = Draft::new().tls13().identities(&[[1; 32]]);
    let flight = in_records(&draft.message(), &[1]);
    let mut reader = HelloReader::new();
    let (last, all_but) = flight.split_last().unwrap();
    for byte in all_but {
        assert!(matches!(reader.feed(&[*byte]), Ok(Progress::NeedMore(1..))));
        assert_eq!(reader.client_hello().err(), Some(HelloError::Incomplete));
    }
    assert_eq!(reader.feed(&[*last]), Ok(Progress::Done));
    let wanted = Wanted::from(reader.client_hello().unwrap().resumption());
    assert_eq!(wanted, Wanted::Identities(vec![[1; 32]]));
    // What comes behind it changes nothing.
    assert_eq!(reader.feed(b"anything"), Ok(Progress::Done));
    assert!(reader.client_hello().is_ok());
}

#[test]
fn another_protocol_is_seen_at_once() {
    for first in [&b"GET / HTTP/1.1\r\n"[..], b"SSH-2.0", &[0x80, 0x2e, 1], &[22, 2], &[0]] {
        assert_eq!(read(first).err(), Some(HelloError::NotTls), "{first:?}");
    }
    // Each of them by its first byte, but that which begins like TLS.
    assert_eq!(HelloReader::new().feed(b"G"), Err(HelloError::NotTls));
    assert_eq!(HelloReader::new().feed(&[22]), Ok(Progress::NeedMore(8)));
}

#[test]
fn tls_that_begins_with_something_else_is_told_apart() {
    for first in [&[21, 3, 3, 0, 2, 1, 0][..], &[23, 3, 3, 0, 1, 9], &[22, 3, 3, 0, 4, 2]] {
        assert_eq!(read(first).err(), Some(HelloError::NotClientHello), "{first:?}");
    }
    // Also if it could not be any TLS that there ever was: the first wrong byte counts.
    assert_eq!(read(&[21, 22]).err(), Some(HelloError::NotClientHello));
    // Another record within a message.
    let message = Draft::new().message();
    let mut flight = in_records(&message[..20], &[20]);
    flight.extend([20, 3, 3, 0, 1, 1]);
    assert_eq!(read(&flight).err(), Some(HelloError::Malformed));
}

#[test]
fn records_that_cannot_be_are_refused() {
    for header in [[22, 3, 1, 0, 0], [22, 3, 1, 0x40, 1], [22, 3, 1, 0xff, 0xff]] {
        assert_eq!(HelloReader::new().feed(&header), Err(HelloError::Malformed), "{header:?}");
    }
    assert_eq!(HelloReader::new().feed(&[22, 3, 1, 0x40, 0]), Ok(Progress::NeedMore(4)));
}

#[test]
fn a_failure_stays_one() {
    let mut reader = HelloReader::new();
    assert_eq!(reader.feed(b"GET "), Err(HelloError::NotTls));
    assert_eq!(reader.feed(&Draft::new().flight()), Err(HelloError::NotTls));
    assert_eq!(reader.client_hello().err(), Some(HelloError::NotTls));
}

#[test]
fn a_message_of_64_kib_is_read_and_a_longer_one_is_not() {
    assert!(read(&of_length(MAX_MESSAGE).flight()).is_ok());
    // Refused as soon as its length is known.
    let longer = in_records(&[1, 0, 0xff, 0xfd], &[4]);
    assert_eq!(HelloReader::new().feed(&longer), Err(HelloError::TooLarge));
    assert_eq!(feed_as_asked(&in_records(&[1, 0xff, 0xff, 0xff], &[4])), Err(HelloError::TooLarge));
}

#[test]
fn more_headers_than_message_are_too_many() {
    // Usual sizes come through in records of one byte,
    assert!(read(&in_records(&of_length(4_000).message(), &[1])).is_ok());
    // and the longest does not.
    let flight = in_records(&of_length(MAX_MESSAGE).message(), &[1]);
    assert_eq!(read(&flight).err(), Some(HelloError::TooLarge));
}

/// A client that announces 64 KiB and sends little costs little.
#[test]
fn memory_follows_what_has_come_and_not_what_is_announced() {
    let message = of_length(MAX_MESSAGE).message();
    for sent in [10_usize, 100, 1_000, 10_000, MAX_MESSAGE] {
        let flight = in_records(&message, &[1 << 14]);
        let sent = &flight[..sent.min(flight.len())];
        let used = allocation_counter::measure(|| {
            let mut reader = HelloReader::new();
            for part in sent.chunks(50) {
                let _ = reader.feed(part);
            }
            let _ = reader.client_hello();
        });
        let bound = 2 * sent.len().max(32) as u64;
        assert!(used.bytes_max <= bound + bound / 2, "{} bytes: {used:?}", sent.len());
    }
}

#[test]
fn parsing_allocates_nothing() {
    let ids: Vec<[u8; 32]> = vec![[1; 32]; 800];
    let message = Draft::new().server_name(b"localhost").tls13().identities(&ids).message();
    let used = allocation_counter::measure(|| {
        let hello = ClientHello::parse(&message).unwrap();
        assert!(matches!(hello.resumption(), resumption_hello::Offered::Tls13Identities(_)));
    });
    assert_eq!(used.count_total, 0);
}

/// A client as the standards describe it.
#[derive(Clone, Debug)]
struct Described {
    draft: Draft,
    tls13: bool,
    server_name: Option<Vec<u8>>,
    ticket: Option<Vec<u8>>,
    identities: Vec<Vec<u8>>,
}

fn bytes(length: impl Into<proptest::collection::SizeRange>) -> BoxedStrategy<Vec<u8>> {
    proptest::collection::vec(any::<u8>(), length).boxed()
}

fn described() -> impl Strategy<Value = Described> {
    let identity = prop_oneof![3 => bytes(32..33), 1 => bytes(31..34), 1 => bytes(1..300)];
    (
        bytes(0..33),
        any::<bool>(),
        proptest::option::of("[a-zA-Z0-9.-]{1,60}"),
        proptest::option::of(bytes(0..40)),
        proptest::collection::vec(identity, 0..12),
        proptest::collection::vec((60_u16..0xffff, bytes(0..50)), 0..5),
        any::<proptest::sample::Index>(),
    )
        .prop_map(|(id, tls13, name, ticket, identities, others, place)| {
            let mut draft = Draft::new().session_id(&id);
            let server_name = name.map(String::into_bytes);
            if let Some(name) = &server_name {
                draft = draft.server_name(name);
            }
            if let Some(ticket) = &ticket {
                draft = draft.ticket(ticket);
            }
            draft = draft.versions(if tls13 { &[0x0304, 0x0303] } else { &[0x0303] });
            for (number, body) in others {
                let at = place.index(draft.extensions.len() + 1);
                // 63 and below are those of the parser's; GREASE and the unknown go anywhere.
                draft.extensions.insert(at, (number.max(64), body));
            }
            if !identities.is_empty() {
                draft = draft.identities(&identities);
            }
            Described { draft, tls13, server_name, ticket, identities }
        })
}

impl Described {
    /// The rule, written once more.
    fn wanted(&self) -> Wanted {
        let ids = self.identities.iter().take(Identities::MOST);
        let ids: Vec<[u8; 32]> = ids.filter_map(|id| id.as_slice().try_into().ok()).collect();
        let ticket = self.ticket.as_ref().is_some_and(|ticket| !ticket.is_empty());
        match (self.tls13, ticket) {
            (true, _) if ids.is_empty() => Wanted::Nothing,
            (true, _) => Wanted::Identities(ids),
            (false, true) => Wanted::Ticket,
            (false, false) if self.draft.session_id.is_empty() => Wanted::Nothing,
            (false, false) => Wanted::SessionId(self.draft.session_id.clone()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever a client sends, in whatever records, in whatever segments.
    #[test]
    fn what_was_written_is_read(
        client in described(),
        records in proptest::collection::vec(1_usize..700, 1..8),
        segments in proptest::collection::vec(1_usize..400, 1..8),
        behind in bytes(0..40),
    ) {
        let flight = in_records(&client.draft.message(), &records);
        prop_assert_eq!(feed_as_asked(&flight), Ok(flight.len()));

        let mut reader = HelloReader::new();
        let mut rest = &flight[..];
        for length in segments.iter().cycle() {
            if *length >= rest.len() {
                break;
            }
            let (now, later) = rest.split_at(*length);
            prop_assert!(matches!(reader.feed(now), Ok(Progress::NeedMore(_))));
            rest = later;
        }
        prop_assert_eq!(reader.feed(&[rest, &behind[..]].concat()), Ok(Progress::Done));
        let hello = reader.client_hello().unwrap();
        prop_assert_eq!(hello.offers_tls13(), client.tls13);
        prop_assert_eq!(hello.server_name().map(str::as_bytes), client.server_name.as_deref());
        prop_assert_eq!(Wanted::from(hello.resumption()), client.wanted());
    }
}
