//! What the tests have in common.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod draft;
pub(crate) mod random;
pub(crate) mod recorder;
pub(crate) mod rustls_client;

use resumption_hello::{HelloError, HelloReader, Offered, Progress};

/// Reads a flight that comes whole.
pub(crate) fn read(flight: &[u8]) -> Result<HelloReader, HelloError> {
    let mut reader = HelloReader::new();
    match reader.feed(flight)? {
        Progress::Done => reader.client_hello().map(|_| ())?,
        Progress::NeedMore(_) => return Err(HelloError::Incomplete),
    }
    Ok(reader)
}

/// What is offered, with the ids in it.
#[derive(Debug, PartialEq)]
pub(crate) enum Wanted {
    Nothing,
    SessionId(Vec<u8>),
    Ticket,
    Identities(Vec<[u8; 32]>),
}

impl From<Offered<'_>> for Wanted {
    fn from(offered: Offered<'_>) -> Self {
        match offered {
            Offered::Nothing => Self::Nothing,
            Offered::Tls12SessionId(id) => Self::SessionId(id.to_vec()),
            Offered::Tls12Ticket => Self::Ticket,
            Offered::Tls13Identities(ids) => Self::Identities(ids.copied().collect()),
        }
    }
}
