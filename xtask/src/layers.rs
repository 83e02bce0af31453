//! The layers: who may depend on whom, and where `unsafe` may stand.
//!
//! The rules are in [`picture`], the reading of the workspace in [`graph`]; [`faults`] compares the
//! two and knows nothing of cargo or of files, so that a test can show it a graph that is wrong.

mod graph;
mod picture;
mod unsafe_code;

use std::fmt;

use self::graph::{Edge, Kind};
use self::picture::{Member, PICTURE};
use crate::failure::Failure;

/// Checks the workspace; every fault is one line.
pub(crate) fn check() -> Result<(), Failure> {
    let graph = graph::read()?;
    let mut faults = faults(&PICTURE, &graph);
    faults.extend(unsafe_code::faults(&PICTURE, &graph)?);
    for fault in &faults {
        println!("layers: {fault}");
    }
    if !faults.is_empty() {
        return Err(Failure::Faults { count: faults.len(), of: "faults against the layers" });
    }
    let edges: usize = graph.iter().map(|package| package.edges.len()).sum();
    println!("layers: {} crates, {edges} dependencies, all in the picture", graph.len());
    Ok(())
}

/// One disagreement between the workspace and the picture.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// An edge between our crates that is not in the picture.
    Edge { from: String, to: String, kind: Kind },
    /// A crate root without `#![forbid(unsafe_code)]`.
    Unsafe { package: String, file: String },
    /// A dependency on something that the crate's layer must not know.
    Stranger { from: String, to: String },
    /// A crate that the picture does not have.
    Unknown { package: String },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edge { from, to, kind } => {
                write!(f, "{from} -> {to} ({kind}) is not in the picture")
            }
            Self::Unsafe { package, file } => {
                write!(f, "{package}: {file} lacks #![forbid(unsafe_code)]")
            }
            Self::Stranger { from, to } => write!(f, "{from} must not know {to}"),
            Self::Unknown { package } => {
                write!(f, "{package} is not in the picture; give it a place in xtask/src/layers")
            }
        }
    }
}

/// Compares every edge of `graph` with `picture`.
fn faults(picture: &[Member], graph: &[graph::Package]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in graph {
        let Some(member) = picture::find(picture, &package.name) else {
            faults.push(Fault::Unknown { package: package.name.clone() });
            continue;
        };
        faults.extend(package.edges.iter().filter_map(|edge| fault_of(picture, member, edge)));
    }
    faults
}

fn fault_of(picture: &[Member], from: &Member, edge: &Edge) -> Option<Fault> {
    if !edge.ours {
        let foreign = edge.kind == Kind::Normal && from.must_not_know(&edge.to);
        return foreign
            .then(|| Fault::Stranger { from: from.name.to_owned(), to: edge.to.clone() });
    }
    let allowed = match edge.kind {
        Kind::Build | Kind::Normal => from.sees.contains(&edge.to.as_str()),
        // A test may use anything that lies below, whether or not the crate itself may.
        Kind::Development => {
            picture::find(picture, &edge.to).is_some_and(|to| to.height < from.height)
        }
    };
    (!allowed).then(|| Fault::Edge {
        from: from.name.to_owned(),
        to: edge.to.clone(),
        kind: edge.kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::graph::Package;

    const SMALL: [Member; 3] = [
        Member::at(0, "bottom", &[]).knowing_no(&["tokio"]),
        Member::at(1, "middle", &["bottom"]),
        Member::at(2, "top", &["middle"]),
    ];

    fn package(name: &str, edges: &[(&str, Kind)]) -> Package {
        let edges = edges.iter().map(|&(to, kind)| Edge { to: to.to_owned(), kind, ours: true });
        Package { name: name.to_owned(), edges: edges.collect(), roots: Vec::new() }
    }

    fn edge_fault(from: &str, to: &str, kind: Kind) -> Fault {
        Fault::Edge { from: from.to_owned(), to: to.to_owned(), kind }
    }

    #[test]
    fn a_graph_like_the_picture_has_no_faults() {
        let graph = [
            package("bottom", &[]),
            package("middle", &[("bottom", Kind::Normal)]),
            package("top", &[("middle", Kind::Normal), ("bottom", Kind::Development)]),
        ];
        assert_eq!(faults(&SMALL, &graph), []);
    }

    #[test]
    fn every_edge_outside_the_picture_is_a_fault_of_its_own() {
        let graph = [
            package("bottom", &[("middle", Kind::Normal), ("top", Kind::Build)]),
            package("top", &[("bottom", Kind::Normal)]),
        ];
        let expected = [
            edge_fault("bottom", "middle", Kind::Normal),
            edge_fault("bottom", "top", Kind::Build),
            edge_fault("top", "bottom", Kind::Normal),
        ];
        assert_eq!(faults(&SMALL, &graph), expected);
    }

    #[test]
    fn tests_may_look_down_but_neither_up_nor_sideways() {
        let graph = [package(
            "middle",
            &[
                ("bottom", Kind::Development),
                ("top", Kind::Development),
                ("middle", Kind::Development),
            ],
        )];
        let expected = [
            edge_fault("middle", "top", Kind::Development),
            edge_fault("middle", "middle", Kind::Development),
        ];
        assert_eq!(faults(&SMALL, &graph), expected);
    }

    #[test]
    fn a_stranger_is_a_fault_in_the_crate_but_not_in_its_tests() {
        let stranger = |kind| Edge { to: "tokio-rustls".to_owned(), kind, ours: false };
        let mut bottom = package("bottom", &[]);
        bottom.edges = vec![stranger(Kind::Normal), stranger(Kind::Development)];
        let expected = Fault::Stranger { from: "bottom".to_owned(), to: "tokio-rustls".to_owned() };
        assert_eq!(faults(&SMALL, &[bottom]), [expected]);
    }

    #[test]
    fn a_crate_without_a_place_is_a_fault() {
        let graph = [package("newcomer", &[("bottom", Kind::Normal)])];
        assert_eq!(faults(&SMALL, &graph), [Fault::Unknown { package: "newcomer".to_owned() }]);
    }

    #[test]
    fn a_fault_is_one_line_that_names_the_edge() {
        let line = edge_fault("bottom", "top", Kind::Normal).to_string();
        assert_eq!(line, "bottom -> top (dependency) is not in the picture");
    }
}
