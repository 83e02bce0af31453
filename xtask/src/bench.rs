//! The comparison with the peers.

use crate::command::{cargo, run};
use crate::failure::Failure;

/// Builds the comparison in release and runs it with `arguments`.
pub(crate) fn compare<S: AsRef<str>>(arguments: &[S]) -> Result<(), Failure> {
    run(cargo()
        .args(["run", "--release", "--package", "resumption-benches", "--bin", "bench", "--"])
        .args(arguments.iter().map(AsRef::as_ref)))
}

/// The few seconds that prove that the comparison still runs; its figures mean nothing.
pub(crate) fn smoke() -> Result<(), Failure> {
    compare(&["--smoke"])
}
