//! The sessions over a restart: written when the server ends, read when the next one starts.

use std::path::PathBuf;

use resumption_cache::Context;
use resumption_sealing::KeyRing;
use resumption_snapshot::{Drained, Restored, Snapshots};

use super::{ServeError, store};
use crate::cache::Cache;
use crate::cli::{ServeArgs, StoreArgs};
use crate::out;
use crate::tls::TlsLibrary;

/// The file, and how it is sealed.
pub(super) struct Snapshot {
    path: PathBuf,
    /// They are read again for each use, as they may have been rotated meanwhile.
    store: StoreArgs,
    library: TlsLibrary,
}

impl Snapshot {
    /// `None` if the arguments name no file.
    pub(super) fn new(args: &ServeArgs) -> Option<Self> {
        let path = args.store.snapshot.clone()?;
        Some(Self { path, store: args.store.clone(), library: args.tls })
    }

    /// Reads the file, if there is one, and removes it. What cannot be read is said, and costs full
    /// handshakes: only keys that cannot be read keep the server from starting.
    pub(super) fn restore(&self, contexts: &[Context]) -> Result<Restored, ServeError> {
        let snapshots = self.sealed_by(store::keys(&self.store)?);
        match snapshots.restore(contexts, &self.path) {
            Ok(Some(restored)) => {
                if !restored.complete {
                    out::complain(format_args!("{} ends too early", self.path.display()));
                }
                Ok(restored)
            }
            Ok(None) => Ok(Restored::default()),
            Err(why) => {
                out::complain(format_args!("{}: {why}", self.path.display()));
                Ok(Restored::default())
            }
        }
    }

    /// Turns the cache off and writes what it holds. Blocks.
    pub(super) fn drain(&self, cache: &Cache) {
        let ring = match store::keys(&self.store) {
            Ok(ring) => ring,
            Err(why) => return out::complain(format_args!("no snapshot: {why}")),
        };
        match cache.drain(&self.sealed_by(ring), &self.path) {
            Ok(Drained { sessions, .. }) => {
                let path = self.path.display();
                out::print(format_args!("sessions written to {path}: {sessions}\n"));
            }
            Err(why) => out::complain(format_args!("{}: {why}", self.path.display())),
        }
    }

    fn sealed_by(&self, ring: KeyRing) -> Snapshots {
        Snapshots::new(ring, self.store.store_namespace.clone(), store::codec(self.library))
    }
}
