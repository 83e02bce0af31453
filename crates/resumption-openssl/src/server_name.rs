//! The server name that a `ClientHello` asks for (RFC 6066, section 3).

use openssl::ssl::SslRef;

use crate::ffi;

/// The number of the extension.
const SERVER_NAME: u16 = 0;

/// The server name in the `ClientHello` that is being read: for a client hello callback, where
/// [`SslRef::servername`] is not filled in yet.
///
/// `None` if it has none, or if no `ClientHello` is being read. Compare it without regard to case.
///
/// OpenSSL: `SSL_client_hello_get0_ext`.
pub fn client_hello_server_name(ssl: &SslRef) -> Option<&[u8]> {
    host_name(ffi::hello_extension(ssl, SERVER_NAME)?)
}

/// Whether these are the same server, or both none.
pub(crate) fn are_same(one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (None, None) => true,
        _ => false,
    }
}

/// The host name in the body of a `server_name` extension.
fn host_name(body: &[u8]) -> Option<&[u8]> {
    const HOST_NAME: u8 = 0;
    /// libssl refuses longer ones.
    const LONGEST: usize = 255;
    let list = prefixed(body)?;
    let name = prefixed(list.strip_prefix(&[HOST_NAME])?)?;
    (1..=LONGEST).contains(&name.len()).then_some(name)
}

/// What follows its own length in two bytes.
fn prefixed(bytes: &[u8]) -> Option<&[u8]> {
    let (len, rest) = bytes.split_first_chunk()?;
    rest.get(..usize::from(u16::from_be_bytes(*len)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_name_is_found_and_nothing_else_is() {
        assert_eq!(host_name(b"\x00\x06\x00\x00\x03a.b"), Some(&b"a.b"[..]));
        for broken in [
            &b""[..],
            b"\x00",
            b"\x00\x03\x00\x00\x00",
            b"\x00\x06\x01\x00\x03a.b",
            b"\x00\x06\x00\x00\x09a.b",
        ] {
            assert_eq!(host_name(broken), None);
        }
    }

    #[test]
    fn a_name_that_no_host_can_have_is_none() {
        let extension = |len: u8| {
            let name = vec![b'a'; usize::from(len) + 1];
            let lengths = [u16::from(len) + 4, u16::from(len) + 1].map(u16::to_be_bytes);
            [&lengths[0][..], &[0], &lengths[1], &name].concat()
        };
        assert_eq!(host_name(&extension(254)).map(<[u8]>::len), Some(255));
        assert_eq!(host_name(&extension(255)), None);
    }

    #[test]
    fn names_differ_by_more_than_case() {
        assert!(are_same(Some(b"Example.org"), Some(b"example.ORG")));
        assert!(are_same(None, None));
        assert!(!are_same(Some(b"example.org"), None));
        assert!(!are_same(Some(b"example.org"), Some(b"example.com")));
    }
}
