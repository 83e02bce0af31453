//! Real clients: what is read off their first bytes is what rustls then asks its storage for.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use resumption_hello::Ticket;
use rustls::HandshakeKind::{Full, Resumed};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use support::Wanted;
use support::recorder::{REQUEST, Sessions, Visit, record, run};
use support::rustls_client::{rustls_client, visit_by_rustls};

/// A first visit and one that comes back, over both versions, to a server that keeps sessions.
fn check(client: impl Fn(SocketAddr, &'static SupportedProtocolVersion)) {
    for version in [&TLS12, &TLS13] {
        let visits = record(version, Sessions::Kept, 2, |address| client(address, version));
        assert_eq!(visits[0].kind, Full);
        assert_eq!(visits[1].kind, Resumed, "{version:?}");
        let tls13 = version.version == TLS13.version;
        for visit in &visits {
            let hello = visit.reader.client_hello().unwrap();
            assert_eq!(hello.server_name(), Some("localhost"));
            assert!(hello.offers_tls13() || !tls13);
            assert!(!hello.is_after_retry_request() && !hello.offers_early_data());
        }
        assert_eq!(wanted(&visits[0]), Wanted::Nothing, "{version:?}: a first visit");
        let offered = match wanted(&visits[1]) {
            Wanted::Identities(ids) if tls13 => ids.into_iter().map(Vec::from).collect(),
            Wanted::SessionId(id) if !tls13 => vec![id],
            other => panic!("{version:?}: {other:?}"),
        };
        // rustls stops at the first that it can use.
        assert_eq!(visits[1].asked, offered[..1], "{version:?}");
    }
}

/// What is wanted of this visit by a server of both versions.
fn wanted(visit: &Visit) -> Wanted {
    visit.reader.client_hello().unwrap().resumption().into()
}

#[test]
fn rustls_offers_what_rustls_asks_for() {
    check(|address, version| {
        let config = rustls_client(version);
        for _visit in 0..2 {
            visit_by_rustls(address, &config);
        }
    });
}

#[test]
fn openssl_offers_what_rustls_asks_for() {
    check(|address, version| {
        let session = session_file(version, "kept");
        for flag in ["-sess_out", "-sess_in"] {
            visit_by_openssl(address, version, flag, &session);
        }
        fs::remove_file(session).unwrap();
    });
}

#[test]
fn curl_offers_what_rustls_asks_for() {
    check(|address, version| {
        let most = if version.version == TLS13.version { "1.3" } else { "1.2" };
        let port = address.port();
        let mut curl = Command::new("curl");
        curl.args(["-sSk", "--http1.1", "--noproxy", "*", "--tls-max", most]);
        curl.args(["--resolve", &format!("localhost:{port}:127.0.0.1")]);
        for path in ["first", "again"] {
            curl.arg(format!("https://localhost:{port}/{path}"));
        }
        run(&mut curl, "");
    });
}

#[test]
fn python_offers_what_rustls_asks_for() {
    const PROGRAM: &str = "
import socket, ssl, sys
port, version = int(sys.argv[1]), sys.argv[2]
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.maximum_version = ssl.TLSVersion[version]
session = None
for _ in range(2):
    with socket.create_connection(('127.0.0.1', port)) as tcp:
        with context.wrap_socket(tcp, server_hostname='localhost', session=session) as tls:
            tls.sendall(sys.argv[3].encode())
            while tls.recv(1000):
                pass
            session = tls.session
";
    check(|address, version| {
        let most = if version.version == TLS13.version { "TLSv1_3" } else { "TLSv1_2" };
        let port = address.port().to_string();
        run(Command::new("python3").args(["-c", PROGRAM, &port, most, REQUEST]), "");
    });
}

/// Sessions in tickets are nothing that a store has: no fetch.
#[test]
fn sealed_tickets_are_told_from_ids() {
    for version in [&TLS12, &TLS13] {
        let tls13 = version.version == TLS13.version;
        let visits = record(version, Sessions::SealedInTickets, 2, |address| {
            let session = session_file(version, "sealed");
            for flag in ["-sess_out", "-sess_in"] {
                visit_by_openssl(address, version, flag, &session);
            }
            fs::remove_file(session).unwrap();
        });
        assert_eq!((visits[0].kind, visits[1].kind), (Full, Resumed), "{version:?}");
        assert_eq!(wanted(&visits[1]), if tls13 { Wanted::Nothing } else { Wanted::Ticket });
        let ticket = visits[1].reader.client_hello().unwrap().ticket();
        assert_eq!(ticket, if tls13 { Ticket::Empty } else { Ticket::Offered });
        assert!(visits[1].asked.is_empty(), "{version:?}");
    }
}

/// Every way to cut the flight of a real client in two.
#[test]
fn a_real_flight_may_be_cut_anywhere() {
    let visits = record(&TLS13, Sessions::Kept, 2, |address| {
        let config = rustls_client(&TLS13);
        for _visit in 0..2 {
            visit_by_rustls(address, &config);
        }
    });
    let flight = &visits[1].flight;
    let whole = wanted(&visits[1]);
    for cut in 0..flight.len() {
        let mut reader = resumption_hello::HelloReader::new();
        let first = reader.feed(&flight[..cut]).unwrap();
        assert_ne!(first, resumption_hello::Progress::Done);
        assert_eq!(reader.feed(&flight[cut..]), Ok(resumption_hello::Progress::Done));
        assert_eq!(Wanted::from(reader.client_hello().unwrap().resumption()), whole);
    }
}

/// Where a session waits for its second visit; each test and each run has its own.
fn session_file(version: &SupportedProtocolVersion, of: &str) -> PathBuf {
    let name = format!("hello-{of}-{:?}-{}.pem", version.version, std::process::id());
    std::env::temp_dir().join(name)
}

fn visit_by_openssl(
    address: SocketAddr,
    version: &SupportedProtocolVersion,
    flag: &str,
    session: &std::path::Path,
) {
    // Offers both versions to a server of one, where that is TLS 1.3.
    let only = (version.version == TLS12.version).then_some("-tls1_2");
    let mut openssl = Command::new("openssl");
    openssl.args(["s_client", "-connect", &address.to_string(), "-servername", "localhost"]);
    openssl.args(["-ign_eof", "-quiet", flag]).arg(session).args(only);
    run(&mut openssl, REQUEST);
}
