//! The bytes of a session, as a process of its own says them.

use std::process::Command;

/// What a child that fills `peer` says.
fn weigh(peer: &str, entries: usize, payload: usize) -> u64 {
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["--weigh", peer, "--weigh-entries", &entries.to_string()])
        .args(["--payload", &payload.to_string()])
        .output()
        .expect("the benchmark can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number of bytes")
}

#[test]
fn a_session_weighs_at_least_its_id_and_its_payload_and_not_everything() {
    let entries = 50_000;
    for peer in ["resumption", "OpenSSL's own", "rustls' own", "bare probe"] {
        let each = weigh(peer, entries, 200);
        assert!((230..3000).contains(&each), "{peer}: {each} bytes a session");
    }
}

#[test]
fn larger_payloads_weigh_more() {
    let entries = 50_000;
    let each = weigh("resumption", entries, 2200) - weigh("resumption", entries, 1200);
    assert!((950..1100).contains(&each), "1000 bytes more weigh {each}");
}
