//! The documentation, with every warning an error.

use crate::command::{cargo, run};
use crate::failure::Failure;

/// Builds the documentation as users see it, so that a public page never links to a private item.
///
/// Libraries only: the server's program and the facade are both called `resumption`, and cargo would
/// write one's pages over the other's.
pub(crate) fn build() -> Result<(), Failure> {
    run(cargo().env("RUSTDOCFLAGS", "-D warnings").args([
        "doc",
        "--workspace",
        "--lib",
        "--no-deps",
        "--all-features",
    ]))
}
