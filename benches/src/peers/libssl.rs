//! OpenSSL's own internal cache, through the public functions of the system's libssl.
//!
//! What flatters it, and cannot be helped from outside: its lookup by id alone
//! (`SSL_has_matching_session_id`) reads no session and counts no reference, which a real handshake
//! does; `SSL_CTX_remove_session` says only whether there was a session. What burdens it: a session
//! is an `SSL_SESSION`, which each insert has to make, as a handshake does too.
//!
//! The only file outside the map with `unsafe` in it: foreign functions have no safe form.

use std::ffi::{CStr, c_int, c_long, c_uchar, c_uint, c_void};
use std::ptr;

use openssl_sys::{
    SSL, SSL_CTX, SSL_CTX_add_session, SSL_CTX_free, SSL_CTX_new, SSL_CTX_remove_session,
    SSL_CTX_sess_set_cache_size, SSL_CTX_set_session_cache_mode, SSL_SESSION, SSL_SESSION_free,
    SSL_free, SSL_new, TLS_server_method,
};

use super::{Able, Life, Peer};
use crate::ids::Id;

// In OpenSSL's headers, and not in openssl-sys. All are in libssl 1.1.1 and later.
unsafe extern "C" {
    fn SSL_CTX_flush_sessions(ctx: *mut SSL_CTX, now: c_long);
    fn SSL_SESSION_get_time(session: *const SSL_SESSION) -> c_long;
    fn SSL_SESSION_new() -> *mut SSL_SESSION;
    fn SSL_SESSION_set1_id(session: *mut SSL_SESSION, id: *const c_uchar, len: c_uint) -> c_int;
    fn SSL_SESSION_set1_ticket_appdata(
        session: *mut SSL_SESSION,
        data: *const c_void,
        len: usize,
    ) -> c_int;
    fn SSL_SESSION_set_protocol_version(session: *mut SSL_SESSION, version: c_int) -> c_int;
    fn SSL_SESSION_set_timeout(session: *mut SSL_SESSION, seconds: c_long) -> c_long;
    fn SSL_has_matching_session_id(ssl: *const SSL, id: *const c_uchar, len: c_uint) -> c_int;
    fn SSL_version(ssl: *const SSL) -> c_int;
}

/// `SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_AUTO_CLEAR`: flushed when asked to.
const MODE: c_long = 0x0002 | 0x0080;
const HOUR: c_long = 3600;
/// What a lookup says: there is nothing that it could read.
const FOUND: u64 = 1;

/// An `SSL_CTX`, for its session cache.
pub(crate) struct Libssl {
    ctx: *mut SSL_CTX,
    /// Sessions are found by id and protocol version.
    version: c_int,
}

// SAFETY: an SSL_CTX may be used by several threads at once; its session cache has a lock.
unsafe impl Sync for Libssl {}

/// A thread's own connection, which lookups go through, and a session that names what to remove.
pub(crate) struct Local {
    ssl: *mut SSL,
    named: OwnSession,
}

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: made by SSL_new, owned by this value alone.
        unsafe { SSL_free(self.ssl) }
    }
}

/// A reference to an `SSL_SESSION`.
struct OwnSession(*mut SSL_SESSION);

impl OwnSession {
    fn new(version: c_int) -> Self {
        // SAFETY: takes nothing; the result is checked.
        let session = unsafe { SSL_SESSION_new() };
        assert!(!session.is_null(), "OpenSSL has no memory left");
        // SAFETY: a session of ours, not shared yet.
        let set = unsafe { SSL_SESSION_set_protocol_version(session, version) };
        assert_eq!(set, 1, "a session takes any version");
        Self(session)
    }

    fn name(&mut self, id: &Id) {
        // SAFETY: a session of ours that no cache holds; the 32 bytes are copied.
        let set = unsafe { SSL_SESSION_set1_id(self.0, id.as_ptr(), 32) };
        assert_eq!(set, 1, "32 bytes are the longest id that fits");
    }
}

impl Drop for OwnSession {
    fn drop(&mut self) {
        // SAFETY: gives up this value's reference; a cache that holds the session has its own.
        unsafe { SSL_SESSION_free(self.0) }
    }
}

impl Peer for Libssl {
    const NAME: &'static str = "OpenSSL's own";
    const NOTE: &'static str = "one lock; flattered: its lookup and take read no session, \
                                and the flushed ones were stored in the order of expiry";
    const ABLE: Able = Able { overhead: 1100, ..Able::CACHE };

    type Local = Local;

    fn with_capacity(capacity: usize) -> Self {
        // SAFETY: the method is a constant of the library; the result is checked.
        let ctx = unsafe { SSL_CTX_new(TLS_server_method()) };
        assert!(!ctx.is_null(), "OpenSSL makes no context");
        let capacity = c_long::try_from(capacity).unwrap_or(c_long::MAX);
        // SAFETY: a context of ours; both calls set a number. The connection is freed below.
        let ssl = unsafe {
            SSL_CTX_set_session_cache_mode(ctx, MODE);
            SSL_CTX_sess_set_cache_size(ctx, capacity);
            SSL_new(ctx)
        };
        assert!(!ssl.is_null(), "OpenSSL makes no connection");
        // SAFETY: the connection is ours; it is not used after it was freed.
        let version = unsafe {
            let version = SSL_version(ssl);
            SSL_free(ssl);
            version
        };
        Self { ctx, version }
    }

    /// The shorter lives first: the cache keeps a list in the order of expiry, and walks it for each
    /// session that is to be put into its middle. A million of mixed lifetimes would take hours.
    fn filled(capacity: usize, ids: &[Id], payload: &[u8], life: impl Fn(usize) -> Life) -> Self {
        let peer = Self::with_capacity(capacity);
        let mut local = peer.local();
        for wanted in [Life::Short, Life::Long] {
            for (_, id) in ids.iter().enumerate().filter(|(index, _)| life(*index) == wanted) {
                peer.insert(&mut local, id, payload, wanted);
            }
        }
        drop(local);
        peer
    }

    fn local(&self) -> Local {
        // SAFETY: the context lives; the connection takes a reference of its own to it.
        let ssl = unsafe { SSL_new(self.ctx) };
        assert!(!ssl.is_null(), "OpenSSL makes no connection");
        Local { ssl, named: OwnSession::new(self.version) }
    }

    fn get(&self, local: &mut Local, id: &Id) -> Option<u64> {
        // SAFETY: the thread's own connection, made from this context; reads 32 bytes.
        let found = unsafe { SSL_has_matching_session_id(local.ssl, id.as_ptr(), 32) };
        (found == 1).then_some(FOUND)
    }

    fn insert(&self, _local: &mut Local, id: &Id, payload: &[u8], life: Life) -> bool {
        let mut session = OwnSession::new(self.version);
        session.name(id);
        let hours = match life {
            Life::Long => 3,
            Life::Short => 1,
        };
        // SAFETY: a session of ours, not shared yet; the payload is copied. The cache takes a
        // reference of its own.
        unsafe {
            SSL_SESSION_set_timeout(session.0, hours * HOUR);
            let data = payload.as_ptr().cast();
            SSL_SESSION_set1_ticket_appdata(session.0, data, payload.len()) == 1
                && SSL_CTX_add_session(self.ctx, session.0) == 1
        }
    }

    fn take(&self, local: &mut Local, id: &Id) -> Option<u64> {
        local.named.name(id);
        // SAFETY: the named session is the thread's own and stays so: what is removed is the
        // cached one of the same id.
        let removed = unsafe { SSL_CTX_remove_session(self.ctx, local.named.0) };
        (removed == 1).then_some(FOUND)
    }

    fn flush(&self) {
        let made_now = OwnSession::new(self.version);
        // SAFETY: the context lives; the session tells OpenSSL's idea of now.
        unsafe { SSL_CTX_flush_sessions(self.ctx, SSL_SESSION_get_time(made_now.0) + 2 * HOUR) }
    }
}

impl Drop for Libssl {
    fn drop(&mut self) {
        // SAFETY: owned by this value alone; connections have references of their own. Frees the
        // cached sessions too.
        unsafe { SSL_CTX_free(self.ctx) }
        self.ctx = ptr::null_mut();
    }
}

/// What the library that is loaded calls itself.
pub(crate) fn version() -> String {
    // SAFETY: the library answers with a constant string that ends with a zero.
    let text =
        unsafe { CStr::from_ptr(openssl_sys::OpenSSL_version(openssl_sys::OPENSSL_VERSION)) };
    text.to_string_lossy().split(' ').nth(1).unwrap_or("").to_owned()
}
