//! The numbered cases of OpenSSL's session cache: runs their tests and joins them with their table.
//!
//! The package `resumption-conformance` has both; its program does the joining, so that this one need
//! not know the table.

use std::fs;

use crate::command::{cargo, root, run, run_silently};
use crate::failure::Failure;

/// Where the output of the tests is kept for the program that joins it with the table.
const RUN: &str = "target/conformance.txt";

/// How many encodings case 153 tries, as its text says; a plain run of the tests tries a tenth.
const BLOBS: &str = "1000000";

/// The document that is kept.
const DOCUMENT: &str = "conformance/TABLE.md";

/// Runs the cases and prints the table; fails unless every row has its tests, every test its row, and
/// all of them pass.
pub(crate) fn check() -> Result<(), Failure> {
    // Built first, with the compiler's messages on the terminal.
    run(cargo().args(["build", "--package", "resumption-conformance", "--bins", "--tests"]))?;
    let mut tests = cargo();
    tests.args(["test", "--quiet", "--package", "resumption-conformance", "--test", "cases"]);
    tests.args(["--", "--format", "pretty"]).env("CONFORMANCE_BLOBS", BLOBS);
    // A test that fails is a row of the table first, and a fault of the whole afterwards.
    let (passed, printed) = run_silently(&mut tests)?;
    if !passed {
        println!("{printed}");
    }
    let file = root().join(RUN);
    fs::write(&file, &printed).map_err(|error| Failure::Write { path: RUN.to_owned(), error })?;
    run(program().arg(RUN))
}

/// Writes the table as a document.
pub(crate) fn write() -> Result<(), Failure> {
    run(program().args(["--markdown", DOCUMENT]))
}

fn program() -> std::process::Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "resumption-conformance", "--bin", "conformance"]);
    command.arg("--");
    command
}
