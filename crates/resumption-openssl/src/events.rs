//! What libssl reports and asks, and what is done about it.

use std::ffi::{c_int, c_long};
use std::sync::Arc;

use openssl::rand::rand_bytes;
use openssl::ssl::{NameType, SslContextRef, SslOptions, SslRef, SslSession, SslSessionRef};
use openssl::x509::X509Ref;
use resumption_cache::{Role, UncleanClose};
use resumption_session::{
    Lifetime, ProtocolVersion, SessionId, SessionObject, SessionView, Timestamp, Usage,
};

use crate::adapter::Adapter;
use crate::client;
use crate::connection::{Asked, Connection, Stage};
use crate::contain::contain;
use crate::ffi;
use crate::note::{Note, Origin};
use crate::object::{DECODED, OpensslSession, whole_seconds};
use crate::server_name::client_hello_server_name;
use crate::stats::Count;

const HANDSHAKE_START: c_int = 0x10;
pub(crate) const HANDSHAKE_DONE: c_int = 0x20;
pub(crate) const READ_ALERT: c_int = 0x4004;
pub(crate) const WRITE_ALERT: c_int = 0x4008;
const FATAL: c_int = 2;
const CLOSE_NOTIFY: c_int = 0;
const USER_CANCELLED: c_int = 90;

/// Something happened on a connection. OpenSSL: `SSL_CTX_set_info_callback`.
pub(crate) fn info(ssl: &mut SslRef, event: c_int, value: c_int) {
    if !ssl.is_server() {
        client::info(ssl, event, value);
        return;
    }
    match event {
        HANDSHAKE_START => begin(ssl),
        HANDSHAKE_DONE => establish(ssl),
        // Removed when libssl removes it, which is next.
        READ_ALERT if is_fatal(ssl, value) => {
            if let Some(note) = ssl.session().and_then(ffi::note) {
                note.fail();
            }
        }
        // libssl has removed it already and could not say why. The policy for unclean closes may have
        // kept it then.
        WRITE_ALERT if is_fatal(ssl, value) => {
            let adapter = connection(ssl).map(|connection| Arc::clone(&connection.adapter));
            if let (Some(adapter), Some(note)) = (adapter, ssl.session().and_then(ffi::note)) {
                remove(&adapter, note, Count::RemovedByAlert);
            }
        }
        _ => (),
    }
}

/// Whether an alert ends the connection: in TLS 1.3 each does that is no goodbye, whatever it says of
/// itself (RFC 8446, section 6).
pub(crate) fn is_fatal(ssl: &SslRef, value: c_int) -> bool {
    let (level, description) = (value >> 8, value & 0xff);
    level == FATAL
        || ffi::version(ssl) == Some(ProtocolVersion::Tls13)
            && ![CLOSE_NOTIFY, USER_CANCELLED].contains(&description)
}

/// What is remembered of the connection; if it is nothing, it begins here: with whatever comes first.
fn connection(ssl: &mut SslRef) -> Option<&mut Connection> {
    let adapter = Arc::clone(Adapter::of_current(ssl)?);
    Connection::of_or_new(ssl, &adapter).ok()
}

fn begin(ssl: &mut SslRef) {
    let is_first = ssl.peer_finished(&mut []) == 0;
    let Some(connection) = connection(ssl) else { return };
    // libssl pauses to let early data be read, and says that it begins when it goes on.
    if connection.stage == Stage::Paused {
        connection.stage = Stage::Handshake;
    } else {
        connection.begin(is_first);
    }
}

fn establish(ssl: &mut SslRef) {
    if ssl.peer_finished(&mut []) == 0 {
        // The client has not finished yet.
        if let Some(connection) = connection(ssl) {
            connection.stage = Stage::Paused;
        }
        return;
    }
    let current = Adapter::of_current(ssl).map(Arc::clone);
    if let Some(note) = ssl.session().and_then(ffi::note) {
        note.establish();
    }
    if let Some(connection) = connection(ssl) {
        connection.establish(current);
    }
}

/// Whether the session of a full handshake may not be resumed later.
/// OpenSSL: `SSL_CTX_set_not_resumable_session_callback`.
pub(crate) fn not_resumable(ssl: &mut SslRef) -> bool {
    let Some(connection) = connection(ssl) else { return true };
    if !connection.context.cache().mode().stores(Role::Server) {
        return true;
    }
    let adapter = Arc::clone(&connection.adapter);
    let Some(hook) = &adapter.options.not_resumable else { return false };
    let ssl = &*ssl;
    contain(|| hook(ssl)).unwrap_or_else(|| {
        adapter.counters.one(Count::HookPanic);
        true
    })
}

/// What to tell a client of how long a ticket is good for, in seconds.
/// OpenSSL: `SSL_CTX_set_session_ticket_cb`, whose callback runs before each ticket is written.
pub(crate) fn ticket_lifetime(ssl: &mut SslRef) -> Option<c_long> {
    let is_resumed = ssl.session_reused();
    let version = ffi::version(ssl);
    let is_stateless = !ffi::options(ssl).contains(SslOptions::NO_TICKET);
    let connection = connection(ssl)?;
    let now = connection.context.now();
    let lineage = connection.lineage(is_resumed, now);
    let lifetime = whole_seconds(lifetime(connection, version, lineage, now));
    // Zero tells the client not to come back; libssl 3.0 fails to write a stateless ticket that says so.
    Some(if is_stateless { lifetime.max(1) } else { lifetime })
}

/// How long a session lives that is made now, whatever the timeout was when the context was attached.
fn lifetime(
    connection: &Connection,
    version: Option<ProtocolVersion>,
    lineage: Timestamp,
    now: Timestamp,
) -> Lifetime {
    let timeouts = connection.context.timeouts();
    let ends = lineage.saturating_add(timeouts.lineage_cap());
    let lifetime = timeouts.for_new_session().min(ends.saturating_since(now));
    if version == Some(ProtocolVersion::Tls13) {
        lifetime.min(timeouts.tls13_cap())
    } else {
        lifetime
    }
}

/// The id of a session that is being made. OpenSSL: `SSL_CTX_set_generate_session_id`.
pub(crate) fn generate_id(ssl: &mut SslRef) -> Option<SessionId> {
    let version = ffi::version(ssl);
    let context = &connection(ssl)?.context;
    let id = context.generate_id().ok()?;
    let given = id.as_bytes();
    if version != Some(ProtocolVersion::Tls13) || given.len() == SessionId::MAX_LEN {
        return Some(id);
    }
    // As a ticket, libssl knows only ids of 32 bytes. What a generator makes shorter is the beginning.
    let mut padded = [0; SessionId::MAX_LEN];
    let (start, rest) = padded.split_at_mut(given.len());
    start.copy_from_slice(given);
    rand_bytes(rest).ok()?;
    let id = SessionId::from(padded);
    (!context.contains(&id)).then_some(id)
}

/// A session was negotiated. OpenSSL: `SSL_CTX_sess_set_new_cb`.
pub(crate) fn new_session(ssl: &mut SslRef, session: &SslSessionRef) {
    if !ssl.is_server() {
        client::received(ssl, session);
        return;
    }
    let Some(version) = ffi::version(ssl) else { return };
    let is_stateless =
        version == ProtocolVersion::Tls13 && !ffi::options(ssl).contains(SslOptions::NO_TICKET);
    let is_resumed = ssl.session_reused();
    let early_data = ssl.max_early_data() > 0;
    let server_name = ssl.servername_raw(NameType::HOST_NAME).map(<[u8]>::to_vec);
    let certificates = certificates(ssl);
    let current = Adapter::of_current(ssl).map(|adapter| *adapter.context.bytes());
    let Some(connection) = connection(ssl) else { return };
    let adapter = &connection.adapter;
    if is_stateless {
        adapter.counters.one(Count::Stateless);
        return;
    }
    let bytes = connection.context.bytes();
    if !connection.is_own_context && current.is_some_and(|current| current != *bytes) {
        adapter.counters.one(Count::Switched);
        return;
    }
    let Ok(id) = SessionId::new(session.id()) else { return };
    let now = connection.context.now();
    let lineage = connection.lineage(is_resumed, now);
    let lifetime = lifetime(connection, Some(version), lineage, now);
    let copy = OpensslSession::copy_of(session, server_name.as_deref(), lifetime, certificates);
    let Some(copy) = copy else { return };
    let object: Arc<dyn SessionObject> = Arc::new(copy);
    let usage =
        if adapter.is_single_use(version, early_data) { Usage::SingleUse } else { Usage::Reusable };
    let view = SessionView::of_object(&id, bytes, now, lifetime, &object)
        .with_version(Some(version))
        .with_usage(usage)
        .with_authenticated_at(lineage);
    // Refused or not, the handshake goes on, and the cache has counted it.
    let _ = connection.context.insert_negotiated_under(connection.began_in, Role::Server, view);
    let note = Note::new(connection.context.clone(), id, Origin::Own);
    if connection.stage == Stage::Established {
        // In TLS 1.3, the handshake is over before the tickets are written.
        note.establish();
    }
    ffi::set_note(session, note);
}

/// What the peer's certificates take in a session: measured on libssl 3.0.19, those of 380, 887 and 1399
/// bytes take 4628, 4908 and 5938 decoded. Sessions of one handshake share them; the weight does not know.
pub(crate) fn certificates(ssl: &SslRef) -> usize {
    let weight = |certificate: &X509Ref| certificate.to_der().map_or(0, |der| DECODED + der.len());
    let leaf = ssl.peer_certificate().map_or(0, |leaf| weight(&leaf));
    let rest = ssl.peer_cert_chain().map_or(0, |chain| chain.iter().map(weight).sum::<usize>());
    leaf + rest
}

/// A client offers a session. OpenSSL: `SSL_CTX_sess_set_get_cb`.
pub(crate) fn get_session(ssl: &mut SslRef, id: &[u8]) -> Option<SslSession> {
    let asked = Asked {
        version: ffi::version(ssl)?,
        server_name: client_hello_server_name(ssl).map(<[u8]>::to_vec),
        early_data: ssl.max_early_data() > 0,
    };
    connection(ssl)?.look_up(id, &asked)
}

/// libssl gives a session up: after a fatal alert, or when a connection ends that was not closed. It
/// holds no sessions itself, so nothing else is reported here.
/// OpenSSL: `SSL_CTX_sess_set_remove_cb`.
pub(crate) fn remove_session(ctx: &SslContextRef, session: &SslSessionRef) {
    let Some(adapter) = Adapter::of(ctx) else {
        client::given_up(ctx, session);
        return;
    };
    // Without a note, it is none of the cache's.
    let Some(note) = ffi::note(session) else { return };
    if note.has_failed() {
        remove(adapter, note, Count::RemovedByAlert);
        return;
    }
    let removes = match adapter.options.unclean_close {
        UncleanClose::Keep => false,
        UncleanClose::Remove => true,
        UncleanClose::RemoveOwn => note.origin == Origin::Own,
    };
    if removes {
        remove(adapter, note, Count::RemovedByUncleanClose);
    } else {
        adapter.counters.one(Count::KeptAfterUncleanClose);
    }
}

fn remove(adapter: &Adapter, note: &Note, reason: Count) {
    if note.claim_removal() {
        adapter.counters.one(reason);
        note.context.remove(&note.id);
    }
}

/// Whether the session that is being resumed allows early data.
/// OpenSSL: `SSL_CTX_set_allow_early_data_cb`.
pub(crate) fn may_send_early_data(ssl: &mut SslRef) -> bool {
    let Some(id) = ssl.session().map(|session| session.id().to_vec()) else { return false };
    connection(ssl).is_some_and(|connection| connection.may_send_early_data(&id))
}
