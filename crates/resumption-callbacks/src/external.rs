//! What a store outside the process does for a fleet of servers.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

/// The name of a session in a store: a message authentication code over the deployment's namespace, the
/// codec, the isolation context and the session's id, under a key that the store does not have.
///
/// Never an id itself: an id travels in clear and whoever has it can offer it, so the operators of a
/// store, its dumps and its logs are not to see any. `Debug` shows the length only.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StoreKey([u8; Self::LEN]);

impl StoreKey {
    /// How long a name is, in bytes.
    pub const LEN: usize = 32;

    /// The name of these bytes: the output of a keyed function, not an id.
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes: for the store to write down, in hexadecimal if it likes.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey({} bytes)", Self::LEN)
    }
}

/// A session in the only form in which it may leave the process: encrypted and authenticated, and no
/// more than bytes to whoever carries it. `Debug` shows the length and the time to live.
#[derive(Clone, Eq, PartialEq)]
pub struct SealedSession {
    bytes: Vec<u8>,
    time_to_live: Duration,
}

impl SealedSession {
    /// These sealed bytes, of no use to anybody once `time_to_live` has passed.
    pub const fn new(bytes: Vec<u8>, time_to_live: Duration) -> Self {
        Self { bytes, time_to_live }
    }

    /// The sealed bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The sealed bytes alone.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// How long a store need keep it. More than that is harmless: the session's end is inside the seal.
    pub const fn time_to_live(&self) -> Duration {
        self.time_to_live
    }
}

impl fmt::Debug for SealedSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedSession")
            .field("bytes", &self.bytes.len())
            .field("time_to_live", &self.time_to_live)
            .finish()
    }
}

/// Why a store did not do what it was asked, by whose fault it was.
///
/// Each carries a short fixed text for logs: no key, no value, and nothing that the store sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoreError {
    /// The store's answer is not its protocol, or not an answer to this question. Its connection is not
    /// to be used again.
    Malformed(&'static str),
    /// The store said no: it is full, read-only, or knows no such user. Asking again does not help.
    Refused(&'static str),
    /// No answer came in time. What was asked for may have happened nevertheless, and may still happen.
    TimedOut(&'static str),
    /// There was nobody to ask, or the connection broke: a write may have happened nevertheless.
    Unavailable(&'static str),
}

impl StoreError {
    /// A short lower-case name of the variant, for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Refused(_) => "refused",
            Self::TimedOut(_) => "timed_out",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// The short fixed text.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Malformed(detail)
            | Self::Refused(detail)
            | Self::TimedOut(detail)
            | Self::Unavailable(detail) => detail,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Malformed(_) => "the store's answer makes no sense",
            Self::Refused(_) => "the store refused",
            Self::TimedOut(_) => "the store did not answer in time",
            Self::Unavailable(_) => "the store cannot be reached",
        };
        write!(f, "{what}: {}", self.detail())
    }
}

impl core::error::Error for StoreError {}

/// What becomes of a value that is there already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Overwrite {
    /// It is replaced. Redis: `SET`.
    Allowed,
    /// It stays, and the new one is not stored. Redis: `SET … NX`.
    Refused,
}

/// One of the writes that [`ExternalStore::put_all`] does together.
#[derive(Clone, Debug)]
pub struct Put {
    /// Under which name.
    pub key: StoreKey,
    /// What.
    pub value: SealedSession,
    /// What becomes of a value that is there already.
    pub overwrite: Overwrite,
}

/// The answer of a store, when it comes.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The answers of a store to several requests made together, in their order.
pub type StoreBatch<'a, T> = Pin<Box<dyn Future<Output = Vec<Result<T, StoreError>>> + Send + 'a>>;

/// A store outside the process that several servers share.
///
/// It carries sealed bytes under names that tell it nothing. It is asked by tasks, never by the thread of
/// a handshake, and all that it can do wrong is to forget: what it invents, alters, keeps too long or
/// hands to the wrong server is refused where it is opened.
///
/// # Contract
/// * `within` is the most that the caller waits. The store ends its own attempts by then, retries
///   included, and says [`StoreError::TimedOut`]. A caller may drop the future at any time: that leaves
///   the store in working order, and open whether a write has happened.
/// * [`ExternalStore::take`] reads and deletes in one step: of any number of takes of one key, on any
///   number of servers, at most one gets the value. A store that cannot do that does not implement this
///   trait. (What replication in the background does to that promise is for the store's documentation to
///   say.)
/// * A `take` and a `put` are never repeated once they may have been done. A second `take` would find
///   nothing, or what another server has put there since; and a second `put` would bring a session back that
///   another server has taken in between, even where it overwrites nothing.
/// * Errors, logs and panics have no key and no value in them.
pub trait ExternalStore: Send + Sync {
    /// Keeps `value` under `key`; whether it was stored, which [`Overwrite::Refused`] may prevent. The
    /// store forgets it once its time to live has passed.
    ///
    /// # Errors
    /// [`StoreError`]; unless it is [`StoreError::Refused`] the value may have been stored.
    fn put<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a SealedSession,
        overwrite: Overwrite,
        within: Duration,
    ) -> StoreFuture<'a, bool>;

    /// The value under `key`, which stays there.
    ///
    /// # Errors
    /// [`StoreError`].
    fn get<'a>(&'a self, key: &'a StoreKey, within: Duration) -> StoreFuture<'a, Option<Vec<u8>>>;

    /// Hands the value under `key` out, at most once.
    ///
    /// # Errors
    /// [`StoreError`]; the value may be gone nevertheless. Then nobody has it.
    fn take<'a>(&'a self, key: &'a StoreKey, within: Duration) -> StoreFuture<'a, Option<Vec<u8>>>;

    /// Forgets the value under `key`; whether there was one.
    ///
    /// # Errors
    /// [`StoreError`]; the value may be gone nevertheless, or not.
    fn remove<'a>(&'a self, key: &'a StoreKey, within: Duration) -> StoreFuture<'a, bool>;

    /// Several of [`ExternalStore::put`], with one answer for each in their order. No key comes twice.
    ///
    /// As it stands they are done one after the other, each in its own `within`. A store with a protocol
    /// that can do so sends them together, and ends all of them by `within`.
    fn put_all<'a>(&'a self, puts: &'a [Put], within: Duration) -> StoreBatch<'a, bool> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(puts.len());
            for Put { key, value, overwrite } in puts {
                answers.push(self.put(key, value, *overwrite, within).await);
            }
            answers
        })
    }

    /// Several of [`ExternalStore::remove`], with one answer for each in their order; otherwise as
    /// [`ExternalStore::put_all`].
    fn remove_all<'a>(&'a self, keys: &'a [StoreKey], within: Duration) -> StoreBatch<'a, bool> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(keys.len());
            for key in keys {
                answers.push(self.remove(key, within).await);
            }
            answers
        })
    }
}
