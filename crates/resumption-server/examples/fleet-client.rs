//! Clients on rustls that return to hosts of a fleet at random, for `cargo xtask fleet`.
//!
//! ```text
//! fleet-client load SEED CLIENTS PAUSE NAME VERSIONS PORT...
//! fleet-client get NAME PATH PORT...
//! ```
//!
//! `load` starts CLIENTS clients, each with sessions of its own. Each visits one of the loopback ports at random,
//! offers what it has, asks for a page, waits PAUSE milliseconds on average, and visits again, until standard
//! input ends. VERSIONS is `1.2`, `1.3` or `both`: then every other client speaks one of them. Each visit is
//! a line:
//!
//! ```text
//! CLIENT VERSION PORT full|resumed|failed MICROSECONDS [why]
//! ```
//!
//! The time is that of the handshake, as the client sees it, from its first message on. A visit has
//! `failed` if it had no whole handshake, or no page.
//!
//! `get` prints the body of a page of each port, after a line `= PORT`. Any certificate is accepted: these
//! clients look at sessions.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use resumption_server::load::AnyCertificate;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, StreamOwned, SupportedProtocolVersion,
};

/// Longer than any step takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        ["load", seed, clients, pause, name, versions, ports @ ..] => {
            let ports = numbers(ports)?;
            let pause = Duration::from_millis(pause.parse()?);
            load(seed.parse()?, clients.parse()?, pause, name, versions, &ports)
        }
        ["get", name, path, ports @ ..] => get(name, path, &numbers(ports)?),
        _ => Err("see the head of this file for the arguments".into()),
    }
}

fn numbers(ports: &[&str]) -> Result<Vec<u16>, std::num::ParseIntError> {
    ports.iter().map(|port| port.parse()).collect()
}

fn load(
    seed: u64,
    clients: u64,
    pause: Duration,
    name: &str,
    versions: &str,
    ports: &[u16],
) -> Result<(), Box<dyn Error>> {
    let over = AtomicBool::new(false);
    let configs = (0..clients)
        .map(|number| {
            let thirteen = versions == "1.3" || (versions == "both" && number % 2 == 0);
            config(if thirteen { &TLS13 } else { &TLS12 }).map(|config| (number, thirteen, config))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let name = ServerName::try_from(name.to_owned())?;
    thread::scope(|scope| {
        for (number, thirteen, config) in configs {
            let (over, name) = (&over, &name);
            scope.spawn(move || {
                let mut chance = Chance(seed ^ (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
                // So that they do not all come at once.
                wait(pause.mul_f64(chance.share()));
                while !over.load(Ordering::Relaxed) {
                    let port = ports[chance.below(ports.len())];
                    let visit = visit(&config, name, port);
                    let version = if thirteen { "1.3" } else { "1.2" };
                    let mut out = io::stdout().lock();
                    // Nobody reads any more: the end of standard input will be seen.
                    let _ = writeln!(out, "{number} {version} {port} {visit}");
                    drop(out);
                    wait(pause.mul_f64(0.5 + chance.share()));
                }
            });
        }
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        over.store(true, Ordering::Relaxed);
    });
    Ok(())
}

/// One connection, as the rest of its line.
fn visit(config: &Arc<ClientConfig>, name: &ServerName<'static>, port: u16) -> String {
    let mut took = Duration::ZERO;
    let outcome = (|| {
        let mut tls = connect(config, name, port)?;
        let began = Instant::now();
        let shaken = shake(&mut tls);
        took = began.elapsed();
        shaken?;
        exchange(&mut tls, &name.to_str(), "/healthz")?;
        Ok::<_, io::Error>(match tls.conn.handshake_kind() {
            Some(HandshakeKind::Resumed) => "resumed",
            _ => "full",
        })
    })();
    let micros = took.as_micros();
    match outcome {
        Ok(kind) => format!("{kind} {micros}"),
        Err(why) => format!("failed {micros} {}", why.to_string().replace('\n', " ")),
    }
}

fn get(name: &str, path: &str, ports: &[u16]) -> Result<(), Box<dyn Error>> {
    let server = ServerName::try_from(name.to_owned())?;
    for port in ports {
        // Each a stranger, so that nobody resumes in order to ask how many have.
        let config = config(&TLS13)?;
        let mut tls = connect(&config, &server, *port)?;
        let page = exchange(&mut tls, name, path)?;
        let page = String::from_utf8(page)?;
        let body = page.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        println!("= {port}\n{body}");
    }
    Ok(())
}

type Tls = StreamOwned<ClientConnection, TcpStream>;

fn connect(config: &Arc<ClientConfig>, name: &ServerName<'static>, port: u16) -> io::Result<Tls> {
    let connection =
        ClientConnection::new(Arc::clone(config), name.clone()).map_err(io::Error::other)?;
    let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(StreamOwned::new(connection, socket))
}

fn shake(tls: &mut Tls) -> io::Result<()> {
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock)?;
    }
    Ok(())
}

/// Asks for a page, and reads to the end: tickets come with it.
fn exchange(tls: &mut Tls, host: &str, path: &str) -> io::Result<Vec<u8>> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    tls.write_all(request.as_bytes())?;
    let mut page = Vec::new();
    tls.read_to_end(&mut page)?;
    tls.conn.send_close_notify();
    // The server may be gone already.
    let _ = tls.conn.complete_io(&mut tls.sock);
    if page.starts_with(b"HTTP/1.1 200") { Ok(page) } else { Err(io::Error::other("no page")) }
}

/// A client: its sessions are its own.
fn config(version: &'static SupportedProtocolVersion) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate::new(provider)))
        .with_no_client_auth();
    config.resumption = Resumption::in_memory_sessions(8);
    Ok(Arc::new(config))
}

#[expect(clippy::disallowed_methods, reason = "a client that comes back later")]
fn wait(time: Duration) {
    thread::sleep(time);
}

/// A sequence that looks random and is the same for each seed (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }

    fn below(&mut self, number: usize) -> usize {
        let number = u64::try_from(number).unwrap_or(1).max(1);
        usize::try_from(self.next() % number).unwrap_or(0)
    }
}
