//! Snapshots in files: whole or not there, for their owner alone, and read once.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

use resumption_cache::{CacheMode, Context, SessionCache};

use crate::error::{RestoreError, SnapshotError};
use crate::report::{Drained, Restored};
use crate::snapshots::Snapshots;

/// How much is read or written at once.
const BUFFER: usize = 1 << 17;

impl Snapshots {
    /// Turns `cache` off for good and writes what it holds to `path`, for [`Snapshots::restore`].
    ///
    /// To be called when the last handshakes are over. One that is still under way may take a session
    /// which is written down as well; one that begins after this was called does not, and stores nothing
    /// either, since the mode is [`CacheMode::OFF`] from then on.
    ///
    /// # Errors
    /// [`SnapshotError`]. A former snapshot at `path` is then still there, and a new one is not.
    /// # Concurrency
    /// One caller for each path at a time.
    pub fn drain(
        &self,
        cache: &SessionCache,
        path: impl AsRef<Path>,
    ) -> Result<Drained, SnapshotError> {
        let path = path.as_ref();
        cache.set_mode(CacheMode::OFF);
        let partial = partial(path);
        let written = self.write_partial(cache, &partial).and_then(|drained| {
            fs::rename(&partial, path)?;
            sync_folder(path)?;
            Ok(drained)
        });
        if written.is_err() {
            // Of no use to anybody. If it cannot be removed, the error that is returned says more.
            let _ = fs::remove_file(&partial);
        }
        written
    }

    fn write_partial(
        &self,
        cache: &SessionCache,
        partial: &Path,
    ) -> Result<Drained, SnapshotError> {
        // Of a process that ended in the middle.
        absent_is_fine(fs::remove_file(partial))?;
        let mut file = BufWriter::with_capacity(BUFFER, create(partial)?);
        let drained = self.write(cache, &mut file)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(drained)
    }

    /// Removes the snapshot at `path` and inserts its sessions into those of `contexts` that they belong
    /// to. `None` if there is no file, or no context.
    ///
    /// To be called when the contexts of the new configuration are known, and before clients are
    /// accepted.
    ///
    /// # Errors
    /// [`RestoreError`]: nothing was loaded, and the file is still there. What cannot be removed is not
    /// read, since it could be read again; what is no snapshot is not removed.
    pub fn restore(
        &self,
        contexts: &[Context],
        path: impl AsRef<Path>,
    ) -> Result<Option<Restored>, RestoreError> {
        let path = path.as_ref();
        let Some(context) = contexts.first() else { return Ok(None) };
        let Some(file) = absent_is_fine(File::open(path))? else { return Ok(None) };
        let mut file = BufReader::with_capacity(BUFFER, file);
        let header = self.read_header(context, &mut file)?;
        // From here on it is this process's alone, and gone with it.
        fs::remove_file(path)?;
        sync_folder(path)?;
        Ok(Some(self.read_records(contexts, header, file)))
    }
}

/// Beside its final place, so that the file can be renamed.
fn partial(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".partial");
    name.into()
}

/// A new file that only its owner can read and write; never one that somebody has put there.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes what happened to a name last, even through a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Elsewhere folders cannot be opened, nor need they be.
    if cfg!(unix) { File::open(folder.unwrap_or(Path::new(".")))?.sync_all() } else { Ok(()) }
}

fn absent_is_fine<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
