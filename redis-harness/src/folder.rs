//! A temporary folder.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use crate::fault::Fault;

/// A folder of its own, removed with all that is in it when dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// An empty folder below the system's temporary one.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new() -> Result<Self, Fault> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("redis-harness-{}-{number}", process::id()));
        // What a process of this number left behind when it was killed.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).map_err(|error| Fault::of("a temporary folder", error))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
