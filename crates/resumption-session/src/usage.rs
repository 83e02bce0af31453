//! How often a session may be resumed.

/// How often a session may be resumed.
///
/// Source: `SSL_SESSION_should_be_single_use`, in Google's fork of OpenSSL.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Usage {
    /// Any number of times until it expires: TLS 1.2 session ids.
    #[default]
    Reusable,
    /// Once: stateful TLS 1.3 tickets (RFC 8446, sections 8.1 and C.4). Handed out by `take` only.
    SingleUse,
}
