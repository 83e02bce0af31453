//! `resumption load`: handshakes against any TLS server, full and resumed, and what they cost.
//!
//! Blocking sockets and one thread per connection in flight: the client's own scheduling then adds
//! nothing to the latencies but what the kernel adds. What is offered for resumption is decided by
//! the generator's own session store, so full and resumed handshakes are exactly that.

mod any_certificate;
mod connection;
mod phase;
mod progress;
mod report;
mod sessions;
mod tally;
mod target;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::{LoadArgs, LoadMode};
use crate::out;
use crate::tls::TlsVersions;

pub use any_certificate::AnyCertificate;
pub(crate) use connection::Request;
pub use phase::Handshake;
pub(crate) use phase::{Measured, Phase, measure};
pub(crate) use target::Target;
pub use target::TargetError;

use connection::ConnectionError;
use sessions::{NewestSession, Offer};

/// The path that is asked for: the cheapest answer that a server has.
pub(crate) const HEALTH: &str = "/healthz";

/// Runs `resumption load` and prints its table.
///
/// # Errors
/// [`LoadError`] when the target cannot be used or reached, or when every connection of a phase
/// failed.
pub fn run(args: &LoadArgs) -> Result<(), LoadError> {
    let mut target = Target::new(&args.connect, args.sni.as_deref(), args.ca.as_deref())?;
    let request = if args.no_request { Request::None } else { Request::get(&target, HEALTH) };
    let handshakes = match args.mode {
        LoadMode::Both => &[Handshake::Full, Handshake::Resumed][..],
        LoadMode::Full => &[Handshake::Full],
        LoadMode::Resumed => &[Handshake::Resumed],
    };
    let mut measured = Vec::new();
    for &version in args.versions.each() {
        probe(&mut target, version, &request, args.io_timeout)?;
        for &handshake in handshakes {
            let phase = Phase {
                version,
                handshake,
                threads: args.threads,
                duration: args.duration,
                io_timeout: args.io_timeout,
                request: request.clone(),
            };
            measured.push(measure(&target, &phase)?);
        }
    }
    out::print(format_args!("{}", report::Report(&measured)));
    match measured.iter().find(|measured| measured.tally.handshakes() == 0) {
        Some(phase) => {
            Err(LoadError::Nothing { version: phase.version, handshake: phase.handshake })
        }
        None => Ok(()),
    }
}

/// One connection before any is measured: a wrong port or version then is one clear line instead of
/// a table of errors. Settles on the first of the target's addresses where anybody listens.
fn probe(
    target: &mut Target,
    version: TlsVersions,
    request: &Request,
    io_timeout: Duration,
) -> Result<(), LoadError> {
    loop {
        match exchange(target, version, request, io_timeout) {
            Ok(_) => return Ok(()),
            Err(LoadError::Unreachable { why, .. })
                if why.0.is_connect() && target.next_address() => {}
            Err(why) => return Err(why),
        }
    }
}

/// Makes one connection without a session and returns the response.
///
/// # Errors
/// [`LoadError::Unreachable`] with the step that failed.
pub(crate) fn exchange(
    target: &Target,
    version: TlsVersions,
    request: &Request,
    io_timeout: Duration,
) -> Result<Vec<u8>, LoadError> {
    let sessions = Arc::new(NewestSession::new(Offer::Nothing));
    let config = Arc::new(target.client_config(version, sessions)?);
    let mut response = Vec::new();
    connection::connect(target, &config, request, io_timeout, &mut response).map_err(|why| {
        LoadError::Unreachable { host: target.host.clone(), version, why: Failed(why) }
    })?;
    Ok(response)
}

/// Why there is nothing to report.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// Not one handshake of a phase went well; the table says why.
    Nothing {
        /// The phase's version.
        version: TlsVersions,
        /// The phase's kind of handshake.
        handshake: Handshake,
    },
    /// rustls refused the client's configuration.
    Configuration(rustls::Error),
    /// The target cannot be used.
    Target(TargetError),
    /// The first connection failed.
    Unreachable {
        /// The server.
        host: String,
        /// The version that was offered.
        version: TlsVersions,
        /// What failed.
        why: Failed,
    },
}

/// How a connection failed.
#[derive(Debug)]
pub struct Failed(ConnectionError);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing { version, handshake } => {
                write!(f, "not one {handshake} handshake over {version} went well")
            }
            Self::Configuration(why) => write!(f, "cannot set up TLS: {why}"),
            Self::Target(why) => why.fmt(f),
            Self::Unreachable { host, version, why } => {
                write!(f, "no connection to {host} over {version}: {why}")
            }
        }
    }
}

impl std::error::Error for LoadError {}

impl From<TargetError> for LoadError {
    fn from(why: TargetError) -> Self {
        Self::Target(why)
    }
}

impl From<rustls::Error> for LoadError {
    fn from(why: rustls::Error) -> Self {
        Self::Configuration(why)
    }
}
