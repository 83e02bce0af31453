//! Where snapshots come from: keys, names, and how old one may be.

use core::fmt;
use std::sync::Arc;

use resumption_sealing::{Codec, KeyRing, Namespace};
use resumption_session::Lifetime;

/// Writes snapshots of caches and reads them back.
///
/// Both sides need the same namespace and codec, and the reader a key ring that has the writer's first key.
pub struct Snapshots {
    pub(crate) ring: Arc<KeyRing>,
    /// What a seal is bound to besides its place in the file.
    pub(crate) namespace: Namespace,
    pub(crate) codec: Codec,
    pub(crate) longest_pause: Lifetime,
}

impl Snapshots {
    /// How long after it was written a snapshot is still read, unless said otherwise: an hour.
    pub const DEFAULT_LONGEST_PAUSE: Lifetime = Lifetime::from_secs(3600);

    /// Snapshots under these keys, of this deployment, with payloads that this TLS stack has encoded.
    pub fn new(ring: impl Into<Arc<KeyRing>>, namespace: Namespace, codec: Codec) -> Self {
        Self { ring: ring.into(), namespace, codec, longest_pause: Self::DEFAULT_LONGEST_PAUSE }
    }

    /// Reads no snapshot that was written longer ago than this.
    #[must_use]
    pub fn with_longest_pause(mut self, pause: Lifetime) -> Self {
        self.longest_pause = pause;
        self
    }
}

impl fmt::Debug for Snapshots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshots")
            .field("namespace", &self.namespace)
            .field("codec", &self.codec)
            .field("longest_pause", &self.longest_pause)
            .finish_non_exhaustive()
    }
}
