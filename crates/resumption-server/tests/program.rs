//! The program as its users meet it: arguments, errors, pages, forwarding, signals, load and demo.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;
use std::sync::Arc;
use std::thread;

use support::{
    Certificate, LIBRARIES, Server, certificate, connect, eventually, folder, get, metric, path,
    program, run, start_trusted, text,
};

/// Runs the program with arguments that it must not accept, and returns its one line.
fn complaint(arguments: &[&str], status: i32) -> String {
    let Output { status: ended, stdout, stderr } = run(program().args(arguments), b"");
    let said = text(&stderr);
    assert_eq!(ended.code(), Some(status), "{arguments:?}: {said}");
    assert_eq!(text(&stdout), "", "{arguments:?}");
    assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
    assert!(said.starts_with("resumption: "), "{said}");
    said
}

#[test]
fn wrong_arguments_are_one_line_and_status_2() {
    assert!(complaint(&["serve", "--timeuot", "5m"], 2).contains("--timeuot"));
    assert!(complaint(&["serve", "--timeout", "soon"], 2).contains("soon"));
    assert!(complaint(&["serve", "--cert", "cert.pem"], 2).contains("--key"));
    assert!(complaint(&["load"], 2).contains("--connect"));
    assert!(complaint(&["sevre"], 2).contains("serve"));
    assert!(complaint(&["serve", "--host", "a.test,colour=red"], 2).contains("colour"));
    assert!(complaint(&["serve", "--client-auth", "optional"], 2).contains("--client-ca"));
    assert!(complaint(&["serve", "--tls", "1.3"], 2).contains("openssl"));
}

#[test]
fn help_is_plain_text_where_nobody_sees_colours() {
    for arguments in [&["--help"][..], &["serve", "--help"], &["load", "--help"], &["--version"]] {
        let Output { status, stdout, stderr } = run(program().args(arguments), b"");
        assert_eq!(status.code(), Some(0));
        assert!(text(&stdout).contains("resumption"), "{}", text(&stdout));
        assert!(!stdout.contains(&0x1b) && stderr.is_empty(), "{}", text(&stdout));
    }
}

#[test]
fn a_busy_port_is_one_line() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap().to_string();
    let line = complaint(&["serve", "--listen", &address], 1);
    assert!(line.contains(&address), "{line}");
    assert!(line.contains("in use"), "{line}");
    let line = complaint(&["demo", "--listen", &address], 1);
    assert!(line.contains("in use"), "the demonstration passes the server's reason on: {line}");
}

#[test]
fn unusable_certificates_are_one_line_naming_the_file() {
    let Certificate { cert, key, .. } = certificate();
    let folder = folder("certificates");
    let (missing, garbage, empty) =
        (folder.join("missing.pem"), folder.join("garbage.pem"), folder.join("empty.pem"));
    std::fs::write(&garbage, "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")
        .unwrap();
    std::fs::write(&empty, "").unwrap();
    let other = folder.join("other-key.pem");
    std::fs::write(&other, rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    for (cert, key, named) in [
        (&missing, key, "missing.pem"),
        (&garbage, key, "garbage.pem"),
        (&empty, key, "empty.pem"),
        (cert, &missing, "missing.pem"),
        (cert, &empty, "empty.pem"),
        (cert, &other, "does not belong"),
    ] {
        for library in LIBRARIES {
            let files = ["--tls", library, "--cert", path(cert), "--key", path(key)];
            let line = complaint(&[&["serve", "--listen", "127.0.0.1:0"], &files[..]].concat(), 1);
            assert!(line.contains(named), "{line}");
        }
    }
}

#[test]
fn hosts_that_cannot_be_are_one_line_naming_the_host() {
    let serve = |arguments: &[&str]| {
        complaint(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat(), 1)
    };
    let line = serve(&["--host", "a.test,client-auth=required"]);
    assert!(line.contains("a.test") && line.contains("client CA"), "{line}");
    let line = serve(&["--host", "a.test", "--host", "A.test"]);
    assert!(line.contains("a.test"), "{line}");
    let line = serve(&["--host", "a.test,client-ca=/nowhere/ca.pem"]);
    assert!(line.contains("/nowhere/ca.pem"), "{line}");
}

#[test]
fn a_host_has_its_own_certificate_and_is_counted_by_itself() {
    for library in LIBRARIES {
        let Certificate { cert, key, .. } = certificate();
        let host = format!("localhost,cert={},key={}", path(cert), path(key));
        // Everybody else gets a certificate that this client does not believe.
        let server = Server::start(&["--tls", library, "--host", &host]);
        let page = get(server.address, "/metrics");
        let full = |host| {
            metric(&page, &format!("tls_host_handshakes_total{{host=\"{host}\",kind=\"full\"}}"))
        };
        assert_eq!((full("localhost"), full("*")), (1, 0), "{library}");
        assert!(get(server.address, "/").contains("localhost full"), "{library}");
    }
}

#[test]
fn clients_without_a_certificate_are_refused_where_one_is_required() {
    let Certificate { cert, .. } = certificate();
    for library in LIBRARIES {
        let server = start_trusted(&["--tls", library, "--client-ca", path(cert)]);
        let mut tls = connect(server.address).unwrap();
        let asked = tls.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        let answered = asked.and_then(|()| tls.read_exact(&mut [0]));
        assert!(answered.unwrap_err().to_string().contains("CertificateRequired"), "{library}");
        let optional = ["--client-ca", path(cert), "--client-auth", "optional"];
        let server = start_trusted(&[&["--tls", library], &optional[..]].concat());
        assert!(get(server.address, "/healthz").contains("ok"), "{library}");
    }
}

#[test]
fn clients_that_speak_nothing_spoken_here_are_told_so() {
    for library in LIBRARIES {
        let server = start_trusted(&["--tls", library]);
        let mut config = rustls::ClientConfig::clone(&certificate().client);
        config.alpn_protocols = vec![b"h2".to_vec()];
        let socket = TcpStream::connect(server.address).unwrap();
        let name = "localhost".try_into().unwrap();
        let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
        let mut tls = rustls::StreamOwned::new(connection, socket);
        let why = tls.write_all(b"GET").unwrap_err().to_string();
        assert!(why.contains("NoApplicationProtocol"), "{library}: {why}");
        // The client is told before it is counted.
        eventually("it is counted", || {
            let page = get(server.address, "/metrics");
            let refused = metric(&page, "tls_handshake_failures_total{reason=\"refused\"}");
            (refused == 1).then_some(())
        });
    }
}

#[test]
fn clients_that_go_away_are_not_refused_but_abandon() {
    for library in LIBRARIES {
        let server = start_trusted(&["--tls", library]);
        // Nothing; half of a record; and a hello of which nothing follows.
        for said in [&b""[..], &[22, 3, 1, 0, 200, 1], &half_a_handshake()] {
            let mut socket = TcpStream::connect(server.address).unwrap();
            socket.write_all(said).unwrap();
            socket.shutdown(std::net::Shutdown::Write).unwrap();
            let _ = socket.read_to_end(&mut Vec::new());
        }
        let page = eventually("three are counted", || {
            let page = get(server.address, "/metrics");
            let reasons = ["abandoned", "refused", "timeout"];
            let count = |reason| {
                metric(&page, &format!("tls_handshake_failures_total{{reason=\"{reason}\"}}"))
            };
            (reasons.into_iter().map(count).sum::<u64>() == 3).then_some(page)
        });
        let abandoned = metric(&page, "tls_handshake_failures_total{reason=\"abandoned\"}");
        assert_eq!(abandoned, 3, "{library}");
    }
}

/// A `ClientHello`.
fn half_a_handshake() -> Vec<u8> {
    let name = "localhost".try_into().unwrap();
    let mut client = rustls::ClientConnection::new(certificate().client.clone(), name).unwrap();
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    hello
}

#[test]
fn the_pages_are_there() {
    LIBRARIES.into_iter().for_each(the_pages_are_there_with);
}

fn the_pages_are_there_with(library: &str) {
    let server = start_trusted(&["--tls", library, "--timeout", "5m", "--capacity", "1000"]);
    let health = get(server.address, "/healthz");
    assert!(health.starts_with("HTTP/1.1 200 "), "{health}");
    assert!(health.ends_with("\r\n\r\nok\n"), "{health}");
    let page = get(server.address, "/");
    assert!(page.contains("text/html"), "{page}");
    assert!(page.contains("room for 1,000"), "{page}");
    assert!(page.contains("5 min"), "{page}");
    for loads in ["<script", "http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(loads), "the page must load nothing: {loads}");
    }
    assert!(get(server.address, "/nowhere").starts_with("HTTP/1.1 404 "));
}

#[test]
fn methods_other_than_get_are_refused() {
    let server = start_trusted(&[]);
    let mut tls = connect(server.address).unwrap();
    tls.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut response = Vec::new();
    tls.read_to_end(&mut response).unwrap();
    let response = text(&response);
    assert!(response.starts_with("HTTP/1.1 405 "), "{response}");
    assert!(response.to_ascii_lowercase().contains("allow: get, head"), "{response}");
}

/// Every line is a comment of the right form or a sample of a family that was introduced.
#[test]
fn metrics_are_in_the_text_format() {
    let server = start_trusted(&[]);
    get(server.address, "/healthz");
    let response = get(server.address, "/metrics");
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    let mut family = String::new();
    let mut samples = 0;
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            family = rest.split(' ').next().unwrap().to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, family, "{line}");
            assert!(matches!(kind, "counter" | "gauge"), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let name = name.split('{').next().unwrap();
            assert_eq!(name, family, "{line}");
            assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
            samples += 1;
        }
    }
    assert!(samples > 20, "{body}");
    assert!(metric(body, "tls_handshakes_total{version=\"1.3\",kind=\"full\"}") >= 1, "{body}");
    assert!(metric(body, "tls_session_cache_inserts_total") >= 2, "{body}");
}

/// An upstream that says everything back, in capitals.
fn shouting_upstream() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || {
                let mut buffer = [0; 1024];
                while let Ok(read @ 1..) = stream.read(&mut buffer) {
                    if stream.write_all(&buffer[..read].to_ascii_uppercase()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

#[test]
fn upstream_gets_the_bytes_and_its_answer_comes_back() {
    LIBRARIES.into_iter().for_each(upstream_gets_the_bytes_and_its_answer_comes_back_with);
}

fn upstream_gets_the_bytes_and_its_answer_comes_back_with(library: &str) {
    let upstream = shouting_upstream();
    let server = start_trusted(&["--tls", library, "--upstream", &upstream]);
    let mut tls = connect(server.address).unwrap();
    let long = "a quiet line\n".repeat(10_000);
    let mut heard = vec![0; long.len()];
    // In pieces that fit the sockets' buffers: this client does not read while it writes.
    for (said, heard) in long.as_bytes().chunks(4_096).zip(heard.chunks_mut(4_096)) {
        tls.write_all(said).unwrap();
        tls.read_exact(heard).unwrap();
    }
    assert_eq!(text(&heard), long.to_ascii_uppercase());
    tls.conn.send_close_notify();
    let mut rest = Vec::new();
    tls.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty(), "the upstream's end comes back as a proper close");
}

#[test]
fn a_dead_upstream_closes_the_connection() {
    LIBRARIES.into_iter().for_each(a_dead_upstream_closes_the_connection_with);
}

fn a_dead_upstream_closes_the_connection_with(library: &str) {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let server = start_trusted(&["--tls", library, "--upstream", &nobody]);
    let mut tls = connect(server.address).unwrap();
    let mut heard = Vec::new();
    tls.read_to_end(&mut heard).expect("a proper close, not a cut");
    assert!(heard.is_empty());
}

#[test]
fn sigterm_drains_and_exits_with_0() {
    LIBRARIES.into_iter().for_each(sigterm_drains_and_exits_with_0_with);
}

fn sigterm_drains_and_exits_with_0_with(library: &str) {
    let upstream = shouting_upstream();
    let server = start_trusted(&["--tls", library, "--upstream", &upstream, "--drain", "60s"]);
    let mut tls = connect(server.address).unwrap();
    let mut heard = [0; 2];
    tls.write_all(b"hi").unwrap();
    tls.read_exact(&mut heard).unwrap();
    server.terminate();
    eventually("the port is closed", || TcpStream::connect(server.address).err());
    // The open connection still works, and the server ends when it does.
    tls.write_all(b"oh").unwrap();
    tls.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"OH");
    drop(tls);
    let output = server.wait();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn sigterm_closes_idle_connections_at_once() {
    LIBRARIES.into_iter().for_each(sigterm_closes_idle_connections_at_once_with);
}

fn sigterm_closes_idle_connections_at_once_with(library: &str) {
    let server = start_trusted(&["--tls", library, "--drain", "60s"]);
    let mut tls = connect(server.address).unwrap();
    tls.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut heard = [0; 12];
    tls.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"HTTP/1.1 200");
    server.terminate();
    let mut rest = Vec::new();
    tls.read_to_end(&mut rest).expect("a proper close");
    assert_eq!(server.wait().status.code(), Some(0));
}

#[test]
fn connections_that_outlast_the_drain_are_cut() {
    LIBRARIES.into_iter().for_each(connections_that_outlast_the_drain_are_cut_with);
}

fn connections_that_outlast_the_drain_are_cut_with(library: &str) {
    let upstream = shouting_upstream();
    let server = start_trusted(&["--tls", library, "--upstream", &upstream, "--drain", "50ms"]);
    let mut tls = connect(server.address).unwrap();
    let mut heard = [0; 2];
    tls.write_all(b"hi").unwrap();
    tls.read_exact(&mut heard).unwrap();
    server.terminate();
    let output = server.wait();
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("cut short: 1"), "{}", text(&output.stderr));
}

#[test]
fn a_silent_client_does_not_keep_its_place() {
    LIBRARIES.into_iter().for_each(a_silent_client_does_not_keep_its_place_with);
}

fn a_silent_client_does_not_keep_its_place_with(library: &str) {
    let server =
        start_trusted(&["--tls", library, "--handshake-timeout", "1s", "--max-connections", "1"]);
    let mut silent = TcpStream::connect(server.address).unwrap();
    // There is one place, and the silent client has it until its time is up.
    assert!(get(server.address, "/healthz").contains("ok"));
    let mut heard = Vec::new();
    let _ = silent.read_to_end(&mut heard);
    let page = get(server.address, "/metrics");
    assert_eq!(metric(&page, "tls_handshake_failures_total{reason=\"timeout\"}"), 1);
}

#[test]
fn load_measures_full_and_resumed_handshakes() {
    LIBRARIES.into_iter().for_each(load_measures_full_and_resumed_handshakes_with);
}

fn load_measures_full_and_resumed_handshakes_with(library: &str) {
    let server = start_trusted(&["--tls", library]);
    let address = format!("localhost:{}", server.address.port());
    let ca = path(&certificate().cert);
    let output = run(
        program().args(["load", "--connect", &address, "--ca", ca]).args([
            "--threads",
            "2",
            "--duration",
            "300ms",
        ]),
        b"",
    );
    let table = text(&output.stdout);
    assert!(output.status.success(), "{table}\n{}", text(&output.stderr));
    for version in ["TLS 1.2", "TLS 1.3"] {
        for kind in ["full", "resumed"] {
            let row = table
                .lines()
                .find(|line| line.starts_with(version) && line.contains(kind))
                .unwrap_or_else(|| panic!("no {version} {kind} in\n{table}"));
            assert!(row.ends_with("  0"), "no errors: {row}");
            assert_eq!(kind == "resumed", row.contains("100.00 %"), "{row}");
        }
    }
    let page = get(server.address, "/metrics");
    assert_eq!(metric(&page, "tls_handshake_failures_total{reason=\"refused\"}"), 0);
}

#[test]
fn load_without_requests_resumes_too() {
    LIBRARIES.into_iter().for_each(load_without_requests_resumes_too_with);
}

fn load_without_requests_resumes_too_with(library: &str) {
    let server = start_trusted(&["--tls", library, "--upstream", &shouting_upstream()]);
    let output =
        run(
            program()
                .args(["load", "--connect", &server.address.to_string(), "--no-request"])
                .args(["--threads", "1", "--duration", "200ms", "--mode", "resumed"]),
            b"",
        );
    let table = text(&output.stdout);
    assert!(output.status.success(), "{table}\n{}", text(&output.stderr));
    assert_eq!(table.matches("100.00 %").count(), 2, "{table}");
}

#[test]
fn load_complains_in_one_line() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let line = complaint(&["load", "--connect", &nobody], 1);
    assert!(line.contains("connection refused"), "{line}");
    let line = complaint(&["load", "--connect", &nobody, "--ca", "/nowhere/ca.pem"], 1);
    assert!(line.contains("/nowhere/ca.pem"), "{line}");
    let server = Server::start(&[]);
    let address = format!("localhost:{}", server.address.port());
    let ca = path(&certificate().cert);
    let line = complaint(&["load", "--connect", &address, "--ca", ca], 1);
    assert!(line.contains("certificate"), "a certificate of another root must not pass: {line}");
}

#[test]
fn the_demonstration_succeeds() {
    let output = run(program().args(["demo", "--duration", "250ms", "--threads", "2"]), b"");
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", text(&output.stderr));
    assert_eq!(said.matches("100.00 %").count(), 2, "{said}");
    assert_eq!(said.matches("resumed/full").count(), 2, "{said}");
    assert_eq!(said.matches("openssl s_client").count(), 3, "{said}");
}
