//! What makes a type of ours out of bytes or words that others chose.

use std::hash::{BuildHasher, RandomState};

use resumption_cache::{CacheMode, Capacity};
use resumption_map::{Key, MAX_ID_LEN};
use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, SessionId, SessionIdContext, SessionIdError, Timestamp,
};

/// The first bytes as a number, zeros where they end.
fn word<const N: usize>(data: &[u8]) -> [u8; N] {
    core::array::from_fn(|at| data.get(at).copied().unwrap_or(0))
}

/// Ids: those of 1 to 32 bytes come back as they were, and show nothing of themselves.
pub(super) fn session_id(data: &[u8]) {
    match SessionId::new(data) {
        Ok(id) => {
            assert!((1..=SessionId::MAX_LEN).contains(&data.len()));
            assert_eq!(id.as_bytes(), data);
            assert_eq!(SessionId::try_from(data), Ok(id));
            assert_eq!(format!("{id:?}"), format!("SessionId({} bytes)", data.len()));
            // Zeros behind the end are not part of it.
            let longer = SessionId::new(&[data, &[0]].concat());
            assert!(longer.is_err() || longer.is_ok_and(|longer| longer > id));
        }
        Err(SessionIdError::Empty) => assert!(data.is_empty()),
        Err(SessionIdError::TooLong { len }) => {
            assert!(len == data.len() && len > SessionId::MAX_LEN);
        }
        Err(other) => panic!("{other}"),
    }
    let secret = SecretBytes::new(data.to_vec());
    assert_eq!(secret.duplicate().into_exposed(), data);
    assert_eq!(format!("{secret:?}"), format!("SecretBytes({} bytes)", data.len()));
}

/// Contexts: those of up to 32 bytes come back as they were.
pub(super) fn session_id_context(data: &[u8]) {
    match SessionIdContext::new(data) {
        Ok(context) => {
            assert!(data.len() <= SessionIdContext::MAX_LEN);
            assert_eq!(context.as_bytes(), data);
            assert_eq!(context.is_empty(), data.is_empty());
            let shown = format!("{context:?}");
            assert_eq!(shown.len(), "SessionIdContext()".len() + 2 * data.len());
        }
        Err(error) => {
            assert!(error.given() == data.len() && data.len() > SessionIdContext::MAX_LEN);
        }
    }
}

/// Keys of the map: two ids in a scope each. Equal iff scope and id are, and then hashed alike.
pub(super) fn map_key(data: &[u8]) {
    let Some((&cut, rest)) = data.split_first() else { return };
    let (one, other) = rest.split_at(usize::from(cut).min(rest.len()));
    let keys = [one, other].map(|id| Key::new((cut & 1).into(), id));
    for (key, id) in keys.iter().zip([one, other]) {
        assert_eq!(key.is_some(), (1..=MAX_ID_LEN).contains(&id.len()));
        assert!(key.is_none_or(|key| key.id() == id && key.scope() == u64::from(cut & 1)));
    }
    let [Some(one_key), Some(other_key)] = keys else { return };
    assert_eq!(one_key == other_key, one == other);
    let hasher = RandomState::new();
    let same = hasher.hash_one(one_key) == hasher.hash_one(other_key);
    assert!(same || one != other, "equal keys hash differently");
    assert!(Key::new(0, one) != Key::new(1, one), "scopes are apart");
}

/// Mode words: known bits come back, unknown ones are named.
pub(super) fn cache_mode(data: &[u8]) {
    let bits = u32::from_le_bytes(word(data));
    match CacheMode::from_bits(bits) {
        Ok(mode) => {
            assert_eq!(mode.bits(), bits);
            assert_eq!(CacheMode::try_from(bits), Ok(mode));
            assert!(mode.contains(CacheMode::OFF) && mode.contains(mode));
            assert_eq!(mode.is_off(), bits & CacheMode::BOTH.bits() == 0);
            assert!(!(mode.is_off() && mode.looks_up()));
        }
        Err(error) => {
            assert!(error.bits() != 0 && error.bits() & bits == error.bits());
            assert!(CacheMode::from_bits(bits & !error.bits()).is_ok(), "the rest is known");
        }
    }
}

/// Cache sizes as `SSL_CTX_sess_set_cache_size` takes them.
pub(super) fn capacity(data: &[u8]) {
    let size = i64::from_le_bytes(word(data));
    match Capacity::from_openssl(size) {
        Ok(capacity) => {
            let entries = capacity.entries().map_or(0, |entries| entries.get() as u64);
            assert_eq!(entries, size.unsigned_abs().min(usize::MAX as u64));
            assert!(size >= 0 && capacity.bytes().is_none());
        }
        Err(error) => assert!(size < 0 && error.given() == size),
    }
}

/// Timeouts as `SSL_CTX_set_timeout` takes them, and instants that they end at: nothing wraps.
pub(super) fn lifetime(data: &[u8]) {
    let secs = i64::from_le_bytes(word(data));
    let start = Timestamp::from_nanos(u64::from_le_bytes(word(data.get(8..).unwrap_or(&[]))));
    match Lifetime::from_openssl_seconds(secs) {
        Ok(lifetime) => {
            assert!(lifetime.is_never() || lifetime.as_secs() == secs.unsigned_abs());
            let end = start.saturating_add(lifetime);
            assert!(end >= start, "a life cannot end before it begins");
            assert!(end == Timestamp::END_OF_TIME || end.saturating_since(start) == lifetime);
            assert_eq!(Lifetime::from_duration(lifetime.as_duration()), lifetime);
        }
        Err(error) => assert!(secs < 0 && error.given() == secs),
    }
}

/// Version numbers on the wire: those that are known come back.
pub(super) fn protocol_version(data: &[u8]) {
    let number = u16::from_be_bytes(word(data));
    if let Some(version) = ProtocolVersion::from_wire(number) {
        assert_eq!(version.to_wire(), number);
        assert!(!version.to_string().is_empty());
    }
}
