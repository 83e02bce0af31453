//! `resumption demo`: a server and a client of this same program, over real sockets, and what
//! resumption gains between them.

mod child;
mod report;

use std::fmt;
use std::io;
use std::time::Duration;

use crate::cli::DemoArgs;
use crate::load::{self, Handshake, LoadError, Phase, Request, Target, TargetError};
use crate::out;
use crate::signals::{AtEndOfInput, Stop};
use crate::text;
use crate::tls::TlsVersions;

pub use child::ChildError;
use child::ChildServer;
use report::{Commands, Pair, Report, Run};

/// The least share of offered sessions that must resume. On loopback, with room for every session,
/// anything less is a fault.
const LEAST_RESUMPTION: f64 = 0.99;

/// What the numbers do not say by themselves.
const NOTE: &str = "\
A resumed TLS 1.3 handshake still exchanges keys, for forward secrecy, and brings two new sessions.
It saves the certificate and its signature. This client verifies neither, so that what a real client
saves is not in these numbers.
";

/// Where `resumption serve` listens unless told otherwise.
const SERVE_ADDRESS: &str = "127.0.0.1:8443";

/// How long any step of a connection may take.
const IO_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs the demonstration.
///
/// # Errors
/// [`DemoError`] when the server does not start or answer, and when sessions that should have resumed
/// did not.
pub fn run(args: &DemoArgs) -> Result<(), DemoError> {
    let server = ChildServer::start(&args.listen)?;
    let outcome = measure(args, &server);
    if let (Ok(()), true) = (&outcome, args.keep) {
        keep()?;
    }
    server.stop()?;
    outcome
}

fn measure(args: &DemoArgs, server: &ChildServer) -> Result<(), DemoError> {
    let target = Target::new(server.endpoint(), None, None)?;
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    out::print(format_args!(
        "A server process and {} client threads share {cpus} CPUs, {} for each line:\n\n",
        args.threads,
        text::span(args.duration)
    ));
    let mut pairs = Vec::new();
    for &version in TlsVersions::Both.each() {
        let run = |handshake| {
            let phase = Phase {
                version,
                handshake,
                threads: args.threads,
                duration: args.duration,
                io_timeout: IO_TIMEOUT,
                request: Request::get(&target, load::HEALTH),
            };
            let before = child::cpu_time(&target)?;
            let measured = load::measure(&target, &phase).map_err(LoadError::from)?;
            let server_cpu = child::cpu_time(&target)?.saturating_sub(before);
            Ok::<_, DemoError>(Run { measured, server_cpu })
        };
        pairs.push(Pair { full: run(Handshake::Full)?, resumed: run(Handshake::Resumed)? });
    }
    out::print(format_args!("{}\n{NOTE}\n", Report(&pairs)));
    pairs.iter().try_for_each(verdict)?;
    if args.keep {
        let endpoint = server.endpoint();
        out::print(format_args!("The server stays at https://{endpoint}/ until Ctrl-C. Try it:\n"));
        out::print(format_args!("{}", Commands(&endpoint.to_string())));
    } else {
        out::print(format_args!(
            "Try it against a server of your own, `resumption serve`:\n{}",
            Commands(SERVE_ADDRESS)
        ));
    }
    Ok(())
}

/// Whether what was measured is what resumption promises.
fn verdict(pair: &Pair) -> Result<(), DemoError> {
    let (full, resumed) = (&pair.full.measured, &pair.resumed.measured);
    for measured in [full, resumed] {
        let (went, failed) = (measured.tally.handshakes(), measured.tally.failures());
        if went == 0 || failed * 100 > went {
            return Err(DemoError::Failures { version: measured.version, failed, went });
        }
    }
    if full.tally.resumed() > 0 {
        return Err(DemoError::Unoffered { version: full.version });
    }
    match resumed.tally.resumption_rate() {
        Some(rate) if rate >= LEAST_RESUMPTION => Ok(()),
        rate => Err(DemoError::Resumption { version: resumed.version, rate: rate.unwrap_or(0.0) }),
    }
}

/// Waits for Ctrl-C or SIGTERM. At a terminal the server hears Ctrl-C itself, and drains already.
fn keep() -> Result<(), DemoError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(DemoError::Signals)?;
    runtime.block_on(async {
        let stop = Stop::listen(AtEndOfInput::Ignore).map_err(DemoError::Signals)?;
        stop.wait().await;
        Ok(())
    })
}

/// Why the demonstration did not come to its happy end.
#[derive(Debug)]
#[non_exhaustive]
pub enum DemoError {
    /// The server did not start, answer or end as it should.
    Child(ChildError),
    /// Too many connections failed.
    Failures {
        /// Over this version.
        version: TlsVersions,
        /// How many failed.
        failed: u64,
        /// How many went well.
        went: u64,
    },
    /// A measurement could not be made.
    Load(LoadError),
    /// Sessions that were offered did not resume.
    Resumption {
        /// Over this version.
        version: TlsVersions,
        /// The share that did.
        rate: f64,
    },
    /// The system does not let the process handle its signals.
    Signals(io::Error),
    /// A handshake resumed although no session was offered.
    Unoffered {
        /// Over this version.
        version: TlsVersions,
    },
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Child(why) => why.fmt(f),
            Self::Failures { version, failed, went } => {
                write!(f, "{version}: {failed} connections failed, {went} went well")
            }
            Self::Load(why) => why.fmt(f),
            Self::Resumption { version, rate } => write!(
                f,
                "{version}: only {} of the sessions offered were resumed, expected {} at least",
                text::percent(*rate),
                text::percent(LEAST_RESUMPTION)
            ),
            Self::Signals(why) => write!(f, "cannot wait for Ctrl-C: {why}"),
            Self::Unoffered { version } => {
                write!(f, "{version}: a handshake resumed although no session was offered")
            }
        }
    }
}

impl std::error::Error for DemoError {}

impl From<ChildError> for DemoError {
    fn from(why: ChildError) -> Self {
        Self::Child(why)
    }
}

impl From<LoadError> for DemoError {
    fn from(why: LoadError) -> Self {
        Self::Load(why)
    }
}

impl From<TargetError> for DemoError {
    fn from(why: TargetError) -> Self {
        Self::Load(why.into())
    }
}
