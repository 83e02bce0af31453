//! `cargo xtask bench`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    resumption_benches::main()
}
