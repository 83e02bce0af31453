//! Properties of the vocabulary:
//! * an id or context is exactly its bytes: no prefix or zero-padded twin equals it;
//! * nothing secret is ever printed;
//! * sums of times saturate and never wrap;
//! * a copy of a session equals it in everything but its memory.

use proptest::prelude::*;
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, SessionIdError,
    Timestamp, Usage,
};
use std::time::{Duration, UNIX_EPOCH};

fn session(payload: &[u8]) -> Session {
    Session::new(
        SessionId::from([0xab; 32]),
        SessionIdContext::new(b"shop").expect("short"),
        Timestamp::from_unix_secs(100),
        Lifetime::from_secs(50),
        SecretBytes::new(payload.to_vec()),
    )
}

#[test]
fn ids_of_every_legal_length_round_trip_and_others_are_refused() {
    for len in 1..=32 {
        let bytes: Vec<u8> = (0..len).collect();
        assert_eq!(SessionId::new(&bytes).expect("legal").as_bytes(), bytes);
    }
    assert_eq!(SessionId::new(&[]), Err(SessionIdError::Empty));
    assert_eq!(SessionId::new(&[0; 33]), Err(SessionIdError::TooLong { len: 33 }));
}

#[test]
fn contexts_of_every_legal_length_round_trip_and_others_are_refused() {
    for len in 0..=32 {
        let bytes: Vec<u8> = (0..len).collect();
        assert_eq!(SessionIdContext::new(&bytes).expect("legal").as_bytes(), bytes);
    }
    assert_eq!(SessionIdContext::new(&[0; 33]).expect_err("too long").given(), 33);
}

#[test]
fn debug_shows_no_secret_and_no_id() {
    let shown = format!("{:?} {:?}", session(b"\xab\xab\xab").view(), session(b"\xab\xab\xab"));
    assert!(shown.contains("SecretBytes(3 bytes)") && shown.contains("SessionId(32 bytes)"));
    assert!(!shown.contains("171") && !shown.to_lowercase().contains("abab"), "leaked: {shown}");
}

#[test]
fn versions_map_to_the_wire_and_back() {
    for version in ProtocolVersion::ALL {
        assert_eq!(ProtocolVersion::from_wire(version.to_wire()), Some(version));
    }
    let known = (0..=u16::MAX).filter(|n| ProtocolVersion::from_wire(*n).is_some()).count();
    assert_eq!(known, ProtocolVersion::ALL.len());
}

#[test]
fn seconds_beyond_the_range_never_end_instead_of_wrapping() {
    assert_eq!(Lifetime::from_secs(u64::MAX), Lifetime::NEVER);
    assert_eq!(Lifetime::from_openssl_seconds(i64::MAX), Ok(Lifetime::NEVER));
    assert_eq!(Lifetime::from_openssl_seconds(-1).expect_err("negative").given(), -1);
    assert_eq!(Timestamp::from_unix_secs(u64::MAX), Timestamp::END_OF_TIME);
    assert_eq!(Lifetime::from(Duration::MAX), Lifetime::NEVER);
    assert_eq!(Timestamp::from_system_time(UNIX_EPOCH - Duration::from_secs(1)), Timestamp::EPOCH);
}

#[test]
fn moving_the_creation_keeps_the_lineage() {
    let moved = session(b"x").with_created(Timestamp::from_unix_secs(130));
    assert_eq!(moved.view().created(), Timestamp::from_unix_secs(130));
    assert_eq!(moved.view().authenticated_at(), Timestamp::from_unix_secs(100));
    assert_eq!(moved.view().ends(), Timestamp::from_unix_secs(180));
}

#[test]
fn a_secret_moves_in_and_out_without_copying() {
    let bytes = vec![9; 64];
    let at = bytes.as_ptr();
    let secret = SecretBytes::new(bytes);
    assert_eq!(secret.expose().as_ptr(), at);
    let bytes = secret.into_exposed();
    assert_eq!(bytes.as_ptr(), at);
}

proptest! {
    #[test]
    fn ids_equal_exactly_when_their_bytes_do(
        a in proptest::collection::vec(0_u8..3, 1..=32),
        b in proptest::collection::vec(0_u8..3, 1..=32),
    ) {
        let (x, y) = (SessionId::new(&a).expect("legal"), SessionId::new(&b).expect("legal"));
        prop_assert_eq!(x == y, a == b);
    }

    #[test]
    fn a_zero_padded_id_is_another_id(bytes in proptest::collection::vec(any::<u8>(), 1..32)) {
        let mut padded = bytes.clone();
        padded.push(0);
        prop_assert_ne!(SessionId::new(&bytes), SessionId::new(&padded));
        let context = SessionIdContext::new(&bytes).expect("short");
        prop_assert_ne!(context, SessionIdContext::new(&padded).expect("short"));
    }

    #[test]
    fn time_never_wraps(at in any::<u64>(), span in any::<u64>()) {
        let start = Timestamp::from_nanos(at);
        let end = start.saturating_add(Lifetime::from_nanos(span));
        prop_assert!(end >= start);
        prop_assert_eq!(start.saturating_since(end), Lifetime::ZERO);
        prop_assert!(end.saturating_since(start) <= Lifetime::from_nanos(span));
    }

    #[test]
    fn a_copy_equals_the_session(
        payload in proptest::collection::vec(any::<u8>(), 0..100),
        single in any::<bool>(),
        dead in any::<bool>(),
        version in proptest::sample::select(ProtocolVersion::ALL.to_vec()),
        origin in any::<u64>(),
    ) {
        let mut made = session(&payload)
            .with_version(version)
            .with_authenticated_at(Timestamp::from_nanos(origin));
        if single {
            made = made.with_usage(Usage::SingleUse);
        }
        if dead {
            made = made.not_resumable();
        }
        let copy = made.view().to_session();
        let (a, b) = (made.view(), copy.view());
        prop_assert_eq!(a.id(), b.id());
        prop_assert_eq!(a.context(), b.context());
        prop_assert_eq!(b.version(), Some(version));
        prop_assert_eq!((a.created(), a.lifetime()), (b.created(), b.lifetime()));
        prop_assert_eq!(b.authenticated_at(), Timestamp::from_nanos(origin));
        prop_assert_eq!(b.usage() == Usage::SingleUse, single);
        prop_assert_eq!(b.is_resumable(), !dead);
        prop_assert_eq!(b.payload().expose(), &payload[..]);
    }
}
