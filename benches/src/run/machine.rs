//! The machine and the run, in facts that a reader needs to believe the figures.

use std::env;
use std::fs;
use std::hint;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::data::{CORES, FactRow};
use crate::peers;
use crate::plan::{Effort, Plan};

/// The versions that this was built with.
const LOCK: &str = include_str!("../../../Cargo.lock");

/// All facts, in the order in which they are shown.
pub(super) fn facts(plan: &Plan) -> Vec<FactRow> {
    let effort = match plan.effort {
        Effort::Full => "full",
        Effort::Quick => "quick: few rounds, short slices",
        Effort::Smoke => "smoke: proves that everything runs; the figures mean nothing",
    };
    let rounds: Vec<_> = plan
        .populations
        .iter()
        .map(|population| format!("{} of {} sessions", population.rounds, population.entries))
        .collect();
    let mut facts = vec![
        ("date", date(SystemTime::now())),
        ("run", effort.to_owned()),
        ("command", command()),
        ("commit", commit()),
        ("processor", from_file("/proc/cpuinfo", "model name")),
        (CORES, plan.cores.to_string()),
        ("memory", memory()),
        ("last cache", first_line("/sys/devices/system/cpu/cpu0/cache/index3/size")),
        ("kernel", first_line("/proc/sys/kernel/osrelease")),
        ("compiler", said_by(&env::var("RUSTC").unwrap_or("rustc".into()), &["--version"])),
        ("session", format!("{} bytes under a random id of 32", plan.flags.payload)),
        ("rounds", rounds.join(", ")),
        ("slice", format!("{} ms", plan.slice.as_millis())),
        ("seed", plan.flags.seed.to_string()),
        ("load before the run", load()),
    ];
    if plan.cores > 1 {
        facts.push(("a line between cores", format!("{:.0} ns", hop())));
    }
    let row = |(fact, value): (&str, String)| FactRow { fact: fact.to_owned(), value };
    facts.into_iter().map(row).collect()
}

/// The version of the crate behind a peer.
pub(super) fn version_of(peer: &str) -> String {
    let package = match peer {
        "resumption" => "resumption-cache",
        "rustls' own" => "rustls",
        "OpenSSL's own" => return peers::libssl_version(),
        "Mutex<LruCache>" => "lru",
        "DashMap" => "dashmap",
        "scc::HashMap" | "scc::HashCache" => "scc",
        other => other,
    };
    let mut lines = LOCK.lines();
    let name = format!("name = \"{package}\"");
    lines.find(|line| *line == name);
    let version = lines.next().and_then(|line| line.strip_prefix("version = "));
    version.unwrap_or("").trim_matches('"').to_owned()
}

/// Bytes that can still be had without swapping.
pub(super) fn available_memory() -> Option<usize> {
    let text = from_file("/proc/meminfo", "MemAvailable");
    let kilobytes: usize = text.strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kilobytes)
}

fn memory() -> String {
    let kilobytes = |name| {
        let text = from_file("/proc/meminfo", name);
        text.strip_suffix("kB").and_then(|text| text.trim().parse::<f64>().ok()).unwrap_or(0.0)
    };
    let [all, available] = ["MemTotal", "MemAvailable"].map(|name| kilobytes(name) / 1_048_576.0);
    format!("{all:.1} GiB, {available:.1} of them available")
}

fn load() -> String {
    let text = first_line("/proc/loadavg");
    text.split(' ').next().unwrap_or("").to_owned()
}

fn command() -> String {
    let arguments: Vec<_> = env::args().skip(1).collect();
    ["cargo xtask bench".to_owned(), arguments.join(" ")].join(" ").trim_end().to_owned()
}

fn commit() -> String {
    let commit = said_by("git", &["rev-parse", "--short=12", "HEAD"]);
    let changes = said_by("git", &["status", "--porcelain", "--untracked-files=no"]);
    if changes.is_empty() { commit } else { format!("{commit}, with changes") }
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or(String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().into())
}

fn first_line(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().next().unwrap_or("").to_owned()
}

/// What stands behind `name` and a colon.
fn from_file(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let value = text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    });
    value.unwrap_or_default()
}

/// A day of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
fn date(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = seconds / 86_400 + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// Nanoseconds that a cache line takes from one core to another: what every shared write costs.
/// On virtual machines it changes by a factor of eight between minutes, and locks with it.
fn hop() -> f64 {
    const TURNS: u64 = 20_000;
    let turn = AtomicU64::new(0);
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    let play = |mine: u64, core: Option<&core_affinity::CoreId>| {
        if let Some(core) = core {
            core_affinity::set_for_current(*core);
        }
        let started = Instant::now();
        for number in 0..TURNS {
            while turn.load(Ordering::Acquire) != 2 * number + mine {
                hint::spin_loop();
            }
            turn.store(2 * number + mine + 1, Ordering::Release);
        }
        started.elapsed().as_secs_f64()
    };
    let seconds = thread::scope(|scope| {
        scope.spawn(|| play(1, cores.get(1)));
        scope.spawn(|| play(0, cores.first())).join().unwrap_or(0.0)
    });
    seconds * 1e9 / crate::measure::count(2 * TURNS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let at = |seconds| date(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01 00:00 UTC");
        assert_eq!(at(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(at(1_763_683_200 + 3_660), "2025-11-21 01:01 UTC");
    }

    #[test]
    fn every_peer_but_the_probe_and_the_locks_has_a_version() {
        for peer in peers::all() {
            let known = version_of(peer.name).chars().any(|c| c.is_ascii_digit());
            let ours_alone = [peers::PROBE, peers::SHARDED].contains(&peer.name);
            assert_eq!(known, !ours_alone, "{}", peer.name);
        }
    }
}
