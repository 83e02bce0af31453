//! What a store hands back, and the keys that an operator writes down.

use std::sync::LazyLock;

use resumption_sealing::{
    Codec, KeyRing, KeyRingError, MasterKey, Namespace, OpenError, Sealer, codec,
};
use resumption_session::{SessionId, SessionIdContext, Timestamp};

const NOW: Timestamp = Timestamp::from_unix_secs(1_000_000);

/// What is inside the sealed sessions of the corpus.
const PAYLOAD: &[u8] = b"what the TLS stack wants back";

static SEALER: LazyLock<Sealer> = LazyLock::new(|| {
    let keys = |bytes: [u8; 2]| bytes.map(|byte| MasterKey::new([byte; 32]));
    let ring = KeyRing::new(&keys([1, 2]), &keys([3, 4])).expect("four keys");
    Sealer::new(ring, Namespace::new("fuzz").expect("a namespace"), Codec::RUSTLS_0_23)
});

/// Sealed sessions, encoded sessions or lists of keys, by the first byte: none makes anything panic; a
/// seal opens only if it was made with the keys, and an encoding that is read is written the same.
pub(super) fn sealed_session(data: &[u8]) {
    let Some((which, rest)) = data.split_first() else { return };
    match which % 3 {
        0 => open(rest),
        1 => decode(rest),
        _ => parse(rest),
    }
}

fn open(sealed: &[u8]) {
    let (context, id) = (SessionIdContext::EMPTY, SessionId::from([7; 32]));
    for name in SEALER.names(&context, &id) {
        match SEALER.open(&name, &context, &id, sealed.to_vec(), NOW) {
            Ok(session) => assert_eq!(session.payload().expose(), PAYLOAD, "nobody sealed that"),
            Err(error @ OpenError::Decode(_)) => panic!("sealed, and {error}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

fn decode(encoded: &[u8]) {
    match codec::decode(encoded) {
        Ok(session) => {
            let again = codec::encode(&session.view()).expect("it was encoded");
            assert_eq!(again.expose(), encoded, "two forms of one session");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn parse(text: &[u8]) {
    let Ok(text) = core::str::from_utf8(text) else { return };
    match KeyRing::parse(text) {
        Ok(ring) => {
            assert!((1..=KeyRing::MAX_KEYS).contains(&ring.key_ids().count()));
            assert!(text.contains("seal") && text.contains("names"));
        }
        Err(KeyRingError::Line { number, .. }) => {
            assert!((1..=text.lines().count()).contains(&number));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
