//! Which session is wanted, for each kind of client; and what is not read.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use resumption_hello::{ClientHello, HelloError, Identities, Offered, Ticket};
use support::draft::{Draft, pre_shared_keys, vector};
use support::{Wanted, read};

const ID: [u8; 32] = [7; 32];
const OTHER_ID: [u8; 32] = [8; 32];

fn wanted(draft: &Draft) -> Wanted {
    let message = draft.message();
    ClientHello::parse(&message).unwrap().resumption().into()
}

fn refused(draft: &Draft) -> HelloError {
    ClientHello::parse(&draft.message()).expect_err("it should not be read")
}

#[test]
fn a_tls_1_2_client_offers_its_session_id() {
    let draft = Draft::new().session_id(&ID);
    assert_eq!(wanted(&draft), Wanted::SessionId(ID.to_vec()));
    assert_eq!(wanted(&draft.clone().ticket(&[])), Wanted::SessionId(ID.to_vec()));
    assert_eq!(wanted(&draft.versions(&[0x0303, 0x0302])), Wanted::SessionId(ID.to_vec()));
    assert_eq!(wanted(&Draft::new().session_id(&[9])), Wanted::SessionId(vec![9]));
    assert_eq!(wanted(&Draft::new()), Wanted::Nothing);
}

#[test]
fn a_ticket_of_tls_1_2_stands_before_the_session_id() {
    assert_eq!(wanted(&Draft::new().session_id(&ID).ticket(b"sealed")), Wanted::Ticket);
    assert_eq!(wanted(&Draft::new().ticket(b"sealed")), Wanted::Ticket);
}

#[test]
fn the_random_session_id_of_a_tls_1_3_client_is_never_wanted() {
    assert_eq!(wanted(&Draft::new().session_id(&ID).tls13()), Wanted::Nothing);
    assert_eq!(wanted(&Draft::new().session_id(&ID).ticket(b"sealed").tls13()), Wanted::Nothing);
    let grease = Draft::new().session_id(&ID).versions(&[0x1a1a, 0x0303, 0x0304]);
    assert_eq!(wanted(&grease), Wanted::Nothing);
}

#[test]
fn a_server_without_tls_1_3_asks_for_the_session_id_of_everybody() {
    let message = Draft::new().session_id(&ID).tls13().message();
    let offered = ClientHello::parse(&message).unwrap().resumption_by_session_id();
    assert_eq!(Wanted::from(offered), Wanted::SessionId(ID.to_vec()));
}

#[test]
fn identities_of_32_bytes_are_ids_and_others_are_not() {
    let draft = |ids: &[&[u8]]| Draft::new().session_id(&[1; 32]).tls13().identities(ids);
    assert_eq!(wanted(&draft(&[&ID])), Wanted::Identities(vec![ID]));
    assert_eq!(wanted(&draft(&[&[1; 31], &ID, &[2; 200]])), Wanted::Identities(vec![ID]));
    assert_eq!(wanted(&draft(&[&OTHER_ID, &ID])), Wanted::Identities(vec![OTHER_ID, ID]));
    assert_eq!(wanted(&draft(&[&[1; 31], &[2; 33]])), Wanted::Nothing);
}

#[test]
fn identities_without_tls_1_3_are_nothing() {
    assert_eq!(wanted(&Draft::new().identities(&[ID])), Wanted::Nothing);
    let draft = Draft::new().session_id(&OTHER_ID).identities(&[ID]);
    assert_eq!(wanted(&draft), Wanted::SessionId(OTHER_ID.to_vec()));
}

/// 64 KiB of identities: the parser hands out the first few, and reads the message all the same.
#[test]
fn a_flood_of_identities_is_cut_short() {
    let ids: Vec<[u8; 32]> = (0..900_u16)
        .map(|at| [at.to_be_bytes(); 16].concat())
        .map(|id| id.try_into().unwrap())
        .collect();
    let flight = Draft::new().server_name(b"localhost").tls13().identities(&ids).flight();
    assert!(flight.len() > 63_000);
    let reader = read(&flight).unwrap();
    let Offered::Tls13Identities(found) = reader.client_hello().unwrap().resumption() else {
        panic!("identities were offered");
    };
    assert_eq!(found.copied().collect::<Vec<_>>(), ids[..Identities::MOST]);
    // And those behind many that are none are not looked for.
    let mut identities = vec![vec![1; 31]; Identities::MOST];
    identities.push(ID.to_vec());
    assert_eq!(wanted(&Draft::new().tls13().identities(&identities)), Wanted::Nothing);
}

#[test]
fn the_rest_is_read_too() {
    let message = Draft::new()
        .server_name(b"www.Example.org")
        .ticket(&[])
        .early_data()
        .cookie(b"again")
        .tls13()
        .message();
    let hello = ClientHello::parse(&message).unwrap();
    assert_eq!(hello.server_name(), Some("www.Example.org"));
    assert!(hello.offers_tls13() && hello.offers_early_data() && hello.is_after_retry_request());
    assert_eq!(hello.ticket(), Ticket::Empty);

    let message = Draft::new().session_id(&ID).message();
    let hello = ClientHello::parse(&message).unwrap();
    assert!(!hello.offers_tls13() && !hello.offers_early_data());
    assert!(
        !hello.is_after_retry_request() && hello.after_retry_request().is_after_retry_request()
    );
    assert_eq!((hello.server_name(), hello.ticket()), (None, Ticket::Absent));
    assert_eq!(hello.legacy_session_id(), ID);
}

/// Where a stack has taken the message apart already.
#[test]
fn parts_are_read_as_the_whole_is() {
    let named = || Draft::new().session_id(&ID).server_name(b"host");
    for draft in [
        Draft::new(),
        named(),
        named().ticket(b"sealed"),
        named().ticket(&[]).tls13().early_data().cookie(b"c").identities(&[OTHER_ID]),
    ] {
        let message = draft.message();
        let whole = ClientHello::parse(&message).unwrap();
        let body = |number| {
            let found = draft.extensions.iter().find(|(one, _)| *one == number);
            found.map(|(_, body)| &body[..])
        };
        let parts = ClientHello::from_parts(&draft.session_id, body).unwrap();
        assert_eq!(Wanted::from(parts.resumption()), Wanted::from(whole.resumption()));
        assert_eq!(format!("{parts:?}"), format!("{whole:?}"));
        assert_eq!(parts.offers_early_data(), whole.offers_early_data());
    }
    assert!(ClientHello::from_parts(&[1; 33], |_| None).is_err());
    assert!(ClientHello::from_parts(&ID, |number| (number == 41).then_some(&[0][..])).is_err());
}

#[test]
fn what_is_no_host_name_is_no_server_name() {
    for name in [&b""[..], b"a b", b"\xc3\xa9.org", b"nul\0", &[b'a'; 256]] {
        let message = Draft::new().server_name(name).message();
        assert_eq!(ClientHello::parse(&message).unwrap().server_name(), None, "{name:?}");
    }
    let message = Draft::new().server_name(&[b'a'; 255]).message();
    assert!(ClientHello::parse(&message).unwrap().server_name().is_some());
}

/// Which of two would count is a question that two parsers answer differently.
#[test]
fn what_could_be_read_two_ways_is_not_read() {
    let two_names = vector(&[&[0][..], &vector(b"a"), &[0], &vector(b"b")].concat());
    for draft in [
        Draft::new().server_name(b"a").server_name(b"b"),
        Draft::new().extension(0, two_names),
        Draft::new().tls13().versions(&[0x0303]),
        Draft::new().ticket(&[]).ticket(b"sealed"),
        Draft::new().tls13().identities(&[ID]).identities(&[OTHER_ID]),
        // The binders cover everything before them, so identities come last.
        Draft::new().identities(&[ID]).tls13(),
    ] {
        assert_eq!(refused(&draft), HelloError::Malformed, "{draft:?}");
    }
    // What is not read may come as it likes.
    let twice = Draft::new().session_id(&ID).extension(21, vec![0; 9]).extension(64, vec![]);
    let twice = twice.extension(64, vec![1]).extension(0xfafa, vec![]).extension(0xfafa, vec![]);
    assert_eq!(wanted(&twice), Wanted::SessionId(ID.to_vec()));
}

#[test]
fn broken_extensions_are_not_read() {
    let no_ids: [[u8; 32]; 0] = [];
    for draft in [
        Draft::new().extension(41, pre_shared_keys(&[ID], 0)),
        Draft::new().extension(41, pre_shared_keys(&[ID], 2)),
        Draft::new().extension(41, pre_shared_keys(&no_ids, 0)),
        Draft::new().extension(41, pre_shared_keys(&[&[]], 1)),
        Draft::new().extension(41, vec![]),
        Draft::new().extension(42, vec![0]),
        Draft::new().extension(43, vec![3, 3, 4, 3]),
        Draft::new().extension(43, vec![2, 3, 4, 0]),
        Draft::new().extension(0, vec![0, 9, 0, 0, 1, b'a']),
    ] {
        assert_eq!(refused(&draft), HelloError::Malformed, "{draft:?}");
    }
}

#[test]
fn a_message_cut_short_or_gone_on_is_not_read() {
    let message =
        Draft::new().session_id(&ID).server_name(b"a").tls13().identities(&[ID]).message();
    for end in 0..message.len() {
        assert!(ClientHello::parse(&message[..end]).is_err(), "{end}");
        // The same with a length that says so.
        let mut short = message[..end.max(4)].to_vec();
        short[3] = u8::try_from(short.len() - 4).unwrap();
        short[2] = 0;
        let Ok(hello) = ClientHello::parse(&short) else { continue };
        // A client without extensions: that is where the message could have ended.
        assert_eq!(Wanted::from(hello.resumption()), Wanted::SessionId(ID.to_vec()), "{end}");
    }
    let longer = [&message[..], &[0]].concat();
    assert_eq!(ClientHello::parse(&longer).err(), Some(HelloError::Malformed));
}

#[test]
fn a_session_id_of_33_bytes_is_none() {
    assert_eq!(refused(&Draft::new().session_id(&[1; 33])), HelloError::Malformed);
}

#[test]
fn debug_shows_no_id() {
    let ids = [[0xaa_u8; 32], [0xbb; 32]];
    let message =
        Draft::new().session_id(&ID).server_name(b"host").tls13().identities(&ids).message();
    let hello = ClientHello::parse(&message).unwrap();
    let shown =
        format!("{hello:?} {:?} {:?}", hello.resumption(), hello.resumption_by_session_id());
    assert!(shown.contains("host") && shown.contains("2 of 32 bytes"), "{shown}");
    for secret in ["170", "187", "aa", "bb", "7, 7", "0707"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
