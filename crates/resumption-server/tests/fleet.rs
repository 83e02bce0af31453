//! Several servers, and sessions that leave the process: a store, a snapshot. The stores are real.
#![cfg(unix)]

mod support;

#[path = "support/returning.rs"]
mod returning;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use redis_harness::{Cluster, Options, Reply, Sentinels, Server as Redis, free_port};
use rustix::process::Signal;
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};

use returning::{Replaying, Returning};
use support::{LIBRARIES, Server, eventually, folder, get, metric, path, start_trusted, text};

const SEAL: &str = "8f1c7d2ab05e4f6398d1c2b7a6e5f40312233445566778899aabbccddeeff001";
const OTHER_SEAL: &str = "00ffeeddccbbaa9988776655443322110f4e5a6b7c2d1d89f6e50ba2d7c1f8aa";
const NAMES: &str = "5d0b3c9e1f2a48679b8c7d6e5f4031221a2b3c4d5e6f708192a3b4c5d6e7f809";

/// Longer than a full handshake takes on a machine that does many other things; a store that is waited
/// for without a deadline takes longer.
const A_FULL_HANDSHAKE: Duration = Duration::from_secs(2);

/// A file of keys.
fn keys(name: &str, seals: &[&str]) -> PathBuf {
    let path = folder("fleet").join(name);
    write_keys(&path, seals);
    path
}

fn write_keys(path: &Path, seals: &[&str]) {
    let lines: Vec<_> = seals.iter().map(|key| format!("seal {key}")).collect();
    std::fs::write(path, format!("{}\nnames {NAMES}\n", lines.join("\n"))).expect("written");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).expect("it is ours");
}

fn start(library: &str, url: &str, keys: &Path) -> Server {
    start_with(library, url, keys, &[])
}

fn start_with(library: &str, url: &str, keys: &Path, rest: &[&str]) -> Server {
    // Nobody here tests for how short a wait it is enough.
    let options = ["--tls", library, "--store", url, "--store-deadline", "1s"];
    start_trusted(&[&options[..], &["--store-keys", path(keys)], rest].concat())
}

/// Waits until the store has so many sessions.
fn await_stored(redis: &Redis, sessions: i64) {
    eventually("the sessions are in the store", || {
        let size = redis.ask("DBSIZE").expect("it answers");
        matches!(size, Reply::Integer(size) if size >= sessions).then_some(())
    });
}

/// How many sessions a handshake makes.
fn sessions_of(version: &'static SupportedProtocolVersion) -> i64 {
    if version.version == TLS12.version { 1 } else { 2 }
}

fn store(page: &str, name: &str) -> u64 {
    metric(page, &format!("tls_session_store_{name}"))
}

#[test]
fn a_session_of_one_server_resumes_on_another() {
    let redis = Redis::start(&Options::new()).expect("redis-server starts");
    let keys = keys("shared", &[SEAL]);
    for library in LIBRARIES {
        let [one, other] = [(); 2].map(|()| start(library, &redis.url(), &keys));
        for version in [&TLS12, &TLS13] {
            redis.ask("FLUSHALL").expect("it answers");
            let client = Returning::new(version);
            assert!(!client.visit(one.address).resumed);
            await_stored(&redis, sessions_of(version));
            assert!(client.visit(other.address).resumed, "{library}, {version:?}");
        }
        let page = get(other.address, "/metrics");
        assert_eq!(metric(&page, "tls_session_cache_callback_hits_total"), 2, "{library}");
        assert_eq!(store(&page, "answers_total{outcome=\"found\"}"), 2, "{library}");
        assert_eq!(store(&page, "stash_total{outcome=\"picked_up\"}"), 2, "{library}");
        assert_eq!(store(&page, "breaker_open{of=\"lookups\"}"), 0, "{library}");
        let page = get(one.address, "/");
        assert!(page.contains("<h2>Asked of the store</h2>"), "the status page shows it");
    }
}

#[test]
fn it_resumes_on_a_virtual_host_and_after_a_retry() {
    let redis = Redis::start(&Options::new()).expect("redis-server starts");
    let keys = keys("hosts", &[SEAL]);
    for library in LIBRARIES {
        let rest = ["--host", "localhost,group=shop", "--groups", "P-384"];
        let [one, other] = [(); 2].map(|()| start_with(library, &redis.url(), &keys, &rest));
        for version in [&TLS12, &TLS13] {
            redis.ask("FLUSHALL").expect("it answers");
            let client = Returning::new(version);
            assert!(!client.visit(one.address).resumed);
            await_stored(&redis, sessions_of(version));
            assert!(client.visit(other.address).resumed, "{library}, {version:?}");
        }
        redis.ask("FLUSHALL").expect("it answers");
        // This one guesses another group each time: it says hello twice.
        let client = Replaying::new();
        assert!(!client.visit(one.address));
        await_stored(&redis, 2);
        assert!(client.visit(other.address), "{library}");
    }
}

#[test]
fn a_client_of_both_versions_resumes_on_servers_of_one() {
    let redis = Redis::start(&Options::new()).expect("redis-server starts");
    let keys = keys("versions", &[SEAL]);
    for library in LIBRARIES {
        for (versions, version) in [("1.2", &TLS12), ("1.3", &TLS13)] {
            redis.ask("FLUSHALL").expect("it answers");
            let rest = ["--versions", versions];
            let [one, other] = [(); 2].map(|()| start_with(library, &redis.url(), &keys, &rest));
            let client = Returning::of(&[&TLS12, &TLS13]);
            assert!(!client.visit(one.address).resumed);
            await_stored(&redis, sessions_of(version));
            assert!(client.visit(other.address).resumed, "{library}, {versions}");
        }
    }
}

#[test]
fn a_store_is_one_server_with_a_password_or_sentinels_or_a_cluster() {
    let folder = folder("fleet");
    let (keys, password) = (keys("topologies", &[SEAL]), folder.join("password"));
    std::fs::write(&password, "a-secret-word\n").expect("written");
    let protected = Redis::start(&Options::new().password("a-secret-word")).expect("it starts");
    let sentinels = Sentinels::start().expect("they start");
    let cluster = Cluster::start().expect("it starts");
    let named = ["--store-password-file", path(&password)];
    let stores: [(&str, Vec<String>, &[&str]); 3] = [
        ("password", vec![protected.url()], &named),
        ("sentinels", sentinels.urls(), &["--store-primary", Sentinels::PRIMARY]),
        ("cluster", cluster.urls(), &[]),
    ];
    for (what, urls, rest) in stores {
        let more: Vec<_> = urls[1..].iter().flat_map(|url| ["--store", url]).collect();
        let rest = [rest, &more].concat();
        let [one, other] = [(); 2].map(|()| start_with("rustls", &urls[0], &keys, &rest));
        eventually(what, || {
            // A session may be on its way, and so may a cluster's first map.
            let client = Returning::new(&TLS12);
            client.visit(one.address);
            client.visit(other.address).resumed.then_some(())
        });
    }
}

#[test]
fn a_single_use_session_resumes_on_one_server_of_two() {
    let redis = Redis::start(&Options::new()).expect("redis-server starts");
    let keys = keys("single", &[SEAL]);
    for library in LIBRARIES {
        let servers = [(); 2].map(|()| start(library, &redis.url(), &keys));
        for round in 0..20 {
            redis.ask("FLUSHALL").expect("it answers");
            let client = Replaying::new();
            assert!(!client.visit(servers[round % 2].address));
            await_stored(&redis, 2);
            let together = Barrier::new(2);
            let resumed: usize = thread::scope(|scope| {
                let visits = servers.each_ref().map(|server| {
                    scope.spawn(|| {
                        together.wait();
                        client.visit(server.address)
                    })
                });
                visits.into_iter().map(|visit| usize::from(visit.join().expect("it returns"))).sum()
            });
            assert_eq!(resumed, 1, "{library}, round {round}");
            for server in &servers {
                assert!(!client.visit(server.address), "{library}: it was used");
            }
        }
    }
}

#[test]
fn with_no_store_at_all_handshakes_are_full_and_quick() {
    let keys = keys("down", &[SEAL]);
    let nobody = format!("redis://127.0.0.1:{}", free_port().expect("there is one"));
    for library in LIBRARIES {
        let [one, other] = [(); 2].map(|()| start(library, &nobody, &keys));
        for _ in 0..30 {
            let client = Returning::new(&TLS13);
            for server in [&one, &other] {
                let visit = client.visit(server.address);
                assert!(!visit.resumed, "{library}: it cannot have got there");
                assert!(visit.took < A_FULL_HANDSHAKE, "{library}: {visit:?}");
            }
        }
        // A TLS 1.2 session may be used again: the server's own is as good as the store's.
        let client = Returning::new(&TLS12);
        let visits = [(); 2].map(|()| client.visit(one.address).resumed);
        assert_eq!(visits, [false, true], "{library}");
        let page = get(other.address, "/metrics");
        let failed = store(&page, "lookup_failures_total{cause=\"unavailable\"}");
        assert!(failed >= 24, "{library}: the breaker opens after as many, {failed}");
        assert!(store(&page, "lookups_total{outcome=\"breaker_open\"}") > 0, "{library}");
        assert!(store(&page, "breaker_opened_total{of=\"lookups\"}") > 0, "{library}");
    }
}

#[test]
fn what_other_keys_have_sealed_is_a_miss_until_they_are_known() {
    let redis = Redis::start(&Options::new()).expect("redis-server starts");
    let (ours, theirs) = (keys("ours", &[SEAL]), keys("theirs", &[OTHER_SEAL]));
    let one = start("rustls", &redis.url(), &ours);
    let other = start("rustls", &redis.url(), &theirs);
    let client = Returning::new(&TLS13);
    client.visit(one.address);
    await_stored(&redis, 2);
    assert!(!client.visit(other.address).resumed);
    let page = get(other.address, "/metrics");
    assert_eq!(store(&page, "rejected_total{cause=\"unknown_key\"}"), 1);

    // An operator adds the key, and says so.
    write_keys(&theirs, &[OTHER_SEAL, SEAL]);
    other.signal(Signal::HUP);
    redis.ask("FLUSHALL").expect("it answers");
    eventually("the key is known", || {
        client.visit(one.address);
        await_stored(&redis, 2);
        client.visit(other.address).resumed.then_some(())
    });

    // Keys that cannot be read change nothing.
    std::fs::write(&theirs, "seal nothing\n").expect("written");
    other.signal(Signal::HUP);
    client.visit(one.address);
    eventually("its sessions are stored", || {
        let page = get(one.address, "/metrics");
        (store(&page, "queued{write=\"put\"}") == 0).then_some(())
    });
    assert!(client.visit(other.address).resumed);
    other.terminate();
    let complaints = text(&other.wait().stderr);
    assert!(complaints.contains("the keys were read again"), "{complaints}");
    assert!(complaints.contains("the keys stay as they are: "), "{complaints}");
}

#[test]
fn an_operator_switches_the_store_off_and_on() {
    let redis = Redis::start(&Options::new()).expect("redis-server starts");
    let server = start("openssl", &redis.url(), &keys("switch", &[SEAL]));
    let client = Returning::new(&TLS13);
    let switched = |to| {
        eventually("it is switched", || {
            (store(&get(server.address, "/metrics"), "in_use") == to).then_some(())
        });
    };
    server.signal(Signal::USR1);
    switched(0);
    // Whoever looked before it was switched has left sessions.
    eventually("none is on its way any more", || {
        let page = get(server.address, "/metrics");
        (store(&page, "queued{write=\"put\"}") == 0).then_some(())
    });
    redis.ask("FLUSHALL").expect("it answers");
    client.visit(server.address);
    assert!(!client.visit(server.address).resumed);
    assert_eq!(redis.ask("DBSIZE").expect("it answers"), Reply::Integer(0));
    server.signal(Signal::USR2);
    switched(1);
    redis.ask("FLUSHALL").expect("it answers");
    let client = Returning::new(&TLS13);
    client.visit(server.address);
    await_stored(&redis, 2);
    assert!(client.visit(server.address).resumed);
}

#[test]
fn sessions_outlive_their_server_in_a_snapshot() {
    let keys = keys("snapshot", &[SEAL]);
    for library in LIBRARIES {
        let file = folder("fleet").join(format!("{library}.snapshot"));
        let options = ["--tls", library, "--snapshot", path(&file), "--store-keys", path(&keys)];
        let clients = [&TLS12, &TLS13].map(Returning::new);
        let server = start_trusted(&options);
        assert!(!file.exists(), "nothing was to be read");
        for client in &clients {
            client.visit(server.address);
        }
        server.terminate();
        let ended = server.wait();
        assert!(ended.status.success(), "{}", text(&ended.stderr));
        let mode = std::fs::metadata(&file).expect("there is a snapshot").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        let server = start_trusted(&options);
        assert!(server.ready.contains("restored 3 sessions"), "{}", server.ready);
        assert!(!file.exists(), "it is read once");
        for client in &clients {
            assert!(client.visit(server.address).resumed, "{library}");
        }
        let page = get(server.address, "/metrics");
        assert_eq!(metric(&page, "tls_session_snapshot_sessions_total{outcome=\"loaded\"}"), 3);
    }
}

#[test]
fn keys_that_others_can_read_are_refused() {
    let keys = keys("exposed", &[SEAL]);
    std::fs::set_permissions(&keys, PermissionsExt::from_mode(0o644)).expect("it is ours");
    for rest in [["--store", "redis://:secret@127.0.0.1:1"], ["--snapshot", "nowhere"]] {
        let mut program = support::program();
        program.args(["serve", "--listen", "127.0.0.1:0", "--store-keys", path(&keys)]);
        let output = support::run(program.args(rest), b"");
        let complaint = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{complaint}");
        assert!(complaint.contains("has mode 644"), "{complaint}");
        assert!(!complaint.contains("secret"), "{complaint}");
    }
}
