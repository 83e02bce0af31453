//! What a connection sends first, before anybody knows who it is.

use resumption_hello::{ClientHello, HelloError, HelloReader, Identities, Offered, Progress};

/// A flight in segments as long as the first byte says: read as if it had come whole, asked for byte by
/// byte, and never more in it than there is.
pub(super) fn client_hello(data: &[u8]) {
    let Some((&segment, flight)) = data.split_first() else { return };
    let mut whole = HelloReader::new();
    let outcome = whole.feed(flight);

    let mut cut = HelloReader::new();
    let mut last = Ok(Progress::NeedMore(1));
    for segment in flight.chunks(usize::from(segment).max(1)) {
        if last != Ok(Progress::Done) {
            last = cut.feed(segment);
        }
    }
    // How much is missing can be told apart by who has seen no byte yet.
    if !flight.is_empty() {
        assert_eq!(outcome, last, "cut or not");
    }
    let (hello, again) = (whole.client_hello(), cut.client_hello());
    assert_eq!(hello.as_ref().err(), again.as_ref().err());
    match outcome {
        Err(error) => assert_eq!(hello.err(), Some(error)),
        Ok(Progress::NeedMore(missing)) => {
            assert!(missing > 0);
            assert_eq!(hello.err(), Some(HelloError::Incomplete));
        }
        Ok(Progress::Done) => {
            only_what_is_asked_for(flight);
            if let (Ok(hello), Ok(again)) = (hello, again) {
                follows_the_rule(&hello);
                assert_eq!(hello.server_name(), again.server_name());
                assert_eq!(format!("{hello:?}"), format!("{again:?}"));
            }
        }
    }
    // The message by itself, without records.
    if let Ok(hello) = ClientHello::parse(flight) {
        follows_the_rule(&hello);
    }
}

/// A flight that is whole is found whole by whoever reads what is asked for and no more.
fn only_what_is_asked_for(flight: &[u8]) {
    let mut reader = HelloReader::new();
    let (mut at, mut asked) = (0, 1);
    loop {
        let part = flight.get(at..at + asked).expect("no more is asked for than there is");
        at += asked;
        match reader.feed(part) {
            Ok(Progress::Done) => return,
            Ok(Progress::NeedMore(more)) => asked = more,
            Err(error) => panic!("{error}, but not when it comes whole"),
        }
    }
}

fn follows_the_rule(hello: &ClientHello<'_>) {
    match hello.resumption() {
        Offered::Tls12SessionId(id) => {
            assert!(!hello.offers_tls13() && (1..=32).contains(&id.len()));
            assert_eq!(id, hello.legacy_session_id());
        }
        Offered::Tls13Identities(ids) => {
            assert!(hello.offers_tls13() && (1..=Identities::MOST).contains(&ids.count()));
        }
        Offered::Nothing | Offered::Tls12Ticket => {}
    }
}
