//! Why a task did not succeed.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitStatus;

/// Why a task did not succeed, in the words the person at the terminal needs.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A command ran and said no; its own output stands above.
    Command { line: String, status: ExitStatus },
    /// The task itself found faults and has printed each on a line of its own.
    Faults { count: usize, of: &'static str },
    /// A program that a task started did not do what it should.
    Fleet(String),
    /// A command could not be started at all.
    Launch { line: String, error: io::Error },
    /// `cargo metadata` could not be read.
    Metadata(cargo_metadata::Error),
    /// A tool that the tests need is missing, and how to get it.
    Missing { tools: Vec<&'static str>, remedy: String },
    /// A file of the repository could not be read.
    Read { path: String, error: io::Error },
    /// A file could not be written.
    Write { path: String, error: io::Error },
    /// A store's server did not do what it should.
    Store(redis_harness::Fault),
    /// A step of `ci` or a lane of `verify` failed.
    Step { name: &'static str, cause: Box<Failure> },
    /// Something was asked for by a name that nothing has, and where the names are.
    Unknown { what: &'static str, name: String, known: String },
}

impl Failure {
    /// A file of the repository could not be read.
    pub(crate) fn of_file(path: &Path, error: io::Error) -> Self {
        Self::Read { path: path.display().to_string(), error }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { line, status } => write!(f, "`{line}` ended with {status}"),
            Self::Faults { count, of } => write!(f, "{count} {of}, listed above"),
            Self::Fleet(what) => f.write_str(what),
            Self::Launch { line, error } => write!(f, "`{line}` could not be started: {error}"),
            Self::Metadata(error) => write!(f, "cargo metadata: {error}"),
            Self::Missing { tools, remedy } => write!(f, "missing {}: {remedy}", tools.join(", ")),
            Self::Read { path, error } | Self::Write { path, error } => {
                write!(f, "{path}: {error}")
            }
            Self::Store(fault) => write!(f, "{fault}"),
            Self::Step { name, cause } => write!(f, "step `{name}`: {cause}"),
            Self::Unknown { what, name, known } => {
                write!(f, "there is no {what} `{name}`; there are {known}")
            }
        }
    }
}

impl From<redis_harness::Fault> for Failure {
    fn from(fault: redis_harness::Fault) -> Self {
        Self::Store(fault)
    }
}

impl std::error::Error for Failure {}
