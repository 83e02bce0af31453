//! Clients that are not ours: `openssl s_client` and Python's `ssl`, unmodified, against the program.
//! Here is what takes many connections; `cargo xtask interop` goes through more clients step by step.
//!
//! Both tools must be installed. A missing one fails the test and is named.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::process::Command;

use support::{LIBRARIES, Server, get, metric, run, start_trusted, text};

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Runs `openssl s_client`, asks for a page and waits for the server's close, so that TLS 1.3
/// tickets have arrived. Returns how each handshake went: `New` or `Reused`.
fn s_client(server: &Server, arguments: &[&str]) -> Vec<String> {
    let address = server.address.to_string();
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &address, "-servername", "localhost", "-ign_eof"]);
    let output = run(command.args(arguments), REQUEST);
    let said = text(&output.stdout);
    let kinds: Vec<_> = said
        .lines()
        .filter_map(|line| line.split_once(", TLSv1.").map(|(kind, _)| kind))
        .filter(|kind| matches!(*kind, "New" | "Reused"))
        .map(str::to_owned)
        .collect();
    assert!(!kinds.is_empty(), "no handshake:\n{said}\n{}", text(&output.stderr));
    kinds
}

#[test]
fn openssl_reconnects_over_tls_1_2() {
    for library in LIBRARIES {
        let server = start_trusted(&["--tls", library]);
        let kinds = s_client(&server, &["-tls1_2", "-reconnect"]);
        assert_eq!(kinds, ["New", "Reused", "Reused", "Reused", "Reused", "Reused"], "{library}");
        let page = get(server.address, "/metrics");
        assert_eq!(metric(&page, "tls_handshakes_total{version=\"1.2\",kind=\"resumed\"}"), 5);
    }
}

#[test]
fn mode_off_resumes_nothing() {
    for library in LIBRARIES {
        let server = start_trusted(&["--tls", library, "--mode", "off"]);
        assert_eq!(s_client(&server, &["-tls1_2", "-reconnect"]), ["New"; 6], "{library}");
        let page = get(server.address, "/metrics");
        assert_eq!(metric(&page, "tls_session_cache_entries"), 0);
    }
}

/// What all Python scripts begin with: `connect` makes one connection, optionally with a session.
const PYTHON: &str = r#"
import socket, ssl, sys, threading

port, version = int(sys.argv[1]), getattr(ssl.TLSVersion, sys.argv[2])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.minimum_version = context.maximum_version = version

def connect(session, ready=lambda: None):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as raw:
        ready()
        with context.wrap_socket(raw, server_hostname="localhost", session=session) as tls:
            tls.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while tls.recv(4096):
                pass
            return tls.session, tls.session_reused
"#;

fn python(server: &Server, version: &str, script: &str) -> String {
    let port = server.address.port().to_string();
    let whole = format!("{PYTHON}\n{script}");
    let output = run(Command::new("python3").args(["-c", &whole, &port, version]), b"");
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

const PYTHON_CROWD: &str = r"
session, _ = connect(None)
crowd = 64
barrier = threading.Barrier(crowd)
outcomes = []

def one():
    outcomes.append(connect(session, barrier.wait)[1])

threads = [threading.Thread(target=one) for _ in range(crowd)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(outcomes), sum(outcomes))
";

#[test]
fn one_tls_1_3_session_offered_by_64_connections_at_once_resumes_once() {
    for library in LIBRARIES {
        let server = start_trusted(&["--tls", library]);
        assert_eq!(python(&server, "TLSv1_3", PYTHON_CROWD), "64 1\n", "{library}");
        let page = get(server.address, "/metrics");
        assert_eq!(metric(&page, "tls_handshakes_total{version=\"1.3\",kind=\"resumed\"}"), 1);
        assert_eq!(metric(&page, "tls_session_cache_departed_total{reason=\"taken\"}"), 1);
    }
}
