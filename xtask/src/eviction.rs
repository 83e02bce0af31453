//! The simulation of eviction policies.

use crate::command::{cargo, run};
use crate::failure::Failure;

/// Builds the simulation in release and runs it with `arguments`.
pub(crate) fn simulate(arguments: &[String]) -> Result<(), Failure> {
    run(cargo()
        .args(["run", "--release", "--package", "resumption-benches", "--bin", "eviction", "--"])
        .args(arguments))
}
