//! Properties of the encoding:
//! * what was encoded decodes to the same session, and each session has one encoded form;
//! * no bytes make it panic, and none but a whole encoding is accepted;
//! * what must not leave the process has no form.

use std::sync::Arc;

use proptest::prelude::*;
use resumption_sealing::codec::{DecodeError, EncodeError, MAX_PAYLOAD, decode, encode};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, SessionObject,
    SessionView, Timestamp, Usage,
};

fn plain() -> Session {
    let id = SessionId::new(&[9; 5]).expect("an id");
    let context = SessionIdContext::new(b"shop").expect("a context");
    let payload = SecretBytes::new(vec![b'p'; 40]);
    Session::new(id, context, Timestamp::from_nanos(3), Lifetime::from_nanos(4), payload)
}

fn assert_same(one: SessionView<'_>, other: SessionView<'_>) {
    assert_eq!((one.id(), one.context()), (other.id(), other.context()));
    assert_eq!((one.version(), one.usage()), (other.version(), other.usage()));
    assert_eq!((one.created(), one.lifetime()), (other.created(), other.lifetime()));
    assert_eq!(one.authenticated_at(), other.authenticated_at());
    assert_eq!(one.payload().expose(), other.payload().expose());
    assert!(one.is_resumable() && other.is_resumable());
}

prop_compose! {
    fn sessions()(
        id in prop::collection::vec(any::<u8>(), 1..=32),
        context in prop::collection::vec(any::<u8>(), 0..=32),
        times in any::<(u64, u64, u64)>(),
        version in prop::option::of(0..ProtocolVersion::ALL.len()),
        once in any::<bool>(),
        payload in prop::collection::vec(any::<u8>(), 0..300),
    ) -> Session {
        let session = Session::new(
            SessionId::new(&id).expect("1 to 32 bytes"),
            SessionIdContext::new(&context).expect("at most 32 bytes"),
            Timestamp::from_nanos(times.0),
            Lifetime::from_nanos(times.1),
            SecretBytes::new(payload),
        )
        .with_authenticated_at(Timestamp::from_nanos(times.2))
        .with_usage(if once { Usage::SingleUse } else { Usage::Reusable });
        match version {
            Some(at) => session.with_version(ProtocolVersion::ALL[at]),
            None => session,
        }
    }
}

proptest! {
    #[test]
    fn what_was_encoded_decodes_to_the_same(session in sessions()) {
        let encoded = encode(&session.view()).expect("resumable");
        let decoded = decode(encoded.expose()).expect("whole");
        assert_same(session.view(), decoded.view());
    }

    #[test]
    fn a_session_has_one_encoded_form(
        session in sessions(),
        at in any::<prop::sample::Index>(),
        change in 1u8..,
    ) {
        let mut bytes = encode(&session.view()).expect("resumable").into_exposed();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        if let Ok(decoded) = decode(&bytes) {
            let again = encode(&decoded.view()).expect("resumable");
            prop_assert_eq!(again.expose(), &bytes[..]);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), known: bool) {
        if let (true, Some(format)) = (known, bytes.first_mut()) {
            *format = 1;
        }
        let _ = decode(&bytes);
    }
}

#[test]
fn neither_a_part_nor_more_is_accepted() {
    let whole = encode(&plain().view()).expect("resumable").into_exposed();
    for len in 0..whole.len() {
        assert_eq!(decode(&whole[..len]).map(drop), Err(DecodeError::Length), "{len} bytes");
    }
    let longer = [&whole[..], &[0]].concat();
    assert_eq!(decode(&longer).map(drop), Err(DecodeError::Length));
}

#[test]
fn a_length_that_is_not_there_is_no_allocation() {
    let mut bytes = encode(&plain().view()).expect("resumable").into_exposed();
    let at = bytes.len() - 40 - 4;
    bytes[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(decode(&bytes).map(drop), Err(DecodeError::Field("payload")));
}

#[test]
fn fields_that_cannot_be_are_named() {
    let whole = encode(&plain().view()).expect("resumable").into_exposed();
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        decode(&bytes).map(drop)
    };
    assert_eq!(with(0, 2), Err(DecodeError::UnknownFormat(2)));
    assert_eq!(with(1, 2), Err(DecodeError::Field("usage")));
    assert_eq!(with(3, 9), Err(DecodeError::Field("TLS version")));
    // A context of 33 bytes, which are there: the payload's.
    assert_eq!(with(28, 33), Err(DecodeError::Field("context")));
    // An id of no bytes.
    assert_eq!(with(33, 0), Err(DecodeError::Field("id")));
}

#[test]
fn what_must_stay_has_no_form() {
    let session = plain().not_resumable();
    assert_eq!(encode(&session.view()).map(drop), Err(EncodeError::NotResumable));

    let (id, context) = (SessionId::from([1; 32]), SessionIdContext::EMPTY);
    let (now, lifetime) = (Timestamp::EPOCH, Lifetime::NEVER);
    let of = |len: usize| Session::new(id, context, now, lifetime, SecretBytes::new(vec![0; len]));
    assert!(encode(&of(MAX_PAYLOAD).view()).is_ok());
    let too_long = Err(EncodeError::TooLong { len: MAX_PAYLOAD + 1 });
    assert_eq!(encode(&of(MAX_PAYLOAD + 1).view()).map(drop), too_long);

    let object = |form| Session::of_object(id, context, now, lifetime, Arc::new(Object(form)));
    let portable = encode(&object(Some(b"der")).view()).expect("portable");
    let decoded = decode(portable.expose()).expect("whole");
    assert!(decoded.object().is_none());
    assert_eq!(decoded.payload().expose(), b"der");
    assert_eq!(encode(&object(None).view()).map(drop), Err(EncodeError::NotPortable));
}

struct Object(Option<&'static [u8]>);

impl SessionObject for Object {
    fn weight(&self) -> usize {
        size_of::<Self>()
    }

    fn encode(&self) -> Option<SecretBytes> {
        self.0.map(|form| SecretBytes::new(form.to_vec()))
    }
}
