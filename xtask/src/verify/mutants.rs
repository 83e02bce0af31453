//! The proof that histories can be rejected: the map is broken on purpose, and must be found out.

use super::lanes::{Effort, schedules};
use crate::command::{run, run_silently};
use crate::failure::Failure;

/// A fault that the map makes in a model's build, and what must be said of it.
struct Mutant {
    name: &'static str,
    verdict: &'static str,
}

/// What the checker of histories says.
const NO_ORDER: &str = "no order of the events";

const MUTANTS: [Mutant; 4] = [
    Mutant { name: "head_reread", verdict: NO_ORDER },
    Mutant { name: "kill_without_exchange", verdict: NO_ORDER },
    Mutant { name: "no_grace_period", verdict: "a reclaimed node was read" },
    Mutant { name: "replace_with_gap", verdict: NO_ORDER },
];

/// Makes each fault in turn; fails unless each is found, for what it is.
pub(super) fn reject_all() -> Result<Vec<String>, Failure> {
    // Built once and with its own output, so that a build that fails is no mutant that is found.
    run(schedules(Effort::Part).arg("--no-run"))?;
    let mut lines = Vec::new();
    let mut survivors = 0;
    for Mutant { name, verdict } in &MUTANTS {
        let mut command = schedules(Effort::Part);
        let (passed, printed) = run_silently(command.env("RESUMPTION_MUTANT", name))?;
        let found = !passed && printed.contains(verdict);
        survivors += usize::from(!found);
        let line = format!("{name}: {}", if found { verdict } else { "NOT FOUND" });
        println!("{line}");
        lines.push(line);
    }
    if survivors > 0 {
        return Err(Failure::Faults { count: survivors, of: "mutants not found" });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::root;
    use std::fs;

    #[test]
    fn every_mutant_is_one_that_the_map_knows() {
        let folder = root().join("crates/resumption-map/src");
        let source: String = fs::read_dir(folder)
            .expect("the map")
            .filter_map(|entry| fs::read_to_string(entry.expect("readable").path()).ok())
            .collect();
        for Mutant { name, .. } in &MUTANTS {
            assert!(source.contains(&format!("mutant(\"{name}\")")), "{name}");
        }
    }
}
