//! Why some bytes are no `ClientHello`.

use core::fmt;

/// Why a connection's first bytes are not a `ClientHello` that can be read: the peer's fault, except for
/// [`HelloError::Incomplete`].
///
/// None of them needs to end the connection: the TLS stack, given the same bytes, knows which alert to
/// send.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum HelloError {
    /// The message was asked for before it was whole: the caller's fault.
    Incomplete,
    /// It is TLS, but breaks the rules of RFC 8446 or RFC 5246 where this parser reads.
    Malformed,
    /// It is TLS, but begins with something else than a `ClientHello`.
    NotClientHello,
    /// It is another protocol: plain HTTP on a TLS port, mostly.
    NotTls,
    /// It is longer than 64 KiB, or cut into so many records that their headers are.
    TooLarge,
}

impl fmt::Display for HelloError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Incomplete => "the ClientHello is not whole yet",
            Self::Malformed => "the ClientHello is malformed",
            Self::NotClientHello => "the first message is no ClientHello",
            Self::NotTls => "the first bytes are not TLS",
            Self::TooLarge => "the ClientHello is larger than 64 KiB",
        })
    }
}

impl core::error::Error for HelloError {}
