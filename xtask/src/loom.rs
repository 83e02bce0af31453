//! The loom models: every interleaving, within a bound, of a handful of operations.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::command::{cargo, root, run};
use crate::failure::Failure;
use crate::models::{self, FOLDER, Model};

/// What turns the map and crossbeam-epoch into their modelled forms.
///
/// `resumption_loom` swaps the map's synchronisation for loom's, `crossbeam_loom` does the same in
/// crossbeam-epoch, and `crossbeam_sanitize` makes its bags small enough for a model to fill one.
const FLAGS: &str = "--cfg resumption_loom --cfg crossbeam_loom --cfg crossbeam_sanitize";

/// How loads are made visible to loom; `resumption-map/src/sync/model.rs` says why there are two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Loads are exchanges that fail; no bound.
    Rmw,
    /// Accesses are announced by others; a bound on pre-emptions.
    Shadow,
}

impl Mode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rmw => "rmw",
            Self::Shadow => "shadow",
        }
    }
}

/// Runs every model in mode `shadow`, and those that are small enough in mode `rmw` as well.
pub(crate) fn models() -> Result<(), Failure> {
    run(&mut test(Mode::Shadow, &[]))?;
    let models = models::read_all()?;
    let small: Vec<_> = models.iter().filter(|model| model.exhaustive).collect();
    run(&mut test(Mode::Rmw, &small))
}

/// Runs the models of one file of `loom-tests/tests`, or all of them.
pub(crate) fn models_of(file: Option<&str>) -> Result<(), Failure> {
    let Some(file) = file else { return models() };
    let models = models::read_all()?;
    let Some(model) = models.iter().find(|model| model.name == file) else {
        // A filter that matches nothing would pass.
        return Err(Failure::Unknown {
            what: "file of models",
            name: file.to_owned(),
            known: format!("those in {FOLDER}"),
        });
    };
    run(&mut test(Mode::Shadow, &[model]))?;
    if model.exhaustive { run(&mut test(Mode::Rmw, &[model])) } else { Ok(()) }
}

/// The command that runs these models, or all. Each model sets its own bounds.
pub(crate) fn test(mode: Mode, models: &[&Model]) -> Command {
    let mut command = build();
    // What models print, their sizes above all, is wanted.
    command.env("RESUMPTION_LOOM_MODE", mode.name()).args(["--", "--nocapture"]);
    if !models.is_empty() {
        // Without this, `evict_take` would be found in `insert_evict_take` as well.
        command.arg("--exact").args(models.iter().flat_map(|model| &model.tests));
    }
    command
}

/// The command that builds the models, and runs them unless it is told otherwise.
pub(crate) fn build() -> Command {
    let mut command = cargo();
    command
        .env("RUSTFLAGS", flags(env::var("RUSTFLAGS").ok().as_deref()))
        // Other flags, other artifacts: in a directory of their own neither build evicts the other.
        .env("CARGO_TARGET_DIR", target_directory())
        // Optimised, because a model runs its body up to a few hundred thousand times.
        .args(["test", "--release", "--package", "loom-tests", "--test", "models"]);
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
    fn one_file_is_run_by_the_names_of_its_tests() {
        let take = Model { tests: vec!["take::once".to_owned()], ..Model::default() };
        let command = test(Mode::Rmw, &[&take]);
        let arguments: Vec<_> = command.get_args().collect();
        assert!(arguments.ends_with(&["--exact".as_ref(), "take::once".as_ref()]));
        assert!(test(Mode::Shadow, &[]).get_args().all(|argument| argument != "--exact"));
    }

    #[test]
    fn a_file_that_does_not_exist_is_an_error() {
        assert!(matches!(models_of(Some("no_such_model")), Err(Failure::Unknown { .. })));
    }
}
