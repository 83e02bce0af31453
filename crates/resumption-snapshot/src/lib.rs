//! A TLS session cache that outlives its process: its sessions, sealed, in a file.
//!
//! A server that is restarted with an empty cache makes all of its clients authenticate again, within
//! minutes, and mostly when it has just been updated and everybody watches. [`Snapshots::drain`] writes
//! what the cache holds when the server ends, [`Snapshots::restore`] reads it when the next one starts.
//!
//! ```
//! use resumption_cache::SessionCache;
//! use resumption_sealing::{Codec, KeyRing, MasterKey, Namespace};
//! use resumption_session::SessionIdContext;
//! use resumption_snapshot::Snapshots;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let ring = KeyRing::new(&[MasterKey::generate()?], &[MasterKey::generate()?])?;
//! let snapshots = Snapshots::new(ring, Namespace::new("shop")?, Codec::RUSTLS_0_23);
//! # let path = std::env::temp_dir().join(format!("snapshot-doc-{}", std::process::id()));
//!
//! // The server has stopped accepting, and its last handshakes are over.
//! let cache = SessionCache::builder().build()?;
//! let written = snapshots.drain(&cache, &path)?;
//!
//! // The next one has read its configuration.
//! let cache = SessionCache::builder().build()?;
//! let contexts = [cache.context(SessionIdContext::new(b"www")?)?];
//! let restored = snapshots.restore(&contexts, &path)?.expect("there is one");
//! assert_eq!(restored.loaded, written.sessions);
//! // Once.
//! assert!(snapshots.restore(&contexts, &path)?.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # Security
//! * **Sealed.** Each session is encrypted and authenticated by itself, along with its place in the file,
//!   the namespace and the codec ([`KeyRing`](resumption_sealing::KeyRing)). The file is readable by its
//!   owner alone (mode 0600), and takes its name when it is whole.
//! * **Once.** A single-use session that came back a second time from the same file would be used twice.
//!   Therefore draining turns the cache off first, and restoring removes the file before the first
//!   session enters. Who keeps a copy of the file and puts it back can undo that, as nothing inside a
//!   file can notice: keep it out of backups. [`Snapshots::with_longest_pause`] bounds how long a copy
//!   is worth anything.
//! * **No more than before.** A session enters a cache by the same checks as any other: times, lineage,
//!   limits; and only in a context that the new configuration names. What was negotiated under a policy
//!   that has changed has another [`ContextFingerprint`](resumption_cache::ContextFingerprint), and stays
//!   out.
//!
//! # Objects
//! A session that is an object of its TLS stack is written by its encoding and comes back as that: as a
//! payload, which the adapter has to understand as it does one from an external store.
//!
//! # Damage
//! What is whole is loaded, and the rest is reported ([`Restored`]): a file cut short, a flipped bit, a key
//! that is not in the ring any more. No error of this kind keeps a server from starting.
//!
//! # The format
//! ```text
//! file:   "RSMsnap" 1 | written at, nanoseconds since the Unix epoch: 8 | record ... | end
//! record: length: 4 | sealed session          end: length, highest bit set: 4 | sealed nothing
//! ```
//! Numbers are big-endian. The end tells a whole file from one that was cut between two records; as every
//! record, it is bound to its place.
#![forbid(unsafe_code)]

mod error;
mod file;
mod format;
mod read;
mod report;
mod snapshots;
mod write;

pub use error::{RestoreError, SnapshotError};
pub use report::{Drained, Restored};
pub use snapshots::Snapshots;
