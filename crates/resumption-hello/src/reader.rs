//! A `ClientHello` out of a connection's first bytes, however they are cut.

use core::fmt;

use crate::HelloError;
use crate::hello::{CLIENT_HELLO, ClientHello};

/// The longest message that is read, header included. rustls has the same limit; OpenSSL reads less.
const MAX_MESSAGE: usize = 64 * 1024;

const RECORD_HEADER: usize = 5;
const MESSAGE_HEADER: usize = 4;

/// The content type `handshake` (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

/// All content types that there are; what else a connection begins with is no TLS.
const CONTENT_TYPES: core::ops::RangeInclusive<u8> = 20..=24;

/// All versions of TLS and SSL 3.0 have this first half of the version in their records.
const MAJOR_VERSION: u8 = 3;

/// The most content of one record (RFC 8446, section 5.1).
const MAX_RECORD: usize = 1 << 14;

/// How far the reading of a `ClientHello` is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Progress {
    /// It is whole. What a connection sent after it was not looked at.
    Done,
    /// At least so many bytes are missing, never zero. Whoever reads exactly so many each time reads
    /// nothing behind the `ClientHello`.
    NeedMore(usize),
}

/// Puts a `ClientHello` together from a connection's bytes as they come: several TLS records, cut
/// anywhere.
///
/// `Debug` shows no content.
#[derive(Clone, Default)]
pub struct HelloReader {
    /// The message so far, headers of records left out.
    message: Vec<u8>,
    /// The header of the current record, and how much of it has come.
    header: [u8; RECORD_HEADER],
    header_read: usize,
    /// How much content of the current record is still to come.
    record_left: usize,
    received: usize,
    failed: Option<HelloError>,
}

impl HelloReader {
    /// The most bytes of a connection that a `ClientHello` may take: 64 KiB of message, and room for the
    /// headers of 819 records. Five hold the longest; whoever cuts a usual message into records of one
    /// byte still comes through.
    pub const MAX_RECEIVED: usize = MAX_MESSAGE + 4 * 1024;

    /// A reader for a new connection. Allocates nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what a connection sent next.
    ///
    /// # Errors
    /// As soon as the bytes cannot become a `ClientHello`, and at each call from then on:
    /// [`HelloError::NotTls`] mostly at the first byte.
    /// # Cost
    /// Each byte is copied once. Memory grows with what has come, by doubling, and never beyond 64 KiB.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Progress, HelloError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.take_in(bytes).inspect_err(|error| self.failed = Some(*error))
    }

    /// What was read.
    ///
    /// # Errors
    /// [`HelloError::Incomplete`] before [`Progress::Done`]; what [`HelloReader::feed`] said, if it failed;
    /// [`HelloError::Malformed`] when the message is whole and cannot be read.
    pub fn client_hello(&self) -> Result<ClientHello<'_>, HelloError> {
        match self.failed {
            Some(error) => Err(error),
            None if self.message_missing() > 0 => Err(HelloError::Incomplete),
            None => ClientHello::parse(&self.message),
        }
    }

    fn take_in(&mut self, mut bytes: &[u8]) -> Result<Progress, HelloError> {
        loop {
            let missing = self.message_missing();
            if missing == 0 {
                return Ok(Progress::Done);
            }
            if bytes.is_empty() {
                return Ok(Progress::NeedMore(missing + self.headers_missing(missing)));
            }
            let wanted = if self.record_left == 0 {
                RECORD_HEADER - self.header_read
            } else {
                missing.min(self.record_left)
            };
            let (now, later) = bytes.split_at(wanted.min(bytes.len()));
            bytes = later;
            self.received += now.len();
            if self.received > Self::MAX_RECEIVED {
                return Err(HelloError::TooLarge);
            }
            if self.record_left == 0 { self.take_header(now) } else { self.take_content(now) }?;
        }
    }

    /// At least how many bytes of the message have not come yet: its header says how long it is.
    fn message_missing(&self) -> usize {
        let whole = match self.message.first_chunk::<MESSAGE_HEADER>() {
            None => MESSAGE_HEADER,
            Some([_, high, middle, low]) => {
                MESSAGE_HEADER
                    + (usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low))
            }
        };
        whole - self.message.len()
    }

    /// At least how many bytes of records' headers come before `missing` bytes of the message.
    fn headers_missing(&self, missing: usize) -> usize {
        if self.record_left == 0 {
            RECORD_HEADER - self.header_read
        } else if self.record_left < missing {
            RECORD_HEADER
        } else {
            0
        }
    }

    /// Takes in a part of a record's header, and fails at the first byte that is wrong.
    fn take_header(&mut self, bytes: &[u8]) -> Result<(), HelloError> {
        let end = self.header_read + bytes.len();
        // Never more than is missing of the header, and never nothing.
        self.header[self.header_read..end].copy_from_slice(bytes);
        self.header_read = end;
        let [content, major, _, length @ ..] = self.header;
        // Byte after byte, so that it does not depend on how they are cut what is wrong.
        let wrong = match content {
            HANDSHAKE if end < 2 || major == MAJOR_VERSION => None,
            HANDSHAKE => Some(HelloError::NotTls),
            other if CONTENT_TYPES.contains(&other) => Some(HelloError::NotClientHello),
            _ => Some(HelloError::NotTls),
        };
        if let Some(wrong) = wrong {
            // Between the records of one message there is nothing else.
            return Err(if self.message.is_empty() { wrong } else { HelloError::Malformed });
        }
        if end == RECORD_HEADER {
            let length = usize::from(u16::from_be_bytes(length));
            // Empty ones are forbidden for handshakes, and would let a client go on for ever.
            if length == 0 || length > MAX_RECORD {
                return Err(HelloError::Malformed);
            }
            self.header_read = 0;
            self.record_left = length;
        }
        Ok(())
    }

    /// Takes in a part of a record's content that belongs to the message.
    fn take_content(&mut self, bytes: &[u8]) -> Result<(), HelloError> {
        self.message.extend_from_slice(bytes);
        self.record_left -= bytes.len();
        if self.message.first().is_some_and(|kind| *kind != CLIENT_HELLO) {
            return Err(HelloError::NotClientHello);
        }
        if self.message.len() + self.message_missing() > MAX_MESSAGE {
            return Err(HelloError::TooLarge);
        }
        Ok(())
    }
}

impl fmt::Debug for HelloReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HelloReader")
            .field("received", &self.received)
            .field("missing", &self.message_missing())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
