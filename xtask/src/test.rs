//! The tests: unit, integration and the documentation's examples.

use crate::command::{self, cargo};
use crate::failure::Failure;
use crate::prerequisites;

/// Checks that the tools the tests call are here, then runs the tests.
pub(crate) fn run() -> Result<(), Failure> {
    prerequisites::tools()?;
    tests()
}

/// Runs every test of every crate; a failing one does not hide the next.
pub(crate) fn tests() -> Result<(), Failure> {
    command::run(cargo().args(["test", "--workspace", "--all-features", "--no-fail-fast"]))
}
