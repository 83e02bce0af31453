//! The bodies of the fuzzer's targets: plain functions, so that the corpus is replayed wherever the
//! tests run. The targets themselves, which need nightly, are in `fuzz/`.

mod decoders;
mod hello;
mod programs;
mod sealing;
mod sequences;
mod storage;

/// A target: its name in `fuzz/`, and what it does with some bytes. It panics when they show a fault.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of its file, and of its folder in the corpus.
    pub name: &'static str,
    /// What it does.
    pub run: fn(&[u8]),
}

/// All targets, by name.
pub const TARGETS: [Target; 13] = [
    Target { name: "cache_mode", run: decoders::cache_mode },
    Target { name: "cache_operations", run: sequences::cache_operations },
    Target { name: "capacity", run: decoders::capacity },
    Target { name: "client_hello", run: hello::client_hello },
    Target { name: "command_line", run: programs::command_line },
    Target { name: "lifetime", run: decoders::lifetime },
    Target { name: "map_key", run: decoders::map_key },
    Target { name: "map_operations", run: sequences::map_operations },
    Target { name: "protocol_version", run: decoders::protocol_version },
    Target { name: "rustls_storage", run: storage::rustls_storage },
    Target { name: "sealed_session", run: sealing::sealed_session },
    Target { name: "session_id", run: decoders::session_id },
    Target { name: "session_id_context", run: decoders::session_id_context },
];

/// Runs the target of this name.
///
/// # Panics
/// When there is none, or when it finds a fault.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    (target.run)(data);
}
