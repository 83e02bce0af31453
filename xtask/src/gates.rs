//! What an operation costs in instructions, and a session in bytes, against what is recorded.
//!
//! Counts, not times: the same on a busy machine as on an idle one. The program that is counted is
//! `benches/gates`; the record is `benches/results/gates.csv`, made anew by `cargo xtask gates --record`
//! when a change is worth its price.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{cargo, root, run, stdout_of};
use crate::failure::Failure;

/// How much more than recorded passes. Another compiler or C library counts a little differently.
const TOLERANCE_PERCENT: u64 = 5;

/// One thing that is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Count {
    name: String,
    value: u64,
}

/// Counts everything and compares it with the record, or makes that anew.
pub(crate) fn check(record: bool) -> Result<(), Failure> {
    let counted = count()?;
    let path = root().join("benches/results/gates.csv");
    if record {
        fs::write(&path, to_csv(&counted)).map_err(|error| Failure::of_file(&path, error))?;
    }
    let text = fs::read_to_string(&path).map_err(|error| Failure::of_file(&path, error))?;
    let verdicts = compare(&from_csv(&text), &counted);
    println!("\n{:<18} {:>9} {:>9}", "", "recorded", "counted");
    for verdict in &verdicts {
        println!("{verdict}");
    }
    match verdicts.iter().filter(|verdict| verdict.fails()).count() {
        0 => Ok(()),
        count => Err(Failure::Faults { count, of: "counts that are too high, or not on record" }),
    }
}

fn count() -> Result<Vec<Count>, Failure> {
    let build = ["build", "--release", "--package", "resumption-benches", "--bin", "gates"];
    run(cargo().args(build))?;
    let program = root().join("target/release/gates");
    let scratch = root().join("target/gates");
    fs::create_dir_all(&scratch).map_err(|error| Failure::of_file(&scratch, error))?;
    let operations = stdout_of(&mut Command::new(&program))?;
    let mut counts = Vec::new();
    for name in operations.lines() {
        let value = instructions(&program, &scratch, name)?;
        counts.push(Count { name: format!("{name}_instructions"), value });
    }
    let bytes = stdout_of(Command::new(&program).arg("bytes"))?;
    counts.push(Count { name: "bytes_per_session".into(), value: number(&bytes) });
    Ok(counts)
}

/// The instructions of one operation, by callgrind: those of the functions `counted_…`, over how often
/// the operation was done, which the program prints.
fn instructions(program: &Path, scratch: &Path, operation: &str) -> Result<u64, Failure> {
    let profile: PathBuf = scratch.join(operation);
    let mut out_file = std::ffi::OsString::from("--callgrind-out-file=");
    out_file.push(&profile);
    let repetitions = stdout_of(
        Command::new("valgrind")
            .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
            .arg("--toggle-collect=*counted_*")
            .arg(out_file)
            .arg(program)
            .arg(operation),
    )?;
    let text = fs::read_to_string(&profile).map_err(|error| Failure::of_file(&profile, error))?;
    Ok(total(&text) / number(&repetitions).max(1))
}

/// The sum that a callgrind profile states.
fn total(profile: &str) -> u64 {
    profile.lines().find_map(|line| line.strip_prefix("totals: ")).map_or(0, number)
}

fn number(text: &str) -> u64 {
    text.trim().parse().unwrap_or(0)
}

fn to_csv(counts: &[Count]) -> String {
    let lines = counts.iter().map(|count| format!("{},{}\n", count.name, count.value));
    ["name,value\n".to_owned()].into_iter().chain(lines).collect()
}

fn from_csv(text: &str) -> Vec<Count> {
    let counts = text.lines().skip(1).filter_map(|line| line.split_once(','));
    counts.map(|(name, value)| Count { name: name.to_owned(), value: number(value) }).collect()
}

/// A count beside its record.
struct Verdict {
    name: String,
    recorded: Option<u64>,
    counted: Option<u64>,
}

impl Verdict {
    /// A count of zero is none: nothing was measured then.
    fn fails(&self) -> bool {
        match (self.recorded, self.counted) {
            (Some(recorded), Some(counted)) => {
                counted == 0 || counted * 100 > recorded * (100 + TOLERANCE_PERCENT)
            }
            _ => true,
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let show = |value: Option<u64>| value.map_or("-".into(), |value| value.to_string());
        let mark = if self.fails() { "  too high, or not on record" } else { "" };
        let (recorded, counted) = (show(self.recorded), show(self.counted));
        write!(f, "{:<28} {recorded:>9} {counted:>9}{mark}", self.name)
    }
}

/// Everything that is on record or was counted.
fn compare(recorded: &[Count], counted: &[Count]) -> Vec<Verdict> {
    let value = |counts: &[Count], name: &str| {
        counts.iter().find(|count| count.name == name).map(|count| count.value)
    };
    let missing = recorded.iter().filter(|record| value(counted, &record.name).is_none());
    counted
        .iter()
        .chain(missing)
        .map(|count| Verdict {
            name: count.name.clone(),
            recorded: value(recorded, &count.name),
            counted: value(counted, &count.name),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> Vec<Count> {
        pairs.iter().map(|(name, value)| Count { name: (*name).into(), value: *value }).collect()
    }

    fn failing(recorded: &[(&str, u64)], counted: &[(&str, u64)]) -> Vec<String> {
        let verdicts = compare(&counts(recorded), &counts(counted));
        verdicts.into_iter().filter(Verdict::fails).map(|verdict| verdict.name).collect()
    }

    #[test]
    fn a_little_more_passes_and_much_more_fails() {
        let record = [("get", 100), ("put", 400)];
        assert!(failing(&record, &[("get", 105), ("put", 1)]).is_empty());
        assert_eq!(failing(&record, &[("get", 106), ("put", 400)]), ["get"]);
    }

    #[test]
    fn what_was_not_counted_or_is_not_on_record_fails() {
        assert_eq!(failing(&[("get", 100)], &[("get", 0)]), ["get"], "nothing measured");
        assert_eq!(failing(&[("get", 100), ("put", 1)], &[("get", 100)]), ["put"]);
        assert_eq!(failing(&[("get", 100)], &[("get", 100), ("put", 1)]), ["put"]);
    }

    #[test]
    fn the_record_can_be_read_back() {
        let record = counts(&[("get", 176), ("bytes_per_session", 144)]);
        assert_eq!(from_csv(&to_csv(&record)), record);
    }

    #[test]
    fn the_total_is_read_from_a_profile() {
        assert_eq!(total("events: Ir\nfn=x\n1 2\ntotals: 4096\n"), 4096);
        assert_eq!(total("events: Ir\n"), 0);
    }
}
