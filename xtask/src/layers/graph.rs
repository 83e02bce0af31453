//! The workspace's graph as cargo sees it, reduced to what the layers are about.

use std::collections::BTreeSet;
use std::fmt;

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::command::root;
use crate::failure::Failure;

/// A crate of the workspace.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) edges: Vec<Edge>,
    /// The files that a compilation of its own code starts from, relative to the repository.
    pub(super) roots: Vec<String>,
}

/// A dependency as declared, whatever feature or target switches it on.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) to: String,
    pub(super) kind: Kind,
    /// Whether it points at a crate of the workspace.
    pub(super) ours: bool,
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Build,
    Development,
    Normal,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Build => "build-dependency",
            Self::Development => "dev-dependency",
            Self::Normal => "dependency",
        })
    }
}

/// Reads the manifests of the workspace. Resolves nothing, so it needs neither network nor lock.
pub(super) fn read() -> Result<Vec<Package>, Failure> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .map_err(Failure::Metadata)?;
    let ours: BTreeSet<&str> =
        metadata.packages.iter().map(|package| package.name.as_str()).collect();
    Ok(metadata.packages.iter().map(|package| reduce(package, &ours)).collect())
}

fn reduce(package: &cargo_metadata::Package, ours: &BTreeSet<&str>) -> Package {
    let edges = package.dependencies.iter().map(|dependency| Edge {
        to: dependency.name.clone(),
        kind: kind(dependency.kind),
        ours: ours.contains(dependency.name.as_str()),
    });
    let code = package.targets.iter().filter(|target| {
        target.is_lib() || target.is_bin() || target.is_proc_macro() || target.is_custom_build()
    });
    let roots = code.map(|target| {
        let path = target.src_path.as_std_path();
        path.strip_prefix(root()).unwrap_or(path).display().to_string()
    });
    Package { name: package.name.to_string(), edges: edges.collect(), roots: roots.collect() }
}

fn kind(kind: DependencyKind) -> Kind {
    match kind {
        DependencyKind::Build => Kind::Build,
        DependencyKind::Development => Kind::Development,
        // Cargo has no fourth kind; should it grow one, the strictest rule holds for it.
        _ => Kind::Normal,
    }
}
