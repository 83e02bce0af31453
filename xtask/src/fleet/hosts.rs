//! The hosts of a fleet: three `resumption serve`, alike in all but their ports.

use std::process::Command;
use std::time::Duration;

use super::counters::Counters;
use super::lab::Lab;
use super::store::Store;
use super::talker::Talker;
use crate::command::stdout_of;
use crate::failure::Failure;

/// The TLS library of the hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    Openssl,
    Rustls,
}

impl Library {
    pub(crate) const ALL: [Self; 2] = [Self::Rustls, Self::Openssl];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Openssl => "openssl",
            Self::Rustls => "rustls",
        }
    }
}

/// How hosts are started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) number: usize,
    pub(crate) library: Library,
    /// How long a handshake waits for the store at most.
    pub(crate) deadline: Duration,
    /// How long a session may be resumed.
    pub(crate) timeout: Duration,
    /// The server beside a task that ticks, instead of the program itself.
    pub(crate) ticking: bool,
}

impl Settings {
    /// Three hosts, sessions for two hours.
    pub(crate) fn new(library: Library, deadline: Duration) -> Self {
        let timeout = Duration::from_secs(2 * 3600);
        Self { number: 3, library, deadline, timeout, ticking: false }
    }
}

/// Running hosts; dropping them kills them.
pub(crate) struct Hosts {
    hosts: Vec<Talker>,
    ports: Vec<u16>,
}

impl Hosts {
    /// What clients call them.
    pub(crate) const NAME: &str = "a.test";

    /// Starts them all; without a store each is on its own.
    pub(crate) fn start(
        lab: &Lab,
        settings: Settings,
        store: Option<&Store>,
    ) -> Result<Self, Failure> {
        let mut hosts = Vec::new();
        for _ in 0..settings.number {
            let program = if settings.ticking { "examples/ticking-server" } else { "resumption" };
            let mut command = Command::new(lab.program(program));
            let certificate = lab.certificate();
            command.args(["serve", "--listen", "127.0.0.1:0", "--stop-with-stdin"]);
            command.args(["--tls", settings.library.name()]);
            command.args(["--timeout", &format!("{}s", settings.timeout.as_secs())]);
            command.args(["--cert", &certificate.chain, "--key", &certificate.key]);
            if let Some(store) = store {
                command.arg("--store-keys").arg(lab.keys());
                command.args(["--store-deadline", &format!("{}ms", settings.deadline.as_millis())]);
                for url in store.urls() {
                    command.args(["--store", &url]);
                }
            }
            hosts.push(Talker::start("resumption serve", &mut command)?);
        }
        let mut ports = Vec::new();
        for host in &mut hosts {
            let ready = host.first_line()?;
            let port = ready
                .strip_prefix("listening on https://127.0.0.1:")
                .and_then(|rest| rest.split('/').next())
                .and_then(|port| port.parse().ok());
            let unclear =
                || Failure::Fleet(format!("a host does not say where it listens: {ready}"));
            ports.push(port.ok_or_else(unclear)?);
        }
        Ok(Self { hosts, ports })
    }

    pub(crate) fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// The counters of all hosts together; an error if one is missing.
    pub(crate) fn counters(&self, lab: &Lab) -> Result<Counters, Failure> {
        let mut command = Command::new(lab.program("examples/fleet-client"));
        command.args(["get", Self::NAME, "/metrics"]);
        command.args(self.ports.iter().map(u16::to_string));
        let counters = Counters::parse(&stdout_of(&mut command)?);
        match counters.missing()[..] {
            [] => Ok(counters),
            [name, ..] => Err(Failure::Fleet(format!("the hosts have no metric {name}"))),
        }
    }

    /// Ends them, and returns what they said at last.
    pub(crate) fn finish(self) -> Result<Vec<String>, Failure> {
        let said: Result<Vec<_>, _> = self.hosts.into_iter().map(Talker::finish).collect();
        Ok(said?.concat())
    }
}
