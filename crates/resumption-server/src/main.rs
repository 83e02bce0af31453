//! `resumption`: a TLS server on the session cache, and a load generator. See the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    resumption_server::main(std::env::args_os())
}
