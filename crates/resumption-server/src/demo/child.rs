//! The server of the demonstration: this same program as a child process, so that its CPU time is
//! its own and the client's is not in it.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use crate::cli::{Endpoint, EndpointError};
use crate::load::{self, LoadError, Request, Target};
use crate::tls::TlsVersions;

/// How long one question to the server may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running child. It stops when its standard input closes: by [`ChildServer::stop`], or because
/// this process is gone, however it went.
pub(super) struct ChildServer {
    child: Child,
    stdin: ChildStdin,
    endpoint: Endpoint,
}

impl ChildServer {
    /// Starts the child and waits for its word that it listens.
    pub(super) fn start(listen: &Endpoint) -> Result<Self, ChildError> {
        let program = std::env::current_exe().map_err(ChildError::Spawn)?;
        let mut child = Command::new(program)
            .args(["serve", "--stop-with-stdin", "--listen", &listen.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(ChildError::Spawn)?;
        let pipe = || ChildError::Spawn(io::ErrorKind::BrokenPipe.into());
        let stdin = child.stdin.take().ok_or_else(pipe)?;
        let stdout = child.stdout.take().ok_or_else(pipe)?;
        let mut stderr = child.stderr.take().ok_or_else(pipe)?;

        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).map_err(ChildError::Spawn)?;
        if line.is_empty() {
            let mut complaint = String::new();
            let _ = stderr.read_to_string(&mut complaint);
            let _ = child.wait();
            let complaint = complaint.trim().trim_start_matches("resumption: ").to_owned();
            return Err(ChildError::Refused(complaint));
        }
        std::thread::spawn(move || io::copy(&mut stderr, &mut io::stderr()));
        let endpoint = endpoint_of(&line)?;
        Ok(Self { child, stdin, endpoint })
    }

    /// Where it listens.
    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Lets it finish and waits for its end.
    pub(super) fn stop(self) -> Result<(), ChildError> {
        let Self { mut child, stdin, .. } = self;
        drop(stdin);
        let status = child.wait().map_err(ChildError::Spawn)?;
        if status.success() { Ok(()) } else { Err(ChildError::Ended(status.to_string())) }
    }
}

/// The CPU time that the server behind `target` has used so far, from its own metrics.
pub(super) fn cpu_time(target: &Target) -> Result<Duration, ChildError> {
    let request = Request::get(target, "/metrics");
    let response = load::exchange(target, TlsVersions::Tls13, &request, PATIENCE)?;
    let response = String::from_utf8_lossy(&response);
    metric(&response, "process_cpu_seconds_total")
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or(ChildError::Metrics)
}

/// Reads the address out of `listening on https://ADDRESS/ …`.
fn endpoint_of(ready: &str) -> Result<Endpoint, ChildError> {
    let address = ready.split("https://").nth(1).and_then(|rest| rest.split('/').next());
    address
        .unwrap_or_default()
        .parse()
        .map_err(|why| ChildError::Ready { line: ready.trim().to_owned(), why })
}

/// The value of a metric without labels.
fn metric(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

/// What went wrong with the server of the demonstration.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChildError {
    /// It did not end well.
    Ended(String),
    /// It did not answer.
    Load(LoadError),
    /// Its metrics are not what they should be.
    Metrics,
    /// It said that it is ready, but not where.
    Ready {
        /// What it said.
        line: String,
        /// What is wrong with the address in it.
        why: EndpointError,
    },
    /// It did not start, and said why.
    Refused(String),
    /// The system did not start it.
    Spawn(io::Error),
}

impl fmt::Display for ChildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended(status) => write!(f, "the server ended with {status}"),
            Self::Load(why) => why.fmt(f),
            Self::Metrics => f.write_str("the server's metrics lack its CPU time"),
            Self::Ready { line, why } => write!(f, "the server said {line:?}: {why}"),
            Self::Refused(complaint) => f.write_str(complaint),
            Self::Spawn(why) => write!(f, "cannot start the server: {why}"),
        }
    }
}

impl std::error::Error for ChildError {}

impl From<LoadError> for ChildError {
    fn from(why: LoadError) -> Self {
        Self::Load(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_server_says() {
        let line = "listening on https://127.0.0.1:4433/ (versions TLS 1.2 and 1.3)\n";
        assert_eq!(endpoint_of(line).unwrap().to_string(), "127.0.0.1:4433");
        assert_eq!(endpoint_of("listening on https://[::1]:1/").unwrap().port, 1);
        assert!(endpoint_of("hello").is_err());
        assert_eq!(metric("# HELP a b\na 1.5\nab 2\n", "a"), Some(1.5));
        assert_eq!(metric("a{b=\"c\"} 1\n", "a"), None);
    }
}
