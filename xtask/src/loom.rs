//! The loom models: every interleaving, within a bound, of a handful of operations.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::command::{cargo, root, run};
use crate::failure::Failure;

/// What turns the map and crossbeam-epoch into their modelled forms.
///
/// `resumption_loom` swaps the map's synchronisation for loom's, `crossbeam_loom` does the same in
/// crossbeam-epoch, and `crossbeam_sanitize` makes its bags small enough for a model to fill one.
const FLAGS: &str = "--cfg resumption_loom --cfg crossbeam_loom --cfg crossbeam_sanitize";

/// Runs every model.
pub(crate) fn models() -> Result<(), Failure> {
    models_of(None)
}

/// Runs the models of one file of `loom-tests/tests`, or all of them.
pub(crate) fn models_of(file: Option<&str>) -> Result<(), Failure> {
    run(&mut test(file))
}

/// The command that runs the models. Each model sets its own bounds.
pub(crate) fn test(file: Option<&str>) -> Command {
    let mut command = cargo();
    command
        .env("RUSTFLAGS", flags(env::var("RUSTFLAGS").ok().as_deref()))
        // Other flags, other artifacts: in a directory of their own neither build evicts the other.
        .env("CARGO_TARGET_DIR", target_directory())
        // Optimised, because a model runs its body up to a few hundred thousand times.
        .args(["test", "--release", "--package", "loom-tests"]);
    if let Some(file) = file {
        command.args(["--test", file]);
    }
    command
}

/// [`FLAGS`] behind whatever the caller already asked for.
fn flags(inherited: Option<&str>) -> String {
    match inherited {
        Some(inherited) if !inherited.is_empty() => format!("{inherited} {FLAGS}"),
        _ => FLAGS.to_owned(),
    }
}

fn target_directory() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), PathBuf::from)
        .join("loom")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_the_caller_are_kept() {
        assert_eq!(flags(None), FLAGS);
        assert_eq!(flags(Some("")), FLAGS);
        assert_eq!(flags(Some("--cfg mine")), format!("--cfg mine {FLAGS}"));
    }

    #[test]
    fn one_file_or_all() {
        let all = test(None);
        assert!(all.get_args().all(|argument| argument != "--test"));
        let one = test(Some("take"));
        let arguments: Vec<_> = one.get_args().collect();
        assert!(arguments.ends_with(&["--test".as_ref(), "take".as_ref()]));
    }
}
