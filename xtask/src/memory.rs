//! The OpenSSL adapter's tests under valgrind: no invalid access, and nothing lost.
//!
//! libssl's memory is C's: what the adapter takes from it and does not give back, or gives back twice, no
//! Rust compiler sees. The tests run as they are, panicking callbacks included; only the handshakes of the
//! long runs are fewer, which valgrind slows down by a factor of twenty.

use crate::command::{cargo, run_and_read};
use crate::failure::Failure;
use crate::prerequisites;

/// The crates whose tests call libssl.
const PACKAGES: [&str; 1] = ["resumption-openssl"];

/// What valgrind calls an error: all that it finds wrong, and blocks to which no pointer is left. What is
/// reachable at the end is libcrypto's tables and the Rust runtime's.
const VALGRIND: [&str; 6] = [
    "valgrind",
    "--quiet",
    "--leak-check=full",
    "--errors-for-leak-kinds=definite,indirect",
    "--show-leak-kinds=definite,indirect",
    "--error-exitcode=99",
];

/// Runs the tests, each binary in a valgrind of its own.
pub(crate) fn check() -> Result<(), Failure> {
    prerequisites::tools()?;
    let mut command = cargo();
    command
        .args([
            "--config",
            &format!("target.'cfg(unix)'.runner={VALGRIND:?}"),
            "test",
            "--tests",
            "--no-fail-fast",
        ])
        .args(PACKAGES.iter().flat_map(|package| ["--package", package]))
        .env("RESUMPTION_HANDSHAKES", "20")
        // A backtrace of a panic that is meant reads tens of megabytes of symbols.
        .env("RUST_BACKTRACE", "0");
    let printed = run_and_read(&mut command)?;
    let passed = printed.iter().filter(|line| line.ends_with(" ... ok")).count();
    if passed == 0 {
        return Err(Failure::Faults { count: 1, of: "runs without a test" });
    }
    println!("\nmemory: {passed} tests, no invalid access, nothing lost");
    Ok(())
}
