//! rustls' client sessions as objects of the cache.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use resumption_client::{Content, ReceivedSession};
use resumption_session::{Lifetime, ProtocolVersion, SecretBytes, Session, SessionObject};
use rustls::client::{Tls12ClientSessionValue, Tls13ClientSessionValue};

/// What a session is taken to hold besides its own fields: the server's certificates above all, the
/// ticket, the secret. rustls shows none of it.
const UNSEEN: usize = 2048;

/// A TLS 1.3 ticket. rustls wants it by value while the cache may still hold on to its entry, so that it
/// is taken out; the lock is held for that and nothing else.
struct Tls13Ticket(Mutex<Option<Tls13ClientSessionValue>>);

struct Tls12Session(Tls12ClientSessionValue);

impl SessionObject for Tls13Ticket {
    fn weight(&self) -> usize {
        size_of::<Self>() + UNSEEN
    }

    fn encode(&self) -> Option<SecretBytes> {
        None
    }
}

impl SessionObject for Tls12Session {
    fn weight(&self) -> usize {
        size_of::<Self>() + UNSEEN
    }

    fn encode(&self) -> Option<SecretBytes> {
        None
    }
}

/// A ticket that rustls was given, to live for `lifetime`.
pub(super) fn received_tls13(
    value: Tls13ClientSessionValue,
    lifetime: Lifetime,
) -> ReceivedSession {
    let object = Arc::new(Tls13Ticket(Mutex::new(Some(value))));
    ReceivedSession::new(ProtocolVersion::Tls13, lifetime, Content::Object(object))
}

/// A session of TLS 1.2 that rustls was given, to live for `lifetime`.
pub(super) fn received_tls12(
    value: Tls12ClientSessionValue,
    lifetime: Lifetime,
) -> ReceivedSession {
    let object = Arc::new(Tls12Session(value));
    ReceivedSession::new(ProtocolVersion::Tls12, lifetime, Content::Object(object))
}

/// rustls' ticket in a session of the cache.
pub(super) fn tls13_of(session: &Session) -> Option<Tls13ClientSessionValue> {
    let object: &dyn Any = &**session.object()?;
    let ticket: &Tls13Ticket = object.downcast_ref()?;
    ticket.0.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// rustls' TLS 1.2 session in a session of the cache.
pub(super) fn tls12_of(session: &Session) -> Option<Tls12ClientSessionValue> {
    let object: &dyn Any = &**session.object()?;
    let session: &Tls12Session = object.downcast_ref()?;
    Some(session.0.clone())
}
