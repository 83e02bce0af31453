//! Formatting and clippy.

use crate::command::{cargo, run};
use crate::failure::Failure;

/// Checks the formatting of every crate.
pub(crate) fn format() -> Result<(), Failure> {
    run(cargo().args(["fmt", "--all", "--check"]))
}

/// Runs clippy over every target of every crate; a warning is an error.
pub(crate) fn clippy() -> Result<(), Failure> {
    run(cargo()
        .args(["clippy", "--workspace", "--all-targets", "--all-features"])
        .args(["--", "-D", "warnings"]))
}
