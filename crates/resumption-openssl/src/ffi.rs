//! What `openssl` has no safe form for: a few functions of libssl, and the callbacks that it calls.
//!
//! The only file of this crate with `unsafe` in it. It is safe to use; what libssl calls ends in
//! [`crate::events`]. All functions are in libssl 3.0 and still in 4.0.

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};
use std::ptr;
use std::sync::OnceLock;

use foreign_types::{ForeignType, ForeignTypeRef};
use openssl::error::ErrorStack;
use openssl::ssl::{
    SslCipher, SslContextBuilder, SslContextRef, SslOptions, SslRef, SslSession, SslSessionRef,
};
use openssl::stack::StackRef;
use openssl::x509::X509;
use openssl_sys::{
    CRYPTO_EX_DATA, CRYPTO_get_ex_new_index, GEN_SESSION_CB, SSL, SSL_CTX, SSL_CTX_ctrl,
    SSL_CTX_sess_set_get_cb, SSL_CTX_sess_set_new_cb, SSL_CTX_sess_set_remove_cb, SSL_SESSION,
    SSL_client_hello_get0_ext, SSL_version, stack_st_SSL_CIPHER,
};
use resumption_session::ProtocolVersion;

use crate::contain::contain;
use crate::events;
use crate::note::Note;

// In OpenSSL's headers, and not in openssl-sys.
unsafe extern "C" {
    fn SSL_CTX_get_ciphers(ctx: *const SSL_CTX) -> *mut stack_st_SSL_CIPHER;
    // Pointers to functions, which are only compared.
    fn SSL_CTX_get_info_callback(ctx: *mut SSL_CTX) -> *const c_void;
    fn SSL_CTX_sess_get_get_cb(ctx: *mut SSL_CTX) -> *const c_void;
    fn SSL_CTX_sess_get_new_cb(ctx: *mut SSL_CTX) -> *const c_void;
    fn SSL_CTX_sess_get_remove_cb(ctx: *mut SSL_CTX) -> *const c_void;
    fn SSL_CTX_set_generate_session_id(ctx: *mut SSL_CTX, callback: GEN_SESSION_CB) -> c_int;
    fn SSL_CTX_set_info_callback(
        ctx: *mut SSL_CTX,
        callback: Option<unsafe extern "C" fn(*mut SSL, c_int, c_int)>,
    );
    fn SSL_CTX_set_not_resumable_session_callback(
        ctx: *mut SSL_CTX,
        callback: Option<unsafe extern "C" fn(*mut SSL, c_int) -> c_int>,
    );
    fn SSL_CTX_set_session_ticket_cb(
        ctx: *mut SSL_CTX,
        generate: Option<unsafe extern "C" fn(*mut SSL, *mut c_void) -> c_int>,
        decrypt: *mut c_void,
        argument: *mut c_void,
    ) -> c_int;
    fn SSL_CTX_set_allow_early_data_cb(
        ctx: *mut SSL_CTX,
        callback: Option<unsafe extern "C" fn(*mut SSL, *mut c_void) -> c_int>,
        argument: *mut c_void,
    );
    fn SSL_CTX_set_timeout(ctx: *mut SSL_CTX, seconds: c_long) -> c_long;
    fn SSL_SESSION_dup(session: *const SSL_SESSION) -> *mut SSL_SESSION;
    fn SSL_SESSION_get0_hostname(session: *const SSL_SESSION) -> *const c_char;
    fn SSL_SESSION_get0_id_context(session: *const SSL_SESSION, len: *mut c_uint)
    -> *const c_uchar;
    fn SSL_SESSION_get_ex_data(session: *const SSL_SESSION, index: c_int) -> *mut c_void;
    fn SSL_SESSION_get_ticket_lifetime_hint(session: *const SSL_SESSION) -> c_ulong;
    fn SSL_SESSION_set1_hostname(session: *mut SSL_SESSION, name: *const c_char) -> c_int;
    fn SSL_SESSION_set_ex_data(session: *mut SSL_SESSION, index: c_int, data: *mut c_void)
    -> c_int;
    fn SSL_SESSION_set_timeout(session: *mut SSL_SESSION, seconds: c_long) -> c_long;
    fn SSL_get_options(ssl: *const SSL) -> u64;
    fn SSL_get_session(ssl: *const SSL) -> *mut SSL_SESSION;
    fn SSL_set_session_id_context(ssl: *mut SSL, context: *const c_uchar, len: c_uint) -> c_int;
}

const SSL_CTRL_SET_SESS_CACHE_MODE: c_int = 44;
/// `SERVER | NO_AUTO_CLEAR | NO_INTERNAL`: libssl asks and tells us, and keeps nothing itself.
const BYPASSED: c_long = 0x0002 | 0x0080 | 0x0300;
const SSL_CTRL_SELECT_CURRENT_CERT: c_int = 116;
const SSL_CTRL_SET_CURRENT_CERT: c_int = 117;
const SSL_CERT_SET_FIRST: c_long = 1;
const SSL_CERT_SET_NEXT: c_long = 2;
const CRYPTO_EX_INDEX_SSL_SESSION: c_int = 2;

/// Which callback of a context is somebody else's already.
pub(crate) fn callback_taken(builder: &SslContextBuilder) -> Option<&'static str> {
    let ctx = builder.as_ptr();
    // SAFETY: the builder owns the context, which lives through the calls; they only read pointers.
    let taken = unsafe {
        [
            ("new", SSL_CTX_sess_get_new_cb(ctx)),
            ("get", SSL_CTX_sess_get_get_cb(ctx)),
            ("remove", SSL_CTX_sess_get_remove_cb(ctx)),
            ("info", SSL_CTX_get_info_callback(ctx)),
        ]
    };
    taken.iter().find(|(_, callback)| !callback.is_null()).map(|(name, _)| *name)
}

/// What a builder builds, to be read before it is built.
pub(crate) fn as_context(builder: &SslContextBuilder) -> &SslContextRef {
    // SAFETY: the builder owns the context, which is not changed as long as the builder is borrowed.
    unsafe { SslContextRef::from_ptr(builder.as_ptr()) }
}

/// The ciphers of a context, those of TLS 1.3 included.
pub(crate) fn ciphers(context: &SslContextRef) -> Option<&StackRef<SslCipher>> {
    // SAFETY: a context that is alive; the list is its own, and not changed as long as it is borrowed.
    unsafe {
        let list = SSL_CTX_get_ciphers(context.as_ptr());
        (!list.is_null()).then(|| StackRef::from_ptr(list))
    }
}

/// The certificates of a context, one for each kind of key that it has.
pub(crate) fn certificates(builder: &mut SslContextBuilder) -> Vec<X509> {
    let ctx = builder.as_ptr();
    let current = as_context(builder).certificate().map(ToOwned::to_owned);
    let mut certificates = Vec::new();
    let mut place = SSL_CERT_SET_FIRST;
    // SAFETY: the builder owns the context and is borrowed alone; the call makes another of its
    // certificates the current one, and fails when there is none.
    while unsafe { SSL_CTX_ctrl(ctx, SSL_CTRL_SET_CURRENT_CERT, place, ptr::null_mut()) } == 1 {
        certificates.extend(as_context(builder).certificate().map(ToOwned::to_owned));
        place = SSL_CERT_SET_NEXT;
    }
    if let Some(current) = current {
        // SAFETY: as above; the certificate lives through the call, which compares it with the context's.
        unsafe { SSL_CTX_ctrl(ctx, SSL_CTRL_SELECT_CURRENT_CERT, 0, current.as_ptr().cast()) };
    }
    certificates
}

/// Makes libssl ask [`events`] for its sessions, keep none of its own, and let new ones live for so many
/// seconds.
pub(crate) fn install(builder: &mut SslContextBuilder, seconds: c_long) {
    let ctx = builder.as_ptr();
    // SAFETY: the builder owns the context and is borrowed alone, so no connection of it exists that
    // could call back meanwhile. The functions are `extern "C"` with the types of OpenSSL's headers,
    // live as long as the program, and let no panic out.
    unsafe {
        SSL_CTX_ctrl(ctx, SSL_CTRL_SET_SESS_CACHE_MODE, BYPASSED, ptr::null_mut());
        SSL_CTX_set_timeout(ctx, seconds);
        SSL_CTX_set_generate_session_id(ctx, Some(on_generate_id));
        SSL_CTX_sess_set_new_cb(ctx, Some(on_new));
        SSL_CTX_sess_set_get_cb(ctx, Some(on_get));
        SSL_CTX_sess_set_remove_cb(ctx, Some(on_remove));
        SSL_CTX_set_info_callback(ctx, Some(on_info));
        SSL_CTX_set_not_resumable_session_callback(ctx, Some(on_not_resumable));
        SSL_CTX_set_allow_early_data_cb(ctx, Some(on_early_data), ptr::null_mut());
        // Without a decrypting half, tickets are decrypted as ever.
        SSL_CTX_set_session_ticket_cb(ctx, Some(on_ticket), ptr::null_mut(), ptr::null_mut());
    }
}

/// The options of a connection, which may differ from its context's.
pub(crate) fn options(ssl: &SslRef) -> SslOptions {
    // SAFETY: a connection that is alive; the call reads a number.
    SslOptions::from_bits_retain(unsafe { SSL_get_options(ssl.as_ptr()) })
}

/// The version of a connection.
pub(crate) fn version(ssl: &SslRef) -> Option<ProtocolVersion> {
    // SAFETY: a connection that is alive; the call reads a number.
    let version = unsafe { SSL_version(ssl.as_ptr()) };
    u16::try_from(version).ok().and_then(ProtocolVersion::from_wire)
}

/// How long the server said that a client's session lives, in seconds; zero if it said nothing, or that.
pub(crate) fn lifetime_hint(session: &SslSessionRef) -> c_ulong {
    // SAFETY: a session that is alive; the call reads a number.
    unsafe { SSL_SESSION_get_ticket_lifetime_hint(session.as_ptr()) }
}

/// Sets the session id context of one connection.
pub(crate) fn set_id_context(ssl: &mut SslRef, context: &[u8]) -> Result<(), ErrorStack> {
    let len = c_uint::try_from(context.len()).unwrap_or(c_uint::MAX);
    // SAFETY: a connection that is alive and borrowed alone; the bytes are copied.
    let set = unsafe { SSL_set_session_id_context(ssl.as_ptr(), context.as_ptr(), len) };
    if set == 1 { Ok(()) } else { Err(ErrorStack::get()) }
}

/// The body of the extension of this number in the `ClientHello` that is being read, if one is.
pub(crate) fn hello_extension(ssl: &SslRef, number: u16) -> Option<&[u8]> {
    let (mut body, mut len) = (ptr::null(), 0);
    // SAFETY: a connection that is alive. Where no ClientHello is being read, the call fails. Otherwise it
    // fills both in, and the bytes lie in libssl's copy of the ClientHello, which lives until the connection
    // goes on with its handshake; for that the borrow of `ssl` has to end.
    unsafe {
        let ssl = ssl.as_ptr();
        let found = SSL_client_hello_get0_ext(ssl, number.into(), &raw mut body, &raw mut len);
        (found == 1 && !body.is_null()).then(|| std::slice::from_raw_parts(body, len))
    }
}

/// A second session object with the same content, which no one else knows of.
pub(crate) fn duplicate(session: &SslSessionRef) -> Option<SslSession> {
    // SAFETY: a session that is alive; nobody changes what is duplicated, see `SessionObject`.
    let copy = unsafe { SSL_SESSION_dup(session.as_ptr()) };
    // SAFETY: if it is not null, its one reference is ours.
    (!copy.is_null()).then(|| unsafe { SslSession::from_ptr(copy) })
}

/// Makes a client offer a duplicate of a session.
pub(crate) fn set_session(ssl: &mut SslRef, session: &SslSessionRef) -> Result<(), ErrorStack> {
    let session = duplicate(session).ok_or_else(ErrorStack::get)?;
    // SAFETY: libssl asks that the session is in no other context's cache: a duplicate is in none. The
    // connection takes a reference of its own.
    unsafe { ssl.set_session(&session) }
}

/// How long libssl shall take a session to live, in seconds. `session` is to be private: not in any
/// libssl cache, and no other thread's.
pub(crate) fn set_timeout(session: &mut SslSession, seconds: c_long) {
    // SAFETY: the session is alive, and nobody else's by the argument's contract.
    unsafe { SSL_SESSION_set_timeout(session.as_ptr(), seconds) };
}

/// Names the server that a private session was made for; no name is none.
pub(crate) fn set_server_name(session: &mut SslSession, name: Option<&CString>) -> bool {
    let name = name.map_or(ptr::null(), |name| name.as_ptr());
    // SAFETY: the session is alive and private; the name ends with a zero and is copied.
    unsafe { SSL_SESSION_set1_hostname(session.as_ptr(), name) == 1 }
}

/// The server that a session was made for.
pub(crate) fn server_name(session: &SslSessionRef) -> Option<&[u8]> {
    // SAFETY: a session that is alive; the name ends with a zero, and is not changed as long as the
    // session is shared.
    unsafe {
        let name = SSL_SESSION_get0_hostname(session.as_ptr());
        (!name.is_null()).then(|| CStr::from_ptr(name).to_bytes())
    }
}

/// The session id context of a session.
pub(crate) fn id_context(session: &SslSessionRef) -> &[u8] {
    let mut len = 0;
    // SAFETY: a session that is alive; the bytes lie in it, and libssl says how many there are.
    unsafe {
        let bytes = SSL_SESSION_get0_id_context(session.as_ptr(), &raw mut len);
        std::slice::from_raw_parts(bytes, usize::try_from(len).unwrap_or(0))
    }
}

/// The note on a session of a connection.
pub(crate) fn note(session: &SslSessionRef) -> Option<&Note> {
    let index = note_index()?;
    // SAFETY: under this index lies nothing, or what `set_note` put there: a note that lives as long
    // as the session, and is never replaced.
    unsafe { SSL_SESSION_get_ex_data(session.as_ptr(), index).cast::<Note>().as_ref() }
}

/// Leaves a note on the session of a connection whose handshake is under way on this thread. A note
/// that is there stays.
pub(crate) fn set_note(session: &SslSessionRef, note: Note) {
    let Some(index) = note_index() else { return };
    if self::note(session).is_some() {
        return;
    }
    let note = Box::into_raw(Box::new(note));
    // SAFETY: the session is alive, and while its handshake is under way no other thread uses it. If
    // the call succeeds, `free_note` frees the note; if not, nobody but us knows of it.
    unsafe {
        if SSL_SESSION_set_ex_data(session.as_ptr(), index, note.cast()) != 1 {
            drop(Box::from_raw(note));
        }
    }
}

fn note_index() -> Option<c_int> {
    static INDEX: OnceLock<c_int> = OnceLock::new();
    let index = *INDEX.get_or_init(|| {
        openssl_sys::init();
        // SAFETY: the two functions have the types of OpenSSL's headers and live as long as the program.
        unsafe {
            CRYPTO_get_ex_new_index(
                CRYPTO_EX_INDEX_SSL_SESSION,
                0,
                ptr::null_mut(),
                None,
                Some(forget_note),
                Some(free_note),
            )
        }
    });
    (index >= 0).then_some(index)
}

/// A duplicate of a session has no note: it is another session.
unsafe extern "C" fn forget_note(
    _to: *mut CRYPTO_EX_DATA,
    _from: *const CRYPTO_EX_DATA,
    data: *mut *mut c_void,
    _index: c_int,
    _number: c_long,
    _argument: *mut c_void,
) -> c_int {
    // SAFETY: libssl passes the place that holds what the duplicate is to get.
    unsafe { *data = ptr::null_mut() };
    1
}

unsafe extern "C" fn free_note(
    _session: *mut c_void,
    note: *mut c_void,
    _data: *mut CRYPTO_EX_DATA,
    _index: c_int,
    _number: c_long,
    _argument: *mut c_void,
) {
    if !note.is_null() {
        // SAFETY: `set_note` made it, and the session that had it is going away.
        contain(|| drop(unsafe { Box::from_raw(note.cast::<Note>()) }));
    }
}

// In all of the following: libssl passes the connection, the context or the session that it is working
// on, alive for the duration of the call and, as far as a connection goes, used by this thread alone.

// Where its headers say `const SSL *`, it has the same pointer for others to change.

unsafe extern "C" fn on_info(ssl: *mut SSL, event: c_int, value: c_int) {
    // SAFETY: see above.
    let ssl = unsafe { SslRef::from_ptr_mut(ssl) };
    contain(|| events::info(ssl, event, value));
}

unsafe extern "C" fn on_new(ssl: *mut SSL, session: *mut SSL_SESSION) -> c_int {
    // SAFETY: see above.
    let (ssl, session) = unsafe { (SslRef::from_ptr_mut(ssl), SslSessionRef::from_ptr(session)) };
    contain(|| events::new_session(ssl, session));
    // The reference that libssl holds out stays with it: the cache has a duplicate.
    0
}

unsafe extern "C" fn on_generate_id(ssl: *const SSL, to: *mut c_uchar, len: *mut c_uint) -> c_int {
    // SAFETY: see above.
    let id = contain(|| events::generate_id(unsafe { SslRef::from_ptr_mut(ssl.cast_mut()) }));
    let Some(id) = id.flatten() else { return 0 };
    let bytes = id.as_bytes();
    // SAFETY: libssl passes the place of a session's id, which has 32 bytes, and the place of its length.
    unsafe {
        ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
        *len = c_uint::try_from(bytes.len()).unwrap_or(0);
    }
    1
}

unsafe extern "C" fn on_get(
    ssl: *mut SSL,
    id: *const c_uchar,
    len: c_int,
    copy: *mut c_int,
) -> *mut SSL_SESSION {
    let Some(len) = usize::try_from(len).ok().filter(|_| !id.is_null()) else {
        return ptr::null_mut();
    };
    // SAFETY: see above; libssl says how many bytes the id has.
    let (ssl, id) = unsafe { (SslRef::from_ptr_mut(ssl), std::slice::from_raw_parts(id, len)) };
    let Some(found) = contain(|| events::get_session(ssl, id)).flatten() else {
        return ptr::null_mut();
    };
    // SAFETY: libssl passes a place for the answer: zero says that our one reference is its own now.
    unsafe { *copy = 0 };
    let session = found.as_ptr();
    std::mem::forget(found);
    session
}

unsafe extern "C" fn on_remove(ctx: *mut SSL_CTX, session: *mut SSL_SESSION) {
    // SAFETY: see above.
    let (ctx, session) =
        unsafe { (SslContextRef::from_ptr(ctx), SslSessionRef::from_ptr(session)) };
    contain(|| events::remove_session(ctx, session));
}

unsafe extern "C" fn on_not_resumable(ssl: *mut SSL, _forward_secure: c_int) -> c_int {
    // SAFETY: see above.
    let ssl = unsafe { SslRef::from_ptr_mut(ssl) };
    c_int::from(contain(|| events::not_resumable(ssl)).unwrap_or(true))
}

unsafe extern "C" fn on_early_data(ssl: *mut SSL, _argument: *mut c_void) -> c_int {
    // SAFETY: see above.
    let ssl = unsafe { SslRef::from_ptr_mut(ssl) };
    c_int::from(contain(|| events::may_send_early_data(ssl)).unwrap_or(false))
}

unsafe extern "C" fn on_ticket(ssl: *mut SSL, _argument: *mut c_void) -> c_int {
    // SAFETY: see above.
    // SAFETY: see above.
    let seconds = contain(|| events::ticket_lifetime(unsafe { SslRef::from_ptr_mut(ssl) }));
    if let Some(seconds) = seconds.flatten() {
        // SAFETY: the connection's session is the one that the ticket is for; it is in no cache of
        // libssl's, and its handshake is under way on this thread.
        unsafe { SSL_SESSION_set_timeout(SSL_get_session(ssl), seconds) };
    }
    1
}
