//! The TLS or DTLS version a session belongs to.

use core::fmt;

/// The version of the protocol a session was made under; it resumes under no other.
///
/// In the order of the standards, each with its number on the wire.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
#[repr(u16)]
pub enum ProtocolVersion {
    /// SSL 3.0 (RFC 6101).
    Ssl30 = 0x0300,
    /// TLS 1.0 (RFC 2246).
    Tls10 = 0x0301,
    /// TLS 1.1 (RFC 4346).
    Tls11 = 0x0302,
    /// TLS 1.2 (RFC 5246).
    Tls12 = 0x0303,
    /// TLS 1.3 (RFC 8446).
    Tls13 = 0x0304,
    /// DTLS 1.0 (RFC 4347).
    Dtls10 = 0xfeff,
    /// DTLS 1.2 (RFC 6347).
    Dtls12 = 0xfefd,
    /// DTLS 1.3 (RFC 9147).
    Dtls13 = 0xfefc,
}

impl ProtocolVersion {
    /// Every version there is a name for.
    pub const ALL: [Self; 8] = [
        Self::Ssl30,
        Self::Tls10,
        Self::Tls11,
        Self::Tls12,
        Self::Tls13,
        Self::Dtls10,
        Self::Dtls12,
        Self::Dtls13,
    ];

    /// The version with this number on the wire, if it has a name here.
    pub const fn from_wire(number: u16) -> Option<Self> {
        Some(match number {
            0x0300 => Self::Ssl30,
            0x0301 => Self::Tls10,
            0x0302 => Self::Tls11,
            0x0303 => Self::Tls12,
            0x0304 => Self::Tls13,
            0xfeff => Self::Dtls10,
            0xfefd => Self::Dtls12,
            0xfefc => Self::Dtls13,
            _ => return None,
        })
    }

    /// Its number on the wire. OpenSSL: `SSL_SESSION_get_protocol_version`.
    pub const fn to_wire(self) -> u16 {
        self as u16
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ssl30 => "SSL 3.0",
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
            Self::Dtls10 => "DTLS 1.0",
            Self::Dtls12 => "DTLS 1.2",
            Self::Dtls13 => "DTLS 1.3",
        })
    }
}
