//! Sessions under a seal, and their names.

use core::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use resumption_callbacks::{SealedSession, StoreKey};
use resumption_session::{
    Lifetime, SecretBytes, Session, SessionId, SessionIdContext, SessionView, Timestamp,
};

use crate::bytes::{Reader, put_short};
use crate::codec;
use crate::envelope::Purpose;
use crate::errors::{OpenError, SealError};
use crate::key_ring::KeyRing;

const PURPOSE: Purpose = Purpose::new("session in a store");

/// How much of its name a sealed session carries, so that a moved one is told from a forged one.
const NAME_LEN: usize = 8;

/// Who encoded the payload. Encodings are not interchangeable, so what one stack has sealed another does
/// not find.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Codec(&'static str);

impl Codec {
    /// OpenSSL's `i2d_SSL_SESSION`.
    pub const OPENSSL_DER: Self = Self("openssl-der");
    /// rustls 0.23.
    pub const RUSTLS_0_23: Self = Self("rustls-0.23");
    /// rustls 0.24, which encodes otherwise than 0.23.
    pub const RUSTLS_0_24: Self = Self("rustls-0.24");

    /// Another one, of a name with at most 255 bytes; what is beyond is cut.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// The deployment's own name: several can use one store and know nothing of each other's sessions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Namespace(String);

impl Namespace {
    /// The longest, in bytes.
    pub const MAX_LEN: usize = 64;

    /// A namespace of this name: letters, digits, `-`, `_` and `.`, at least one and at most 64, so that
    /// it can stand in a store's key.
    ///
    /// # Errors
    /// [`NamespaceError`].
    pub fn new(name: impl Into<String>) -> Result<Self, NamespaceError> {
        let name = name.into();
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if (1..=Self::MAX_LEN).contains(&name.len()) && name.bytes().all(fine) {
            Ok(Self(name))
        } else {
            Err(NamespaceError)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is no [`Namespace`]: the operator's fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NamespaceError;

impl fmt::Display for NamespaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a namespace has 1 to 64 letters, digits, `-`, `_` and `.`")
    }
}

impl core::error::Error for NamespaceError {}

/// Seals sessions for a store, opens what comes back, and knows under which names to put and to ask.
///
/// # Concurrency
/// [`Sealer::rotate`] takes effect for what begins after it; what overlaps it uses the former keys or the
/// new ones. Nothing waits.
/// # Cost
/// Sealing and opening: an HMAC-SHA256 over some 90 bytes, and AES-256-GCM over the session; sealing asks
/// the system for 24 random bytes besides, and names the session.
pub struct Sealer {
    namespace: Namespace,
    codec: Codec,
    ring: ArcSwap<KeyRing>,
}

impl Sealer {
    /// A sealer with these keys.
    pub fn new(ring: KeyRing, namespace: Namespace, codec: Codec) -> Self {
        Self { namespace, codec, ring: ArcSwap::from_pointee(ring) }
    }

    /// Swaps other keys in.
    pub fn rotate(&self, ring: KeyRing) {
        self.ring.store(Arc::new(ring));
    }

    /// The keys in use.
    pub fn ring(&self) -> Arc<KeyRing> {
        self.ring.load_full()
    }

    /// The deployment's name.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// The names of a session, the one under which it would be put now first: at least one, and two while
    /// the key for names is being rotated ([`KeyRing::MAX_NAMES`]).
    pub fn names(&self, context: &SessionIdContext, id: &SessionId) -> Vec<StoreKey> {
        names(&self.ring.load(), &self.place(context, id)).collect()
    }

    /// Seals `session`, to be kept under the name that is returned with it, until its life ends or
    /// `longest` from `now` on.
    ///
    /// # Errors
    /// [`SealError`]: it stays in the process.
    pub fn seal(
        &self,
        session: SessionView<'_>,
        longest: Lifetime,
        now: Timestamp,
    ) -> Result<(StoreKey, SealedSession), SealError> {
        let ends = session.ends().min(now.saturating_add(longest));
        let left = ends.saturating_since(now);
        if left.is_zero() {
            return Err(SealError::Expired);
        }
        let encoded = codec::encode(&session)?;
        let mut plaintext = Vec::with_capacity(8 + encoded.len());
        plaintext.extend_from_slice(&ends.as_nanos().to_be_bytes());
        plaintext.extend_from_slice(encoded.expose());
        let plaintext = SecretBytes::new(plaintext);

        let ring = self.ring.load();
        let mut place = self.place(session.context(), session.id());
        // A ring without a key for names cannot be made.
        let name = names(&ring, &place).next().ok_or(SealError::Random)?;
        let start = start_of(&name);
        place.extend_from_slice(start);
        let envelope = ring.seal(PURPOSE, &place, &plaintext)?;
        let mut sealed = Vec::with_capacity(NAME_LEN + envelope.len());
        sealed.extend_from_slice(start);
        sealed.extend_from_slice(&envelope);
        Ok((name, SealedSession::new(sealed, left.as_duration())))
    }

    /// The session in `sealed`, which the store had under `name` when it was asked for the session of
    /// `context` under `id`.
    ///
    /// If it was sealed to end before its own life does, its life is as much shorter.
    ///
    /// # Errors
    /// [`OpenError`]: count it, and go on as if the store had had nothing.
    pub fn open(
        &self,
        name: &StoreKey,
        context: &SessionIdContext,
        id: &SessionId,
        mut sealed: Vec<u8>,
        now: Timestamp,
    ) -> Result<Session, OpenError> {
        let start: [u8; NAME_LEN] = Reader::new(&sealed).array().ok_or(OpenError::Truncated)?;
        if start != start_of(name) {
            return Err(OpenError::Moved);
        }
        let mut place = self.place(context, id);
        place.extend_from_slice(&start);
        sealed.drain(..NAME_LEN);
        let plaintext = self.ring.load().open(PURPOSE, &place, sealed)?;

        let mut fields = Reader::new(plaintext.expose());
        let length = OpenError::Decode(codec::DecodeError::Length);
        let ends = Timestamp::from_nanos(fields.u64().ok_or(length)?);
        if now > ends {
            return Err(OpenError::Expired);
        }
        let encoded = plaintext.expose().get(8..).ok_or(length)?;
        let session = codec::decode(encoded).map_err(OpenError::Decode)?;
        // What is inside says again what was authenticated beside it.
        if session.context() != context || session.id() != id {
            return Err(OpenError::Forged);
        }
        if session.view().ends() <= ends {
            return Ok(session);
        }
        let shorter = ends.saturating_since(session.view().created());
        Ok(with_lifetime(session, shorter))
    }

    /// What a name and a seal are about, in a form that says where each part ends.
    fn place(&self, context: &SessionIdContext, id: &SessionId) -> Vec<u8> {
        let mut place = Vec::with_capacity(192);
        put_short(&mut place, self.namespace.as_str().as_bytes());
        put_short(&mut place, self.codec.as_str().as_bytes());
        put_short(&mut place, context.as_bytes());
        put_short(&mut place, id.as_bytes());
        place
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("namespace", &self.namespace)
            .field("codec", &self.codec)
            .field("ring", &self.ring.load())
            .finish()
    }
}

fn names(ring: &KeyRing, place: &[u8]) -> impl Iterator<Item = StoreKey> {
    ring.names().iter().filter_map(|key| key.name(place)).map(StoreKey::new)
}

fn start_of(name: &StoreKey) -> &[u8] {
    name.as_bytes().get(..NAME_LEN).unwrap_or_default()
}

fn with_lifetime(session: Session, lifetime: Lifetime) -> Session {
    let view = session.view();
    let (id, context, created) = (*view.id(), *view.context(), view.created());
    let (version, usage, at) = (view.version(), view.usage(), view.authenticated_at());
    let session = Session::new(id, context, created, lifetime, session.into_payload())
        .with_usage(usage)
        .with_authenticated_at(at);
    match version {
        Some(version) => session.with_version(version),
        None => session,
    }
}
