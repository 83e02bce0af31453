//! The parts of a snapshot, as bytes.

use resumption_sealing::{KeyRing, Purpose, codec};
use resumption_session::Timestamp;

use crate::error::RestoreError;
use crate::snapshots::Snapshots;

const MAGIC: [u8; 7] = *b"RSMsnap";
const VERSION: u8 = 1;
pub(crate) const HEADER_LEN: usize = MAGIC.len() + 1 + 8;

/// Set in the length of the last record, which is no session.
const END: u32 = 1 << 31;

/// How many bytes stand before a record.
pub(crate) const LENGTH_LEN: usize = 4;

/// The longest record: the longest session under a seal. No more is ever allocated for one.
pub(crate) const MAX_RECORD: usize = codec::MAX_PAYLOAD + codec::MAX_OVERHEAD + KeyRing::OVERHEAD;

/// What the two kinds of records are sealed for.
pub(crate) const SESSION: Purpose = Purpose::new("session in a snapshot");
pub(crate) const LAST: Purpose = Purpose::new("end of a snapshot");

/// What a snapshot begins with.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    pub(crate) written_at: Timestamp,
}

impl Header {
    pub(crate) fn to_bytes(self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        let (start, time) = bytes.split_at_mut(MAGIC.len() + 1);
        start[..MAGIC.len()].copy_from_slice(&MAGIC);
        start[MAGIC.len()] = VERSION;
        time.copy_from_slice(&self.written_at.as_nanos().to_be_bytes());
        bytes
    }

    /// # Errors
    /// [`RestoreError::NotASnapshot`] and [`RestoreError::UnknownVersion`].
    pub(crate) fn parse(bytes: [u8; HEADER_LEN]) -> Result<Self, RestoreError> {
        let Some((version, time)) = bytes.strip_prefix(&MAGIC).and_then(<[u8]>::split_first) else {
            return Err(RestoreError::NotASnapshot);
        };
        if *version != VERSION {
            return Err(RestoreError::UnknownVersion(*version));
        }
        let nanos = time.try_into().map_err(|_| RestoreError::NotASnapshot)?;
        Ok(Self { written_at: Timestamp::from_nanos(u64::from_be_bytes(nanos)) })
    }
}

/// What stands before a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Length {
    Last(usize),
    Session(usize),
}

impl Length {
    /// `None` for a record that is too long to be one.
    pub(crate) fn to_bytes(self) -> Option<[u8; LENGTH_LEN]> {
        let (length, mark) = match self {
            Self::Last(length) => (length, END),
            Self::Session(length) => (length, 0),
        };
        let length = u32::try_from(length).ok().filter(|length| *length < END)?;
        Some((length | mark).to_be_bytes())
    }

    /// `None` for a length that no record has: from there on nothing can be told apart.
    pub(crate) fn parse(bytes: [u8; LENGTH_LEN]) -> Option<Self> {
        let word = u32::from_be_bytes(bytes);
        let length = usize::try_from(word & !END).ok().filter(|length| *length <= MAX_RECORD)?;
        Some(if word & END == 0 { Self::Session(length) } else { Self::Last(length) })
    }
}

impl Snapshots {
    /// What a record's seal is bound to: this deployment, this stack's encoding, this snapshot, and the
    /// record's place in it.
    pub(crate) fn place(&self, header: Header, number: u64) -> Vec<u8> {
        let mut place = Vec::with_capacity(128);
        for name in [self.namespace.as_str(), self.codec.as_str()] {
            place.extend_from_slice(&(name.len() as u64).to_be_bytes());
            place.extend_from_slice(name.as_bytes());
        }
        place.extend_from_slice(&header.to_bytes());
        place.extend_from_slice(&number.to_be_bytes());
        place
    }
}
