//! The models as data: what the head of each file of `loom-tests/tests` says about it.

use std::fs;

use crate::command::root;
use crate::failure::Failure;
use crate::orderings::quoted;

/// Where the models lie.
pub(crate) const FOLDER: &str = "loom-tests/tests";

/// A file of models.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Model {
    /// The file's name, without its ending.
    pub(crate) name: String,
    /// The edges that it exercises, as its head says.
    pub(crate) edges: Vec<String>,
    /// The mutants that it kills, as its head says.
    pub(crate) kills: Vec<String>,
    /// Whether it also runs in mode `rmw`, without a bound.
    pub(crate) exhaustive: bool,
    /// Its tests, as the test program calls them.
    pub(crate) tests: Vec<String>,
    /// The lines of its head that are missing.
    pub(crate) missing: Vec<&'static str>,
}

/// What each head must say.
const LINES: [&str; 4] = ["Edges", "Kills", "Modes", "Reclaimer"];

/// Reads the heads of all models.
pub(crate) fn read_all() -> Result<Vec<Model>, Failure> {
    let failed = |error| Failure::Read { path: FOLDER.to_owned(), error };
    let mut models = Vec::new();
    for entry in fs::read_dir(root().join(FOLDER)).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name != "main" && path.extension().is_some_and(|extension| extension == "rs") {
            models.push(parse(&name, &fs::read_to_string(&path).map_err(failed)?));
        }
    }
    models.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(models)
}

/// Takes a head apart.
pub(crate) fn parse(name: &str, text: &str) -> Model {
    let mut model = Model { name: name.to_owned(), ..Model::default() };
    // Bullets are wrapped; a continuation is indented.
    let head = text.replace("\n//!   ", " ");
    let lines: Vec<_> =
        head.lines().filter_map(|line| line.strip_prefix("//! * ")?.split_once(':')).collect();
    for (key, rest) in &lines {
        match *key {
            "Edges" => model.edges = edges_in(rest),
            "Kills" => model.kills = quoted(rest),
            "Modes" => model.exhaustive = rest.contains("rmw, exhaustive"),
            _ => {}
        }
    }
    let functions = text.split("#[test]\nfn ").skip(1);
    model.tests =
        functions.filter_map(|rest| Some(format!("{name}::{}", rest.split_once('(')?.0))).collect();
    model.missing =
        LINES.into_iter().filter(|line| lines.iter().all(|(key, _)| key != line)).collect();
    model
}

/// The edges that a text names: `E` and a number, standing by themselves.
pub(crate) fn edges_in(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let mut edges: Vec<_> = words
        .filter(|word| {
            let number = word.strip_prefix('E').unwrap_or_default();
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
        .map(str::to_owned)
        .collect();
    edges.sort();
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read() {
        let head = "//! Nothing is lost (I8).\n//!\n//! * Edges: E1, E12.\n//! * Reclaimer: Poison.\n\
                    //! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.\n//! * Kills: `weak`,\n\
                    //!   `other`.\n\n#[test]\nfn is_lost() {\n";
        let expected = Model {
            name: "nothing".to_owned(),
            edges: vec!["E1".to_owned(), "E12".to_owned()],
            kills: vec!["weak".to_owned(), "other".to_owned()],
            exhaustive: true,
            tests: vec!["nothing::is_lost".to_owned()],
            missing: Vec::new(),
        };
        assert_eq!(parse("nothing", head), expected);
        assert_eq!(parse("empty", "").missing, LINES);
    }

    #[test]
    fn an_edge_is_a_word_by_itself() {
        assert_eq!(edges_in("(edges E3 and E12), 1E5, RE3, E3b, E"), ["E12", "E3"]);
    }
}
