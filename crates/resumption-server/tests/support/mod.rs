//! What the tests of the program share: the program itself as a child process, tools with a deadline,
//! and a verifying HTTPS client.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::ServerName;

/// Longer than anything here takes on a busy machine; only a hang gets there.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The TLS libraries of the server.
pub(crate) const LIBRARIES: [&str; 2] = ["rustls", "openssl"];

/// The program under test.
pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_resumption"))
}

/// `resumption serve` on a free port, killed when dropped.
pub(crate) struct Server {
    child: Option<Child>,
    pub(crate) address: SocketAddr,
    /// The line it printed when it was ready.
    pub(crate) ready: String,
}

impl Server {
    /// Starts it with further arguments, and waits until it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = program()
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("piped");
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = tell.send(line);
        });
        let ready = told.recv_timeout(DEADLINE).expect("the server says that it is ready");
        let address = ready
            .strip_prefix("listening on https://")
            .and_then(|rest| rest.split('/').next())
            .and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("no address in {ready:?}"));
        Self { child: Some(child), address, ready }
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let child = self.child.as_ref().expect("running");
        let pid = rustix::process::Pid::from_child(child);
        rustix::process::kill_process(pid, signal).expect("it is ours");
    }

    /// Waits for its end, and returns its status and standard error.
    pub(crate) fn wait(mut self) -> Output {
        finish(self.child.take().expect("running"), "resumption serve", Vec::new())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Runs a command to its end with `input` on its standard input.
///
/// Panics when the tool is missing, naming it, or when it does not finish.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Output {
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|why| panic!("this test needs `{name}`, which cannot be run: {why}"));
    finish(child, &name, input.to_vec())
}

fn finish(mut child: Child, name: &str, input: Vec<u8>) -> Output {
    let pid = rustix::process::Pid::from_child(&child);
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        if let Some(mut stdin) = child.stdin.take() {
            // A tool that ends before it has read everything is judged by its output.
            let _ = stdin.write_all(&input);
        }
        let _ = tell.send(child.wait_with_output());
    });
    let Ok(output) = told.recv_timeout(DEADLINE) else {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        panic!("`{name}` did not finish within {DEADLINE:?}");
    };
    output.expect("its output can be read")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Tries until `attempt` gives something; panics with `what` at the deadline.
pub(crate) fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(started.elapsed() < DEADLINE, "{what}: not within {DEADLINE:?}");
        thread::yield_now();
    }
}

/// A folder of this test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).expect("the target's folder is writable");
    path
}

/// A certificate that this test's client trusts, in files.
pub(crate) struct Certificate {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) client: Arc<ClientConfig>,
}

/// One for all tests of a binary.
pub(crate) fn certificate() -> &'static Certificate {
    static MADE: OnceLock<Certificate> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = folder("certificate");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&cert, made.cert.pem()).expect("written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring knows them")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Certificate { cert, key, client: Arc::new(client) }
    })
}

/// A server with [`certificate`].
pub(crate) fn start_trusted(arguments: &[&str]) -> Server {
    let Certificate { cert, key, .. } = certificate();
    let files = ["--cert", path(cert), "--key", path(key)];
    Server::start(&[&files[..], arguments].concat())
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("the target's path is UTF-8")
}

pub(crate) type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Connects to a server started by [`start_trusted`]. The handshake happens at the first use.
pub(crate) fn connect(address: SocketAddr) -> std::io::Result<Tls> {
    let socket = TcpStream::connect_timeout(&address, DEADLINE)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(DEADLINE))?;
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::clone(&certificate().client), name)
        .map_err(std::io::Error::other)?;
    Ok(StreamOwned::new(connection, socket))
}

/// The whole response to a `GET`, headers included, from a server started by [`start_trusted`].
pub(crate) fn get(address: SocketAddr, path: &str) -> String {
    let mut tls = connect(address).expect("the server accepts");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    tls.write_all(request.as_bytes()).expect("the request is taken");
    let mut response = Vec::new();
    tls.read_to_end(&mut response).expect("the response ends with a proper close");
    text(&response)
}

/// The value of a metric, labels included in `name`.
pub(crate) fn metric(page: &str, name: &str) -> u64 {
    page.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
        .unwrap_or_else(|| panic!("no {name} in:\n{page}"))
}
