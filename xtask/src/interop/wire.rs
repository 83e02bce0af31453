//! What a handshake shows to whoever watches the wire: both hellos are in clear.
//!
//! Neither the client nor the server is asked how a handshake went: a pre-shared key that the server
//! selects (RFC 8446, section 4.2.11), or a session id that it repeats (RFC 5246, section 7.4.1.3), is a
//! resumption, and nothing else is.

/// One connection, as far as it has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The server name that the client asked for.
    pub(crate) name: Option<String>,
    /// Whether the client offered a session.
    pub(crate) offered: bool,
    /// Whether the server asked for another `ClientHello`.
    pub(crate) retried: bool,
    /// What the server answered; nothing before its `ServerHello`.
    pub(crate) answer: Option<Answer>,
}

/// A `ServerHello`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) version: Version,
    pub(crate) resumed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Tls12,
    Tls13,
}

/// Follows one connection.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    client: Hellos,
    server: Hellos,
    session_id: Vec<u8>,
    seen: Seen,
}

impl Wire {
    pub(crate) fn client_says(&mut self, bytes: &[u8]) {
        for hello in self.client.take(bytes, CLIENT_HELLO) {
            self.client_hello(&hello);
        }
    }

    pub(crate) fn server_says(&mut self, bytes: &[u8]) {
        for hello in self.server.take(bytes, SERVER_HELLO) {
            self.server_hello(&hello);
        }
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Of two, the last counts: a client may take an offer back.
    fn client_hello(&mut self, hello: &[u8]) -> Option<()> {
        let mut fields = Fields(hello);
        fields.skip(2 + 32)?;
        let session_id = fields.vector8()?.to_vec();
        let _suites = fields.vector16()?;
        let _compression = fields.vector8()?;
        let extensions = extensions(fields);
        let find =
            |kind| extensions.iter().find(|(known, _)| *known == kind).map(|(_, data)| *data);
        // A client that speaks TLS 1.3 makes up a session id (RFC 8446, appendix D.4).
        let tls13 = find(SUPPORTED_VERSIONS).is_some_and(lists_tls13);
        self.seen.offered = find(PRE_SHARED_KEY).is_some() || (!tls13 && !session_id.is_empty());
        self.seen.name = find(SERVER_NAME).and_then(server_name);
        self.session_id = session_id;
        Some(())
    }

    fn server_hello(&mut self, hello: &[u8]) -> Option<()> {
        let mut fields = Fields(hello);
        fields.skip(2)?;
        if fields.bytes(32)? == RETRY {
            self.seen.retried = true;
            return Some(());
        }
        let session_id = fields.vector8()?;
        fields.skip(2 + 1)?;
        let extensions = extensions(fields);
        let has = |kind| extensions.iter().any(|(known, _)| *known == kind);
        let answer = if has(SUPPORTED_VERSIONS) {
            Answer { version: Version::Tls13, resumed: has(PRE_SHARED_KEY) }
        } else {
            let resumed = !session_id.is_empty() && session_id == self.session_id;
            Answer { version: Version::Tls12, resumed }
        };
        self.seen.answer.get_or_insert(answer);
        Some(())
    }
}

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const SERVER_NAME: u16 = 0;
const PRE_SHARED_KEY: u16 = 41;
const SUPPORTED_VERSIONS: u16 = 43;

/// The random value of a `HelloRetryRequest` (RFC 8446, section 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// The hellos of one direction, out of records that may hold any part of them.
#[derive(Debug, Default)]
struct Hellos {
    records: Vec<u8>,
    messages: Vec<u8>,
    over: bool,
}

const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;

impl Hellos {
    /// Takes further bytes, and gives the bodies of the messages of type `hello` that are complete.
    /// Nothing any more once something else has come.
    fn take(&mut self, bytes: &[u8], hello: u8) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        if self.over {
            return found;
        }
        self.records.extend_from_slice(bytes);
        while let [kind, _, _, high, low, rest @ ..] = &self.records[..] {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let Some(body) = rest.get(..length) else { break };
            match *kind {
                HANDSHAKE => self.messages.extend_from_slice(body),
                // Also between a first ClientHello and a second (RFC 8446, appendix D.4).
                CHANGE_CIPHER_SPEC => {}
                _ => self.over = true,
            }
            self.records.drain(..5 + length);
        }
        while let [kind, high, middle, low, rest @ ..] = &self.messages[..] {
            let length = u32::from_be_bytes([0, *high, *middle, *low]) as usize;
            let Some(body) = rest.get(..length) else { break };
            if *kind != hello {
                self.over = true;
                break;
            }
            found.push(body.to_vec());
            self.messages.drain(..4 + length);
        }
        found
    }
}

/// A cursor over a hello. `None` where it ends too early.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.bytes(length).map(drop)
    }

    fn number16(&mut self) -> Option<u16> {
        self.bytes(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn vector8(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(*self.bytes(1)?.first()?);
        self.bytes(length)
    }

    fn vector16(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.number16()?);
        self.bytes(length)
    }
}

/// The extensions at the end of a hello; none where it ends without.
fn extensions(mut hello: Fields<'_>) -> Vec<(u16, &[u8])> {
    let mut fields = Fields(hello.vector16().unwrap_or_default());
    let mut found = Vec::new();
    while let Some(extension) = fields.number16().and_then(|kind| Some((kind, fields.vector16()?)))
    {
        found.push(extension);
    }
    found
}

/// Whether TLS 1.3 is among the versions in a client's extension (RFC 8446, section 4.2.1).
fn lists_tls13(extension: &[u8]) -> bool {
    let versions = Fields(extension).vector8().unwrap_or_default();
    versions.chunks_exact(2).any(|version| version == [3, 4])
}

/// The host name in the extension (RFC 6066, section 3).
fn server_name(extension: &[u8]) -> Option<String> {
    let mut list = Fields(Fields(extension).vector16()?);
    list.skip(1)?;
    String::from_utf8(list.vector16()?.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind], &length[1..], body].concat()
    }

    fn record(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind, 3, 3], &length[..], body].concat()
    }

    fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        [&kind.to_be_bytes()[..], &length, data].concat()
    }

    fn vector16(data: &[u8]) -> Vec<u8> {
        [&u16::try_from(data.len()).unwrap().to_be_bytes()[..], data].concat()
    }

    fn client_hello(session_id: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
        let id_length = [u8::try_from(session_id.len()).unwrap()];
        let start = [&[3, 3][..], &[7; 32], &id_length, session_id, &[0, 2, 0x13, 1], &[1, 0]];
        let body = [start.concat(), vector16(&extensions.concat())].concat();
        record(HANDSHAKE, &message(CLIENT_HELLO, &body))
    }

    fn server_hello(random: [u8; 32], session_id: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
        let id_length = [u8::try_from(session_id.len()).unwrap()];
        let start = [&[3, 3][..], &random, &id_length, session_id, &[0x13, 1], &[0]];
        let body = [start.concat(), vector16(&extensions.concat())].concat();
        record(HANDSHAKE, &message(SERVER_HELLO, &body))
    }

    fn name() -> Vec<u8> {
        let host = [&[0], &vector16(b"a.test")[..]].concat();
        extension(SERVER_NAME, &vector16(&host))
    }

    fn versions(list: &[u8]) -> Vec<u8> {
        let length = [u8::try_from(list.len()).unwrap()];
        extension(SUPPORTED_VERSIONS, &[&length, list].concat())
    }

    #[test]
    fn tls_1_2_resumes_by_repeating_the_id() {
        let mut wire = Wire::default();
        wire.client_says(&client_hello(&[1; 32], &[name()]));
        assert_eq!(wire.seen().name.as_deref(), Some("a.test"));
        assert!(wire.seen().offered && wire.seen().answer.is_none());
        wire.server_says(&server_hello([9; 32], &[1; 32], &[]));
        assert_eq!(wire.seen().answer, Some(Answer { version: Version::Tls12, resumed: true }));

        // rustls names its version also where it is 1.2.
        let mut wire = Wire::default();
        wire.client_says(&client_hello(&[1; 32], &[name(), versions(&[3, 3])]));
        assert!(wire.seen().offered);
        wire.server_says(&server_hello([9; 32], &[2; 32], &[]));
        assert_eq!(wire.seen().answer, Some(Answer { version: Version::Tls12, resumed: false }));
    }

    #[test]
    fn tls_1_3_resumes_by_selecting_a_key_also_after_a_retry() {
        let (offer, versions) = (extension(PRE_SHARED_KEY, &[]), versions(&[3, 4, 3, 3]));
        let hello = client_hello(&[1; 32], &[name(), versions.clone(), offer.clone()]);
        let mut wire = Wire::default();
        // In pieces of one byte, as a network may deliver them.
        for byte in &hello {
            wire.client_says(&[*byte]);
        }
        wire.server_says(&server_hello(RETRY, &[1; 32], from_ref(&versions)));
        assert!(wire.seen().retried && wire.seen().answer.is_none());
        wire.client_says(&record(CHANGE_CIPHER_SPEC, &[1]));
        wire.client_says(&hello);
        let selected = extension(PRE_SHARED_KEY, &[0, 0]);
        wire.server_says(&server_hello([9; 32], &[1; 32], &[versions.clone(), selected]));
        assert!(wire.seen().offered);
        assert_eq!(wire.seen().answer, Some(Answer { version: Version::Tls13, resumed: true }));

        // The made-up session id of TLS 1.3 is no offer, and repeating it no resumption.
        let mut wire = Wire::default();
        wire.client_says(&client_hello(&[1; 32], from_ref(&versions)));
        wire.server_says(&server_hello([9; 32], &[1; 32], &[versions]));
        assert!(!wire.seen().offered);
        assert_eq!(wire.seen().answer, Some(Answer { version: Version::Tls13, resumed: false }));
    }

    #[test]
    fn what_is_no_tls_is_passed_over() {
        let mut wire = Wire::default();
        wire.client_says(b"GET / HTTP/1.1\r\n\r\n");
        wire.server_says(&[22, 3, 3, 0, 4, 2, 0, 0, 0]);
        assert_eq!(*wire.seen(), Seen::default());
    }
}
