//! Why there is no snapshot, or none that could be read.

use core::fmt;
use std::io;

/// Why no snapshot was written. There is none then, not half of one.
#[derive(Debug)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The file system said no.
    Io(io::Error),
    /// The system has no random numbers to give, which seals are made with.
    Random,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the snapshot could not be written: {error}"),
            Self::Random => f.write_str("the system gave no random numbers"),
        }
    }
}

impl core::error::Error for SnapshotError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Random => None,
        }
    }
}

impl From<io::Error> for SnapshotError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Why nothing of a snapshot was read. The server starts with an empty cache.
#[derive(Debug)]
#[non_exhaustive]
pub enum RestoreError {
    /// The file system said no; also when the file could not be removed.
    Io(io::Error),
    /// It does not begin as a snapshot does.
    NotASnapshot,
    /// It was written longer ago than is allowed, or in the future.
    TooOld,
    /// It was written by another version of this software.
    UnknownVersion(u8),
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the snapshot could not be read: {error}"),
            Self::NotASnapshot => f.write_str("the file is no snapshot"),
            Self::TooOld => f.write_str("the snapshot is not of the time just before"),
            Self::UnknownVersion(version) => {
                write!(f, "the snapshot is of the unknown version {version}")
            }
        }
    }
}

impl core::error::Error for RestoreError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::NotASnapshot | Self::TooOld | Self::UnknownVersion(_) => None,
        }
    }
}

impl From<io::Error> for RestoreError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
