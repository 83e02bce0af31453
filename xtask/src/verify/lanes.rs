//! The lanes: which tests, in which build, how many.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use super::tools::{Tool, host, nightly};
use super::{fuzz, mutants, tests};
use crate::command::{cargo, root};
use crate::failure::Failure;

/// How much is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// As much as in CI.
    Part,
    Full,
}

/// One kind of run.
pub(super) struct Lane {
    pub(super) name: &'static str,
    pub(super) says: &'static str,
    pub(super) needs: &'static [Tool],
    pub(super) run: fn(Effort) -> Result<Vec<String>, Failure>,
}

/// The cheap ones first.
pub(super) const LANES: [Lane; 9] = [
    Lane {
        name: "oracles",
        says: "random operations beside an oracle, and the fuzzer's corpus",
        needs: &[],
        run: oracles,
    },
    Lane {
        name: "threads",
        says: "histories of real threads have an order",
        needs: &[],
        run: threads,
    },
    Lane {
        name: "schedules",
        says: "histories of threads that shuttle schedules have an order",
        needs: &[],
        run: |effort| tests(schedules(effort).args(["--", "--nocapture"])),
    },
    Lane {
        name: "mutants",
        says: "a map that is broken on purpose is found out by its histories",
        needs: &[],
        run: |_| mutants::reject_all(),
    },
    Lane {
        name: "miri-stacked",
        says: "stacked borrows with strict provenance, on the strict reclaimer",
        needs: &[Tool::Nightly, Tool::Miri, Tool::RustSource],
        run: |effort| miri_of_ours(effort, "-Zmiri-strict-provenance"),
    },
    Lane {
        name: "miri-tree",
        says: "tree borrows, on the strict reclaimer",
        needs: &[Tool::Nightly, Tool::Miri, Tool::RustSource],
        run: |effort| miri_of_ours(effort, "-Zmiri-tree-borrows"),
    },
    Lane {
        name: "miri-epoch",
        says: "the reclamation that ships, whose library is not clean under either model",
        needs: &[Tool::Nightly, Tool::Miri, Tool::RustSource],
        run: miri_of_epoch,
    },
    Lane {
        name: "sanitizers",
        says: "ThreadSanitizer and AddressSanitizer on threads of map and cache",
        needs: &[Tool::Nightly, Tool::RustSource],
        run: sanitizers,
    },
    Lane {
        name: "fuzz",
        says: "each fuzz target for a while, from the corpus on",
        needs: &[Tool::Nightly, Tool::CargoFuzz],
        run: fuzz::all_targets,
    },
];

/// Takes shuttle's half of the map's synchronisation.
const SHUTTLE: &str = "--cfg resumption_shuttle";

/// Tests read their effort and their seed from the environment.
const MIRI: &str = "-Zmiri-disable-isolation";

/// Cases of each of the vocabulary's properties, which miri takes a second for.
const MIRI_CASES: &str = "8";

/// Interleavings that miri tries of each test.
const MIRI_SEEDS: [(Effort, u32); 2] = [(Effort::Part, 1), (Effort::Full, 8)];

/// The amount of this effort.
pub(super) fn of(amounts: [(Effort, u32); 2], effort: Effort) -> u32 {
    amounts.iter().find(|(at, _)| *at == effort).map_or(1, |(_, amount)| *amount)
}

/// Tells the tests how much to try.
fn with_effort(mut command: Command, effort: Effort) -> Command {
    let effort = match effort {
        Effort::Part => "part",
        Effort::Full => "full",
    };
    command.env("RESUMPTION_EFFORT", effort);
    command
}

/// A directory of its own for each kind of flags: no build evicts another.
pub(super) fn target_directory(name: &str) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from).join(name)
}

fn oracles(effort: Effort) -> Result<Vec<String>, Failure> {
    // With the assertions of a debug build.
    let mut command = with_effort(cargo(), effort);
    command.args(["test", "--package", "verification"]);
    for test in ["checker", "map_oracle", "cache_oracle", "corpus"] {
        command.args(["--test", test]);
    }
    tests(command.args(["--", "--nocapture"]))
}

fn threads(effort: Effort) -> Result<Vec<String>, Failure> {
    let mut command = with_effort(cargo(), effort);
    command.args(["test", "--release", "--package", "verification", "--no-default-features"]);
    tests(command.args(["--test", "histories_of_threads", "--", "--nocapture"]))
}

/// The command that runs the histories under shuttle.
pub(super) fn schedules(effort: Effort) -> Command {
    let mut command = with_effort(cargo(), effort);
    command
        .env("RUSTFLAGS", flags(SHUTTLE))
        .env("CARGO_TARGET_DIR", target_directory("shuttle"))
        .args(["test", "--release", "--package", "verification", "--no-default-features"])
        .args(["--test", "histories_of_schedules"]);
    command
}

fn miri(effort: Effort, flags: &str) -> Command {
    let mut command = with_effort(nightly("cargo"), effort);
    let seeds = of(MIRI_SEEDS, effort);
    command
        .env("MIRIFLAGS", format!("{MIRI} -Zmiri-many-seeds=0..{seeds} {flags}"))
        .env("CARGO_TARGET_DIR", target_directory("miri"))
        .args(["miri", "test"]);
    command
}

/// All that is ours, without crossbeam's reclamation: its pointers go through integers.
fn miri_of_ours(effort: Effort, flags: &str) -> Result<Vec<String>, Failure> {
    let mut map = miri(effort, flags);
    map.args(["--package", "verification", "--no-default-features"]);
    map.args(["--test", "histories_of_threads", "--test", "map_oracle"]);
    let mut tried = tests(map.args(["--", "--nocapture", "strict"]))?;
    let mut session = miri(effort, flags);
    session.env("PROPTEST_CASES", MIRI_CASES);
    session.args(["--package", "resumption-session", "--lib", "--tests"]);
    tried.extend(tests(&mut session)?);
    // The payload of a callback's panic is forgotten on purpose, and that is a leak.
    let mut callbacks = miri(effort, &format!("{flags} -Zmiri-ignore-leaks"));
    callbacks.args(["--package", "resumption-callbacks", "--lib", "--tests"]);
    tried.extend(tests(&mut callbacks)?);
    Ok(tried)
}

fn miri_of_epoch(effort: Effort) -> Result<Vec<String>, Failure> {
    let flags = "-Zmiri-disable-stacked-borrows -Zmiri-permissive-provenance";
    let mut histories = miri(effort, flags);
    histories.args(["--package", "verification", "--no-default-features", "--features", "cache"]);
    histories.args(["--test", "histories_of_threads", "--test", "cache_oracle"]);
    let mut tried = tests(histories.args(["--", "--nocapture", "--skip", "strict"]))?;
    let mut map = miri(effort, flags);
    map.args(["--package", "resumption-map", "--lib", "--test", "threads"]);
    tried.extend(tests(&mut map)?);
    Ok(tried)
}

fn sanitizers(effort: Effort) -> Result<Vec<String>, Failure> {
    let host = host()?;
    let mut tried = Vec::new();
    for sanitizer in ["thread", "address"] {
        for (package, test) in [
            ("resumption-map", "threads"),
            ("resumption-cache", "threads"),
            ("verification", "histories_of_threads"),
        ] {
            let mut command = with_effort(nightly("cargo"), effort);
            command
                .env("RUSTFLAGS", flags(&format!("-Zsanitizer={sanitizer}")))
                .env("CARGO_TARGET_DIR", target_directory(sanitizer))
                .args(["test", "-Zbuild-std", "--target", &host, "--release"])
                .args(["--package", package, "--test", test]);
            if package == "verification" {
                command.arg("--no-default-features");
            }
            let lines = tests(command.args(["--", "--nocapture"]))?;
            tried.extend(lines.iter().map(|line| format!("{sanitizer}, {package}: {line}")));
        }
    }
    Ok(tried)
}

/// These flags behind whatever the caller already asked for.
fn flags(ours: &str) -> String {
    match env::var("RUSTFLAGS") {
        Ok(inherited) if !inherited.is_empty() => format!("{inherited} {ours}"),
        _ => ours.to_owned(),
    }
}
