//! Properties of sealed sessions:
//! * they open where they were sealed for, until they end, by any key that is still in the ring;
//! * moved, replayed, truncated, altered, or sealed by an unknown key: each is told apart;
//! * names say nothing, survive the rotation of sealing keys, and are found during their own.

use resumption_callbacks::{SealedSession, StoreKey};
use resumption_sealing::{
    Codec, KeyId, KeyRing, MasterKey, Namespace, NamespaceError, OpenError, SealError, Sealer,
};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, Timestamp, Usage,
};

const NOW: Timestamp = Timestamp::from_unix_secs(1_000_000);
const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef0123456789abcdef";

fn ring(sealing: &[u8], names: &[u8]) -> KeyRing {
    let keys = |bytes: &[u8]| -> Vec<MasterKey> {
        bytes.iter().map(|byte| MasterKey::new([*byte; 32])).collect()
    };
    KeyRing::new(&keys(sealing), &keys(names)).expect("a ring")
}

fn sealer_with(ring: KeyRing) -> Sealer {
    Sealer::new(ring, Namespace::new("shop").expect("a namespace"), Codec::RUSTLS_0_23)
}

fn sealer() -> Sealer {
    sealer_with(ring(&[1], &[2]))
}

fn id(byte: u8) -> SessionId {
    SessionId::from([byte; 32])
}

fn context() -> SessionIdContext {
    SessionIdContext::new(b"ctx").expect("a context")
}

fn session(byte: u8) -> Session {
    let secret = SecretBytes::new(SECRET.to_vec());
    Session::new(id(byte), context(), NOW, Lifetime::from_secs(600), secret)
        .with_version(ProtocolVersion::Tls13)
        .with_usage(Usage::SingleUse)
        .with_authenticated_at(Timestamp::from_unix_secs(999_000))
}

fn sealed(by: &Sealer, byte: u8) -> (StoreKey, SealedSession) {
    by.seal(session(byte).view(), Lifetime::NEVER, NOW).expect("seals")
}

fn open(by: &Sealer, name: &StoreKey, byte: u8, bytes: Vec<u8>) -> Result<Session, OpenError> {
    by.open(name, &context(), &id(byte), bytes, NOW)
}

#[track_caller]
fn assert_refused(result: Result<Session, OpenError>, expected: OpenError) {
    assert_eq!(result.map(drop), Err(expected));
}

#[test]
fn what_was_sealed_opens_to_the_same_session() {
    let sealer = sealer();
    let (name, sealed) = sealed(&sealer, 7);
    assert_eq!(sealed.time_to_live(), Lifetime::from_secs(600).as_duration());
    let found = open(&sealer, &name, 7, sealed.into_bytes()).expect("opens");
    assert_eq!((found.id(), found.context()), (&id(7), &context()));
    let view = found.view();
    assert_eq!((view.version(), view.usage()), (Some(ProtocolVersion::Tls13), Usage::SingleUse));
    assert_eq!((view.created(), view.lifetime()), (NOW, Lifetime::from_secs(600)));
    assert_eq!(view.authenticated_at(), Timestamp::from_unix_secs(999_000));
    assert_eq!(found.payload().expose(), SECRET);
}

#[test]
fn nothing_of_a_session_is_in_clear() {
    let sealer = sealer();
    let (name, sealed) = sealed(&sealer, 7);
    let found = |needle: &[u8], hay: &[u8]| hay.windows(needle.len()).any(|part| part == needle);
    for needle in [&SECRET[..8], &[7; 4], b"ctx", b"shop", b"rustls"] {
        assert!(!found(needle, sealed.bytes()), "{needle:?} in the value");
        assert!(!found(needle, name.as_bytes()), "{needle:?} in the name");
    }
    // Twice the same is not seen to be.
    let again = sealer.seal(session(7).view(), Lifetime::NEVER, NOW).expect("seals");
    assert_eq!(again.0, name);
    assert!(again.1.bytes()[20..] != sealed.bytes()[20..]);
}

#[test]
fn a_seal_ends_when_the_session_does_or_when_it_was_told_to() {
    let sealer = sealer();
    let ask = |sealed: &SealedSession, name: &StoreKey, at: Timestamp| {
        sealer.open(name, &context(), &id(7), sealed.bytes().to_vec(), at)
    };
    let end = NOW.saturating_add(Lifetime::from_secs(600));
    let after = end.saturating_add(Lifetime::from_nanos(1));
    let (name, whole) = sealed(&sealer, 7);
    assert!(ask(&whole, &name, end).is_ok(), "valid at the very instant");
    assert_refused(ask(&whole, &name, after), OpenError::Expired);

    let minute = Lifetime::from_secs(60);
    let (name, capped) = sealer.seal(session(7).view(), minute, NOW).expect("seals");
    assert_eq!(capped.time_to_live(), minute.as_duration());
    let found = ask(&capped, &name, NOW).expect("opens");
    assert_eq!(found.view().ends(), NOW.saturating_add(minute), "its life is as much shorter");
    assert_eq!(found.view().usage(), Usage::SingleUse);
    assert_eq!(found.view().version(), Some(ProtocolVersion::Tls13));
    assert_eq!(found.view().authenticated_at(), Timestamp::from_unix_secs(999_000));
    let later = NOW.saturating_add(Lifetime::from_secs(61));
    assert_refused(ask(&capped, &name, later), OpenError::Expired);

    for too_late in [end, after] {
        let refused = sealer.seal(session(7).view(), Lifetime::NEVER, too_late);
        assert_eq!(refused.map(drop), Err(SealError::Expired));
    }
}

#[test]
fn what_was_moved_is_refused() {
    let sealer = sealer();
    let (name, value) = sealed(&sealer, 7);
    let (other_name, _) = sealed(&sealer, 8);
    assert_refused(open(&sealer, &other_name, 8, value.bytes().to_vec()), OpenError::Moved);

    // With the start of the other name written over its own.
    let mut bytes = value.bytes().to_vec();
    bytes[..8].copy_from_slice(&other_name.as_bytes()[..8]);
    assert_refused(open(&sealer, &other_name, 8, bytes), OpenError::Forged);
    // Asked for under its own name, by somebody who means another session, or another context.
    assert_refused(open(&sealer, &name, 8, value.bytes().to_vec()), OpenError::Forged);
    let elsewhere = sealer.open(&name, &SessionIdContext::EMPTY, &id(7), value.into_bytes(), NOW);
    assert_refused(elsewhere, OpenError::Forged);
}

#[test]
fn another_namespace_or_codec_neither_finds_nor_opens() {
    let one = sealer();
    let (name, value) = sealed(&one, 7);
    let namespace = |name| Namespace::new(name).expect("a namespace");
    let others = [
        Sealer::new(ring(&[1], &[2]), namespace("bank"), Codec::RUSTLS_0_23),
        Sealer::new(ring(&[1], &[2]), namespace("shop"), Codec::RUSTLS_0_24),
        // The same bytes, cut elsewhere.
        Sealer::new(ring(&[1], &[2]), namespace("shopr"), Codec::new("ustls-0.23")),
    ];
    for other in others {
        assert_ne!(other.names(&context(), &id(7)), one.names(&context(), &id(7)));
        assert_refused(open(&other, &name, 7, value.bytes().to_vec()), OpenError::Forged);
    }
}

#[test]
fn each_part_of_a_seal_and_each_altered_bit_is_refused() {
    let sealer = sealer();
    let (name, value) = sealed(&sealer, 7);
    for len in 0..value.bytes().len() {
        let refused = open(&sealer, &name, 7, value.bytes()[..len].to_vec()).map(drop);
        // From the shortest seal on, a part is no longer told from an altered one.
        let expected =
            if len < 8 + KeyRing::OVERHEAD { OpenError::Truncated } else { OpenError::Forged };
        assert_eq!(refused, Err(expected), "{len} bytes");
    }
    for bit in 0..8 * value.bytes().len() {
        let mut bytes = value.bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let refused = open(&sealer, &name, 7, bytes).map(drop).expect_err("altered");
        let as_expected = match bit / 8 {
            0..8 => refused == OpenError::Moved,
            8..11 => refused == OpenError::NotASeal,
            11 => matches!(refused, OpenError::UnknownFormat(_)),
            12..20 => matches!(refused, OpenError::UnknownKey(_)),
            _ => refused == OpenError::Forged,
        };
        assert!(as_expected, "bit {bit}: {refused}");
    }
    let longer = [value.bytes(), &[0]].concat();
    assert_refused(open(&sealer, &name, 7, longer), OpenError::Forged);
}

#[test]
fn keys_rotate_in_three_steps_and_nothing_is_lost() {
    let (one, other) = (sealer(), sealer());
    let (name, old) = sealed(&one, 7);
    // A key that one host seals with and another has not heard of: what the first step is for.
    one.rotate(ring(&[3, 1], &[2]));
    let (_, early) = sealed(&one, 7);
    let newest: Vec<KeyId> = one.ring().key_ids().take(1).collect();
    assert_refused(
        open(&other, &name, 7, early.bytes().to_vec()),
        OpenError::UnknownKey(newest[0]),
    );
    other.rotate(ring(&[1, 3], &[2]));
    for value in [&old, &early] {
        assert!(open(&one, &name, 7, value.bytes().to_vec()).is_ok());
        assert!(open(&other, &name, 7, value.bytes().to_vec()).is_ok());
    }
    // The third: what the former key had sealed is over.
    one.rotate(ring(&[3], &[2]));
    assert!(matches!(open(&one, &name, 7, old.into_bytes()), Err(OpenError::UnknownKey(_))));
    assert!(open(&one, &name, 7, early.into_bytes()).is_ok());
}

#[test]
fn a_name_survives_the_rotation_of_sealing_keys_and_is_found_during_its_own() {
    let one = sealer();
    let (name, value) = sealed(&one, 7);
    one.rotate(ring(&[3, 1], &[2]));
    assert_eq!(one.names(&context(), &id(7)), [name]);
    one.rotate(ring(&[3, 1], &[4, 2]));
    let names = one.names(&context(), &id(7));
    assert_eq!((names.len(), names[1]), (2, name));
    let (put_under, _) = sealed(&one, 7);
    assert_eq!(put_under, names[0]);
    assert!(open(&one, &names[1], 7, value.into_bytes()).is_ok());
}

#[test]
fn names_are_what_another_implementation_computes() {
    let names = sealer().names(&context(), &id(7));
    let shown = names[0]
        .as_bytes()
        .iter()
        .fold(String::new(), |shown, byte| shown + &format!("{byte:02x}"));
    // HKDF-Expand and HMAC-SHA256 of pyca/cryptography and of Python.
    assert_eq!(shown, "43e419959e2f270e1f00e30184abe26aec14559e2f7b55665dbd07a5f9060394");
    assert_eq!(names.len(), 1);
}

#[test]
fn namespaces_can_stand_in_a_key_of_a_store() {
    for name in ["a", "shop-1_x.y", &"n".repeat(64)] {
        assert_eq!(
            Namespace::new(name).map(|namespace| namespace.as_str().to_owned()).as_deref(),
            Ok(name)
        );
    }
    for name in ["", "a b", "a:b", "{a}", "ä", &"n".repeat(65)] {
        assert_eq!(Namespace::new(name), Err(NamespaceError), "{name:?}");
    }
}

#[test]
fn debug_and_errors_show_no_secret() {
    let master = MasterKey::new([0xab; 32]);
    assert_eq!(format!("{master:?}"), "MasterKey");
    let shown = format!("{:?}", sealer());
    assert!(!shown.contains("1, 1, 1") && shown.contains("KeyId(e7550517638003aa)"), "{shown}");
    let (name, value) = sealed(&sealer(), 7);
    assert_eq!(format!("{name:?}"), "StoreKey(32 bytes)");
    assert!(format!("{value:?}").starts_with("SealedSession { bytes: 1"), "{value:?}");
}
