//! One server.

use std::fs;
use std::time::Duration;

use crate::client::{Client, Reply};
use crate::fault::Fault;
use crate::folder::Folder;
use crate::ports::free_port;
use crate::process::Process;
use crate::wait::until;

/// How long a server may take to start on a busy machine.
const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// How often another port is tried: somebody may have taken it between looking and starting.
const ATTEMPTS: u32 = 5;

/// How a server is started: with no persistence, on loopback, and with what is added here.
#[derive(Clone, Debug, Default)]
pub struct Options {
    arguments: Vec<String>,
    password: Option<String>,
    sentinel: bool,
    tls: bool,
}

impl Options {
    /// A server as it comes.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more setting: `maxmemory` and `3mb`.
    #[must_use]
    pub fn with(mut self, setting: &str, value: impl Into<String>) -> Self {
        self.arguments.extend([format!("--{setting}"), value.into()]);
        self
    }

    /// Asks for this password.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self.with("requirepass", password)
    }

    /// Speaks TLS on [`Server::tls_port`] with these certificates; [`Server::port`] stays in clear, for the tests'
    /// own questions.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, certificates: &crate::Certificates) -> Self {
        self.tls = true;
        let file = |path: &std::path::Path| path.display().to_string();
        self.with("tls-cert-file", file(certificates.certificate_file()))
            .with("tls-key-file", file(certificates.key_file()))
            .with("tls-auth-clients", "no")
    }

    pub(crate) fn sentinel() -> Self {
        Self { sentinel: true, ..Self::default() }
    }
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub struct Server {
    options: Options,
    port: u16,
    tls_port: Option<u16>,
    /// Before the folder, so that it is gone first: it writes there.
    process: Option<Process>,
    folder: Folder,
}

impl Server {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// If the program is missing, or the server never answers; with its log.
    pub fn start(options: &Options) -> Result<Self, Fault> {
        let mut fault = Fault::new("no attempt");
        for _ in 0..ATTEMPTS {
            let mut server = Self {
                options: options.clone(),
                folder: Folder::new()?,
                port: free_port()?,
                tls_port: options.tls.then(free_port).transpose()?,
                process: None,
            };
            match server.restart() {
                Ok(()) => return Ok(server),
                Err(error) => fault = error,
            }
        }
        Err(fault)
    }

    /// Starts the server again that was killed: the same port, the same settings, none of the data.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn restart(&mut self) -> Result<(), Fault> {
        let program = program()?;
        let arguments = self.arguments()?;
        // Not two on one port.
        self.process = None;
        let mut process = Process::start(&program, arguments)?;
        until("a server's first answer", STARTS_WITHIN, || {
            // Of another server, if ours could not have the port.
            if process.has_ended() {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                return Some(Err(Fault::new(format!("{program} ended at once: {log}"))));
            }
            let answer = self.ask_once("PING");
            matches!(answer, Ok(Reply::Text(_) | Reply::Error(_))).then_some(Ok(()))
        })??;
        self.process = Some(process);
        Ok(())
    }

    fn arguments(&self) -> Result<Vec<String>, Fault> {
        let folder = self.folder.path().display().to_string();
        let mut arguments = Vec::new();
        if self.options.sentinel {
            // A sentinel writes down what it learns, and so wants a file.
            let file = self.folder.path().join("sentinel.conf");
            if !file.exists() {
                fs::write(&file, "").map_err(|error| Fault::of("sentinel.conf", error))?;
            }
            arguments.extend([file.display().to_string(), "--sentinel".to_owned()]);
        }
        let mut set = |setting: &str, value: &str| {
            arguments.extend([format!("--{setting}"), value.to_owned()]);
        };
        set("bind", "127.0.0.1");
        set("port", &self.port.to_string());
        set("dir", &folder);
        set("logfile", "log");
        if !self.options.sentinel {
            set("save", "");
            set("appendonly", "no");
            // A replica does not wait for more replicas to copy to.
            set("repl-diskless-sync-delay", "0");
        }
        if let Some(port) = self.tls_port {
            set("tls-port", &port.to_string());
        }
        arguments.extend(self.options.arguments.iter().cloned());
        Ok(arguments)
    }

    /// The port on loopback, in clear.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port that speaks TLS, if one does.
    pub fn tls_port(&self) -> Option<u16> {
        self.tls_port
    }

    /// `redis://127.0.0.1:port`, without a password.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// SIGKILL; when this returns, the port is free.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Whether it was started and not killed.
    pub fn runs(&self) -> bool {
        self.process.is_some()
    }

    /// SIGSTOP: the kernel still accepts connections for it, and nothing answers.
    ///
    /// # Errors
    /// If it does not run.
    pub fn pause(&self) -> Result<(), Fault> {
        self.signal("STOP")
    }

    /// SIGCONT.
    ///
    /// # Errors
    /// If it does not run.
    pub fn resume(&self) -> Result<(), Fault> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> Result<(), Fault> {
        self.process.as_ref().ok_or_else(|| Fault::new("a server that was killed"))?.signal(name)
    }

    /// Asks the server something, logged in if it wants that.
    ///
    /// # Errors
    /// If it does not answer, or says no.
    pub fn ask(&self, question: &str) -> Result<Reply, Fault> {
        match self.ask_once(question) {
            Ok(Reply::Error(error)) => Err(Fault::of(question, error)),
            Ok(reply) => Ok(reply),
            Err(error) => Err(Fault::of(question, error)),
        }
    }

    fn ask_once(&self, question: &str) -> std::io::Result<Reply> {
        let mut client = Client::connect(self.port)?;
        if let Some(password) = &self.options.password {
            client.ask(&format!("AUTH {password}"))?;
        }
        client.ask(question)
    }
}

/// The program to start.
fn program() -> Result<String, Fault> {
    let named = std::env::var("RESUMPTION_REDIS_SERVER");
    let program = named.as_deref().unwrap_or("redis-server").to_owned();
    let found = std::process::Command::new(&program).arg("--version").output();
    if found.is_ok_and(|output| output.status.success()) {
        return Ok(program);
    }
    let remedy = match named {
        Ok(_) => "RESUMPTION_REDIS_SERVER names it",
        Err(_) => "install the Debian package redis-server",
    };
    Err(Fault::new(format!("{program} cannot be run: {remedy}")))
}
