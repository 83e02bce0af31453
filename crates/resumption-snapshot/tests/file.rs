//! Snapshots in files: for their owner alone, whole or not there, and read once.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use resumption_cache::{CacheMode, Role};
use resumption_snapshot::{RestoreError, SnapshotError};
use support::{Server, session, snapshots};

/// A folder of a test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(of: &str) -> Self {
        let path = std::env::temp_dir().join(format!("snapshot-{of}-{}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn server_with_sessions() -> Server {
    let server = Server::new(&["www"]);
    for number in 0..100 {
        server.insert(number);
    }
    server
}

#[test]
fn a_restart_keeps_the_sessions_and_leaves_no_file() {
    let folder = Folder::new("restart");
    let path = folder.0.join("sessions");
    let before = server_with_sessions();
    let drained = snapshots().drain(&before.cache, &path).unwrap();
    assert_eq!(folder.files(), ["sessions"]);
    assert_eq!(fs::metadata(&path).unwrap().len(), drained.bytes);

    let after = Server::new(&["www"]);
    let restored = snapshots().restore(&after.contexts, &path).unwrap().unwrap();
    assert_eq!((restored.loaded, restored.complete), (100, true));
    assert!(folder.files().is_empty(), "it could be read again");
    assert!(snapshots().restore(&after.contexts, &path).unwrap().is_none());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("mode");
    let path = folder.0.join("sessions");
    // Whatever was there before.
    fs::write(&path, "readable by everybody").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(folder.0.join("sessions.partial"), "of a process that was killed").unwrap();
    snapshots().drain(&server_with_sessions().cache, &path).unwrap();
    assert_eq!(folder.files(), ["sessions"]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

/// A single-use session must not be had from the cache and from the file.
#[test]
fn a_drained_cache_hands_nothing_out() {
    let folder = Folder::new("drained");
    let server = server_with_sessions();
    snapshots().drain(&server.cache, folder.0.join("sessions")).unwrap();
    let context = &server.contexts[0];
    assert_eq!(server.cache.mode(), CacheMode::OFF);
    for number in 0..100 {
        assert!(!context.take(session(number, context).id()).is_hit());
    }
    assert!(context.insert_negotiated(Role::Server, session(1_000, context)).is_err());
}

#[test]
fn a_snapshot_that_cannot_be_written_leaves_the_former_one() {
    let folder = Folder::new("unwritable");
    let path = folder.0.join("sessions");
    snapshots().drain(&server_with_sessions().cache, &path).unwrap();
    let former = fs::read(&path).unwrap();
    // The name of the partial file is taken by a folder, which cannot be removed as a file is.
    fs::create_dir(folder.0.join("sessions.partial")).unwrap();
    let refused = snapshots().drain(&server_with_sessions().cache, &path).unwrap_err();
    assert!(matches!(refused, SnapshotError::Io(_)), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), former);
}

/// Somebody gave the wrong path: that file is not ours to remove.
#[test]
fn what_is_no_snapshot_stays_where_it_is() {
    let folder = Folder::new("foreign");
    let path = folder.0.join("sessions");
    let contexts = Server::new(&["www"]).contexts;
    fs::write(&path, "a certificate's private key").unwrap();
    let refused = snapshots().restore(&contexts, &path).unwrap_err();
    assert!(matches!(refused, RestoreError::NotASnapshot), "{refused}");
    assert_eq!(folder.files(), ["sessions"]);
    let nowhere = snapshots().restore(&contexts, Path::new("/nowhere/at/all"));
    assert!(nowhere.unwrap().is_none());
}
