//! A session as the cache holds it: an `SSL_SESSION` of its own.

use std::any::Any;
use std::ffi::{CString, c_long};
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use openssl::error::ErrorStack;
use openssl::ssl::{SslRef, SslSession, SslSessionRef};
use resumption_session::{Lifetime, SecretBytes, SessionObject};

use crate::der;
use crate::ffi;

/// What a session takes without client certificates: measured on libssl 3.0.19 (64 bit, glibc), a
/// duplicate of a TLS 1.3 session with a server name is 1039 bytes of the heap.
const BARE: usize = 1040;

/// What a certificate takes, decoded, beyond its length.
pub(crate) const DECODED: usize = 4300;

/// No session is that long in DER unless a certificate is in it.
const LONGEST_BARE: usize = 512;

/// libssl compares whole seconds of another clock; that much more than the cache says is certainly
/// not too old for it.
const MARGIN: c_long = 60;

/// An `SSL_SESSION` that no connection, no libssl cache and no other code has a reference to: what a
/// handshake does to its session never reaches it.
///
/// The adapter makes these by itself. Stores outside the process keep [`SessionObject::encode`], and a
/// get callback may answer with what [`OpensslSession::from_der`] makes of it, or with the bytes as they
/// are: then they are decoded at each hit.
pub struct OpensslSession {
    session: SslSession,
    weight: usize,
}

impl OpensslSession {
    /// Decodes a session. OpenSSL: `d2i_SSL_SESSION`, which accepts bytes behind the session too, and takes
    /// now and 3 s for times that are missing.
    ///
    /// # Errors
    /// [`NotASession`] unless all of `der` is one session that says when it was made and how long it lives.
    /// # Cost
    /// 1 µs; 100 µs with a client's certificate in it (libssl 3.0).
    pub fn from_der(der: &[u8]) -> Result<Self, NotASession> {
        if !der::is_whole_session(der) {
            return Err(NotASession);
        }
        let session = SslSession::from_der(der).map_err(|_| NotASession)?;
        let certificate = if der.len() > LONGEST_BARE { DECODED } else { 0 };
        Ok(Self { session, weight: BARE + der.len() + certificate })
    }

    /// A private copy of the session of a connection, to be cached: made for this server name, and
    /// living so long by its own account.
    pub(crate) fn copy_of(
        session: &SslSessionRef,
        server_name: Option<&[u8]>,
        lifetime: Lifetime,
        certificates: usize,
    ) -> Option<Self> {
        let mut session = ffi::duplicate(session)?;
        ffi::set_timeout(&mut session, whole_seconds(lifetime));
        let name = server_name.map(CString::new).transpose().ok()?;
        ffi::set_server_name(&mut session, name.as_ref())
            .then_some(Self { session, weight: BARE + certificates })
    }

    /// The one behind a session of the cache, if it is one of this kind.
    pub(crate) fn behind(object: &Arc<dyn SessionObject>) -> Option<&Self> {
        let object: &dyn Any = &**object;
        object.downcast_ref()
    }

    pub(crate) fn session(&self) -> &SslSessionRef {
        &self.session
    }

    /// A copy for one handshake. Whether it has expired is the cache's to say, and was said: libssl is
    /// told an end that has not come yet.
    pub(crate) fn hand_out(&self) -> Option<SslSession> {
        let mut session = ffi::duplicate(&self.session)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = c_long::try_from(now.as_secs()).unwrap_or(c_long::MAX);
        let needed = now.saturating_sub(session.time()).saturating_add(MARGIN);
        if session.timeout() < needed {
            ffi::set_timeout(&mut session, needed);
        }
        Some(session)
    }
}

/// Makes a client's connection offer `session`, before its handshake: a duplicate of it, so that whatever
/// happens to the connection does not spoil the session. A session that is marked as not resumable, as
/// libssl marks those of TLS 1.3 that a connection has used, is not offered.
///
/// OpenSSL: `SSL_set_session`, which shares the object.
///
/// # Errors
/// libssl's, when there is no memory or the session's protocol has no method.
pub fn offer(ssl: &mut SslRef, session: &SslSessionRef) -> Result<(), ErrorStack> {
    ffi::set_session(ssl, session)
}

impl SessionObject for OpensslSession {
    fn weight(&self) -> usize {
        self.weight
    }

    /// DER. OpenSSL: `i2d_SSL_SESSION`.
    fn encode(&self) -> Option<SecretBytes> {
        self.session.to_der().ok().map(SecretBytes::new)
    }
}

impl fmt::Debug for OpensslSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpensslSession").field("weight", &self.weight).finish_non_exhaustive()
    }
}

/// Some bytes are not one session: the fault of whoever stored them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASession;

impl fmt::Display for NotASession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are not one OpenSSL session in DER")
    }
}

impl std::error::Error for NotASession {}

/// Seconds as libssl takes them, rounded up: a part of a second is not none.
pub(crate) fn whole_seconds(lifetime: Lifetime) -> c_long {
    let seconds = lifetime.as_nanos().div_ceil(1_000_000_000);
    c_long::try_from(seconds).unwrap_or(c_long::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_session_is_refused() {
        for broken in [&[][..], b"0\x03\x02\x01\x01", b"garbage"] {
            assert_eq!(OpensslSession::from_der(broken).err(), Some(NotASession));
        }
    }

    #[test]
    fn a_part_of_a_second_is_rounded_up() {
        assert_eq!(whole_seconds(Lifetime::from_millis(1)), 1);
        assert_eq!(whole_seconds(Lifetime::from_secs(7200)), 7200);
        assert_eq!(whole_seconds(Lifetime::ZERO), 0);
    }
}
