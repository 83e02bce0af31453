//! The proof that the models can fail: each ordering or exchange is broken once, on purpose.
//!
//! In a model's build, `RESUMPTION_MUTANT=NAME` weakens one edge of `resumption-map/src/edges.rs`, or
//! breaks one step of an algorithm. The model named beside it must then fail; one that still passes
//! proves nothing.

use crate::command::{run, succeeds_quietly};
use crate::failure::Failure;
use crate::loom;

/// What is broken, and the file of models that must notice.
struct Mutant {
    name: &'static str,
    broken: &'static str,
    killer: &'static str,
}

const MUTANTS: [Mutant; 8] = [
    Mutant {
        name: "head_reread",
        broken: "a key is linked against a head read after the search",
        killer: "insert_insert_same_id",
    },
    Mutant {
        name: "kill_without_exchange",
        broken: "E4: an entry departs by a store",
        killer: "take_take",
    },
    Mutant {
        name: "no_grace_period",
        broken: "departed nodes are reclaimed at once",
        killer: "evict_take",
    },
    Mutant {
        name: "publish_relaxed",
        broken: "E1: linking does not release",
        killer: "insert_get",
    },
    Mutant {
        name: "replace_with_gap",
        broken: "the old entry departs before the new one is linked",
        killer: "replace_get",
    },
    Mutant {
        name: "retire_without_unlink",
        broken: "a node is retired by a thread that did not unlink it",
        killer: "evict_take",
    },
    Mutant {
        name: "unlink_relaxed",
        broken: "E3: unlinking does not release",
        killer: "insert_get",
    },
    Mutant { name: "walk_relaxed", broken: "E2: walking does not acquire", killer: "insert_get" },
];

/// Breaks one thing after the other and prints which model noticed; a survivor is a failure.
pub(crate) fn kill_all() -> Result<(), Failure> {
    // So that a failure below is a model's and not the compiler's.
    run(loom::test(None).arg("--no-run"))?;
    let mut survivors = 0;
    for mutant in &MUTANTS {
        let verdict = verdict(mutant)?;
        survivors += usize::from(verdict != Verdict::Killed);
        let says = match verdict {
            Verdict::Killed => "killed by",
            Verdict::Survived => "SURVIVED",
        };
        println!("{:<22} {says:<9} {:<22} ({})", mutant.name, mutant.killer, mutant.broken);
    }
    if survivors > 0 {
        return Err(Failure::Faults { count: survivors, of: "mutants not killed" });
    }
    Ok(())
}

#[derive(PartialEq)]
enum Verdict {
    Killed,
    Survived,
}

fn verdict(mutant: &Mutant) -> Result<Verdict, Failure> {
    // However the model fails: a use of reclaimed memory may panic twice and abort.
    let mut command = loom::test(Some(mutant.killer));
    let passed = succeeds_quietly(command.env("RESUMPTION_MUTANT", mutant.name))?;
    Ok(if passed { Verdict::Survived } else { Verdict::Killed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::root;
    use std::fs;

    /// The names that the map's source knows, so that none is forgotten here.
    fn names_in_the_source() -> Vec<String> {
        let mut names = Vec::new();
        for entry in fs::read_dir(root().join("crates/resumption-map/src")).expect("the map") {
            let path = entry.expect("readable").path();
            let Ok(text) = fs::read_to_string(&path) else { continue };
            for piece in text.split("mutant(\"").skip(1) {
                names.extend(piece.split('"').next().map(str::to_owned));
            }
        }
        names.sort();
        names.dedup();
        names
    }

    #[test]
    fn every_mutant_of_the_map_is_listed() {
        let listed: Vec<_> = MUTANTS.iter().map(|mutant| mutant.name.to_owned()).collect();
        assert_eq!(listed, names_in_the_source());
    }

    #[test]
    fn every_killer_is_a_file_of_models() {
        for mutant in &MUTANTS {
            let file = format!("loom-tests/tests/{}.rs", mutant.killer);
            assert!(root().join(&file).is_file(), "{file}");
        }
    }
}
