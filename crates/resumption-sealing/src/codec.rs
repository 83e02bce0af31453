//! A session as bytes and back: bounded, versioned, and one form only for each session.
//!
//! ```text
//! 1 | usage: 1 byte | TLS version: 2, or 0 | created: 8 | lifetime: 8 | authenticated: 8
//!   | context: length 1, bytes | id: length 1, bytes | payload: length 4, bytes
//! ```
//! Numbers are big-endian, times are nanoseconds since the Unix epoch. The payload is the TLS stack's own
//! encoding, which this crate does not look into.
//!
//! What comes out is a secret in clear: it is for a seal, never for a store.

use core::fmt;

use resumption_session::{
    Lifetime, ProtocolVersion, SecretBytes, Session, SessionId, SessionIdContext, SessionView,
    Timestamp, Usage,
};

use crate::bytes::{Reader, put_short};

/// The longest payload, in bytes. A session with a chain of client certificates has a few thousand.
pub const MAX_PAYLOAD: usize = 1 << 16;

/// The bytes of an encoded session beside its payload, at most.
pub const MAX_OVERHEAD: usize = 34 + SessionIdContext::MAX_LEN + SessionId::MAX_LEN;

const FORMAT: u8 = 1;

const REUSABLE: u8 = 0;
const SINGLE_USE: u8 = 1;

/// Why a session has no encoded form: it stays in the process.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EncodeError {
    /// It is an object of a TLS stack that has no form outside the process.
    NotPortable,
    /// It must not be resumed.
    NotResumable,
    /// Its payload exceeds [`MAX_PAYLOAD`].
    TooLong {
        /// How many bytes the payload has.
        len: usize,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPortable => f.write_str("the session has no form outside its process"),
            Self::NotResumable => f.write_str("the session must not be resumed"),
            Self::TooLong { len } => {
                write!(f, "a payload of {len} bytes, {MAX_PAYLOAD} is the most")
            }
        }
    }
}

impl core::error::Error for EncodeError {}

/// Why some bytes are no session. Behind a seal: somebody with the keys wrote them by other rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DecodeError {
    /// A field has a value that it cannot have.
    Field(&'static str),
    /// There are fewer bytes than the fields need, or more.
    Length,
    /// They are of a format that this version does not know.
    UnknownFormat(u8),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, "no session: {name} has a value that it cannot have"),
            Self::Length => f.write_str("no session: its length is not that of its fields"),
            Self::UnknownFormat(format) => write!(f, "a session in the unknown format {format}"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// The session as bytes. A session that is an object of its TLS stack is encoded by that.
///
/// # Errors
/// [`EncodeError`].
pub fn encode(session: &SessionView<'_>) -> Result<SecretBytes, EncodeError> {
    if !session.is_resumable() {
        return Err(EncodeError::NotResumable);
    }
    let payload = session.encode().ok_or(EncodeError::NotPortable)?;
    let len = payload.len();
    let length = match u32::try_from(len) {
        Ok(length) if len <= MAX_PAYLOAD => length,
        _ => return Err(EncodeError::TooLong { len }),
    };
    // All at once: what a vector leaves behind when it grows is not wiped.
    let mut out = Vec::with_capacity(MAX_OVERHEAD + len);
    out.push(FORMAT);
    out.push(match session.usage() {
        Usage::Reusable => REUSABLE,
        Usage::SingleUse => SINGLE_USE,
    });
    let version = session.version().map_or(0, ProtocolVersion::to_wire);
    out.extend_from_slice(&version.to_be_bytes());
    for nanos in [
        session.created().as_nanos(),
        session.lifetime().as_nanos(),
        session.authenticated_at().as_nanos(),
    ] {
        out.extend_from_slice(&nanos.to_be_bytes());
    }
    put_short(&mut out, session.context().as_bytes());
    put_short(&mut out, session.id().as_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(payload.expose());
    Ok(SecretBytes::new(out))
}

/// The session that these bytes are; its secret is its payload, never an object.
///
/// # Errors
/// [`DecodeError`].
/// # Cost
/// One allocation, of the payload's length, and no more whatever the bytes say.
pub fn decode(bytes: &[u8]) -> Result<Session, DecodeError> {
    let mut fields = Reader::new(bytes);
    let format = fields.u8().ok_or(DecodeError::Length)?;
    if format != FORMAT {
        return Err(DecodeError::UnknownFormat(format));
    }
    let session = read(&mut fields)?;
    if fields.is_empty() { Ok(session) } else { Err(DecodeError::Length) }
}

fn read(fields: &mut Reader<'_>) -> Result<Session, DecodeError> {
    let usage = match fields.u8().ok_or(DecodeError::Length)? {
        REUSABLE => Usage::Reusable,
        SINGLE_USE => Usage::SingleUse,
        _ => return Err(DecodeError::Field("usage")),
    };
    let version = match fields.u16().ok_or(DecodeError::Length)? {
        0 => None,
        number => {
            Some(ProtocolVersion::from_wire(number).ok_or(DecodeError::Field("TLS version"))?)
        }
    };
    let mut time = || fields.u64().ok_or(DecodeError::Length);
    let created = Timestamp::from_nanos(time()?);
    let lifetime = Lifetime::from_nanos(time()?);
    let authenticated_at = Timestamp::from_nanos(time()?);
    let context = fields.short().ok_or(DecodeError::Length)?;
    let context = SessionIdContext::new(context).map_err(|_| DecodeError::Field("context"))?;
    let id = fields.short().ok_or(DecodeError::Length)?;
    let id = SessionId::new(id).map_err(|_| DecodeError::Field("id"))?;
    let length = fields.u32().ok_or(DecodeError::Length)?;
    let length = usize::try_from(length).map_err(|_| DecodeError::Field("payload"))?;
    if length > MAX_PAYLOAD {
        return Err(DecodeError::Field("payload"));
    }
    // Bounded by what is there before anything is allocated.
    let payload = fields.bytes(length).ok_or(DecodeError::Length)?;
    let session = Session::new(id, context, created, lifetime, SecretBytes::new(payload.to_vec()))
        .with_usage(usage)
        .with_authenticated_at(authenticated_at);
    Ok(match version {
        Some(version) => session.with_version(version),
        None => session,
    })
}
