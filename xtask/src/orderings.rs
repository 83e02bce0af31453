//! `crates/resumption-map/ORDERINGS.md` as data: the edges, and the mutants that prove them.
//!
//! The document is the one list of both. An edge is a heading `### E1: name` with five bullets, a
//! mutant a row of the table at the end.

use std::fs;

use crate::command::root;
use crate::failure::Failure;

/// Where the document lies.
pub(crate) const PATH: &str = "crates/resumption-map/ORDERINGS.md";

/// What the document says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Orderings {
    pub(crate) edges: Vec<Edge>,
    pub(crate) mutants: Vec<Mutant>,
}

/// An ordering on which data of another thread depends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edge {
    /// `E1`.
    pub(crate) number: String,
    /// The functions whose accesses make it.
    pub(crate) code: Vec<String>,
    /// The models that exercise it.
    pub(crate) models: Vec<String>,
    /// The mutants that break it.
    pub(crate) mutants: Vec<String>,
    /// The bullets that are there.
    pub(crate) bullets: Vec<String>,
}

/// A fault that can be made in a model's build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mutant {
    pub(crate) name: String,
    /// The edge that it breaks, or `exchange` or `step`.
    pub(crate) breaks: String,
    /// The model that must notice, and in which mode.
    pub(crate) model: String,
    pub(crate) mode: String,
    /// In words.
    pub(crate) what: String,
}

/// Reads the document of the repository.
pub(crate) fn read() -> Result<Orderings, Failure> {
    let text = fs::read_to_string(root().join(PATH))
        .map_err(|error| Failure::Read { path: PATH.to_owned(), error })?;
    Ok(parse(&text))
}

/// Takes the document apart. What is missing shows when it is compared with the sources.
pub(crate) fn parse(text: &str) -> Orderings {
    let mut orderings = Orderings::default();
    // Bullets are wrapped; a continuation is indented.
    let text = text.replace("\n  ", " ");
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            let number = heading.split(':').next().unwrap_or(heading).trim();
            orderings.edges.push(Edge { number: number.to_owned(), ..Edge::default() });
        } else if let (Some(bullet), Some(edge)) =
            (line.strip_prefix("* "), orderings.edges.last_mut())
        {
            let Some((name, rest)) = bullet.split_once(':') else { continue };
            edge.bullets.push(name.to_owned());
            match name {
                "Code" => edge.code = quoted(rest),
                "Models" => edge.models = quoted(rest),
                "Mutants" => edge.mutants = quoted(rest),
                _ => {}
            }
        } else if line.starts_with("| `") {
            orderings.mutants.extend(mutant(line));
        }
    }
    orderings
}

fn mutant(row: &str) -> Option<Mutant> {
    let mut cells = row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`'));
    let mut next = || cells.next().map(str::to_owned);
    let (name, breaks, model, mode) = (next()?, next()?, next()?, next()?);
    Some(Mutant { name, breaks, model, mode, what: next()? })
}

/// What stands between backticks.
pub(crate) fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_and_mutants_are_read() {
        let text = "# Orderings\n\n### E1: publish\n\n* Publishes: a node,\n  by `a store`.\n\
                    * Code: `Bucket::link`,\n  `NodeRef::replace`.\n* Models: `insert_get`.\n\
                    * Mutants: `weak`.\n\n| mutant | breaks |\n| --- | --- |\n\
                    | `weak` | E1 | `insert_get` | shadow | linking is not a release |\n";
        let read = parse(text);
        let edge = Edge {
            number: "E1".to_owned(),
            code: vec!["Bucket::link".to_owned(), "NodeRef::replace".to_owned()],
            models: vec!["insert_get".to_owned()],
            mutants: vec!["weak".to_owned()],
            bullets: ["Publishes", "Code", "Models", "Mutants"].map(str::to_owned).to_vec(),
        };
        let mutant = Mutant {
            name: "weak".to_owned(),
            breaks: "E1".to_owned(),
            model: "insert_get".to_owned(),
            mode: "shadow".to_owned(),
            what: "linking is not a release".to_owned(),
        };
        assert_eq!(read, Orderings { edges: vec![edge], mutants: vec![mutant] });
    }
}
