//! The program `resumption` as a library, so that tests can run it in-process.
//!
//! Three subcommands: [`serve`] is a TLS server on the session cache, [`load`] makes handshakes and
//! measures them, [`demo`] runs the two against each other. The binary is a few lines around
//! [`main`].
#![forbid(unsafe_code)]

mod cache;
pub mod certificate;
pub mod cli;
pub mod demo;
pub mod load;
mod out;
pub mod serve;
mod signals;
mod text;
pub mod tls;

use std::ffi::OsString;
use std::fmt;
use std::process::ExitCode;

pub use cache::CacheError;
use cli::{Cli, Command, NoCommand};

/// The exit status for wrong arguments, apart from 1 for a command that failed.
const USAGE: u8 = 2;

/// Runs the program: parses `arguments` (its own name first) and does what they say. Whatever goes
/// wrong is one line on standard error and a status that is not zero.
pub fn main<I, T>(arguments: I) -> ExitCode
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let cli = match Cli::from_arguments(arguments) {
        Ok(cli) => cli,
        Err(NoCommand::Answer(text)) => {
            out::print(format_args!("{text}"));
            return ExitCode::SUCCESS;
        }
        Err(NoCommand::Help(text)) => {
            out::complain_plainly(format_args!("{text}"));
            return ExitCode::from(USAGE);
        }
        Err(NoCommand::Wrong(line)) => {
            out::complain(format_args!("{line}"));
            return ExitCode::from(USAGE);
        }
    };
    match &cli.command {
        Command::Demo(args) => conclude(demo::run(args)),
        Command::Load(args) => conclude(load::run(args)),
        Command::Serve(args) => conclude(serve::run(args)),
    }
}

fn conclude<E: fmt::Display>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            out::complain(format_args!("{why}"));
            ExitCode::FAILURE
        }
    }
}
