//! The documentation, with every warning an error.

use crate::command::{cargo, run};
use crate::failure::Failure;

/// Builds the documentation as users see it, so that a public page never links to a private item.
pub(crate) fn build() -> Result<(), Failure> {
    run(cargo().env("RUSTDOCFLAGS", "-D warnings").args([
        "doc",
        "--workspace",
        "--no-deps",
        "--all-features",
    ]))
}
