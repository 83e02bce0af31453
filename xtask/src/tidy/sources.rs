//! The Rust files of the repository.

use std::fs;
use std::io;
use std::path::Path;

use crate::command::root;
use crate::failure::Failure;

/// A Rust file.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// From the repository's root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

/// Where Rust files lie.
const FOLDERS: [&str; 5] = ["benches", "conformance", "crates", "loom-tests", "xtask"];

/// Reads them all, in the order of their paths.
pub(super) fn read() -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    for folder in FOLDERS {
        collect(&root().join(folder), folder, &mut sources)
            .map_err(|error| Failure::Read { path: folder.to_owned(), error })?;
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

fn collect(folder: &Path, name: &str, sources: &mut Vec<Source>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            if entry.file_name() != "target" {
                collect(&entry.path(), &path, sources)?;
            }
        } else if Path::new(&path).extension().is_some_and(|extension| extension == "rs") {
            sources.push(Source { path, text: fs::read_to_string(entry.path())? });
        }
    }
    Ok(())
}

impl Source {
    /// Whether the models run this file: the edges and mutants stand in such files.
    pub(super) fn is_modelled(&self) -> bool {
        ["map", "cache", "callbacks", "client"]
            .iter()
            .any(|name| self.path.starts_with(&format!("crates/resumption-{name}/src/")))
    }

    /// Whether this is the door through which the models come.
    fn is_facade(&self) -> bool {
        self.path.contains("/src/sync/") || self.path.ends_with("/src/sync.rs")
    }

    /// Whether orderings may be spelt out here: where they are named, where they lead to loom, in the
    /// reclaimer of the models, and in the clocks, which models replace.
    pub(super) fn may_order(&self) -> bool {
        !self.is_modelled()
            || ["/edges.rs", "/reclaim/poison.rs", "/clock.rs"]
                .iter()
                .any(|end| self.path.ends_with(end))
            || self.is_facade()
    }
}
