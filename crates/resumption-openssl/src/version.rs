//! Protocol versions by libssl's names.

use openssl::ssl::{SslSessionRef, SslVersion};
use resumption_session::ProtocolVersion;

/// The version of a session.
pub(crate) fn of_session(session: &SslSessionRef) -> Option<ProtocolVersion> {
    Some(match session.protocol_version() {
        SslVersion::SSL3 => ProtocolVersion::Ssl30,
        SslVersion::TLS1 => ProtocolVersion::Tls10,
        SslVersion::TLS1_1 => ProtocolVersion::Tls11,
        SslVersion::TLS1_2 => ProtocolVersion::Tls12,
        SslVersion::TLS1_3 => ProtocolVersion::Tls13,
        SslVersion::DTLS1 => ProtocolVersion::Dtls10,
        SslVersion::DTLS1_2 => ProtocolVersion::Dtls12,
        _ => return None,
    })
}
