//! Reading numbers and vectors of the TLS presentation language (RFC 8446, section 3) off a slice.

use crate::HelloError;

/// What is left to read. Every read is checked; what is missing is [`HelloError::Malformed`].
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], HelloError> {
        let (read, rest) = self.0.split_at_checked(count).ok_or(HelloError::Malformed)?;
        self.0 = rest;
        Ok(read)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], HelloError> {
        let (read, rest) = self.0.split_first_chunk().ok_or(HelloError::Malformed)?;
        self.0 = rest;
        Ok(*read)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, HelloError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, HelloError> {
        self.array().map(u16::from_be_bytes)
    }

    /// A length of three bytes.
    pub(crate) fn u24(&mut self) -> Result<usize, HelloError> {
        let [high, middle, low] = self.array()?;
        Ok(usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low))
    }

    /// A vector whose length stands before it in one byte.
    pub(crate) fn short_vector(&mut self) -> Result<&'a [u8], HelloError> {
        let length = self.u8()?;
        self.bytes(length.into())
    }

    /// A vector whose length stands before it in two bytes.
    pub(crate) fn vector(&mut self) -> Result<&'a [u8], HelloError> {
        let length = self.u16()?;
        self.bytes(length.into())
    }

    /// Nothing may follow.
    pub(crate) fn end(self) -> Result<(), HelloError> {
        if self.is_empty() { Ok(()) } else { Err(HelloError::Malformed) }
    }
}
