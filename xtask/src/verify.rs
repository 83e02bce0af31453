//! The larger runs: oracles, histories, schedules, miri, sanitizers, fuzzing.
//!
//! Each lane prints what it tried; the table at the end collects that. A lane whose tools are missing
//! fails and says how to get them, and so does one that ran no test: nothing is skipped.

mod fuzz;
mod lanes;
mod mutants;
mod tools;

use std::time::{Duration, Instant};

use crate::command::run_and_read;
use crate::failure::Failure;
use lanes::{Effort, LANES, Lane};

/// What a lane's tests print before each thing that they tried.
const MARK: &str = "verified: ";

/// Runs the lane of this name, or all of them, then prints the table.
pub(crate) fn run(name: Option<&str>, quick: bool) -> Result<(), Failure> {
    let effort = if quick { Effort::Part } else { Effort::Full };
    let lanes: Vec<_> =
        LANES.iter().filter(|lane| name.is_none_or(|name| lane.name == name)).collect();
    if let (true, Some(name)) = (lanes.is_empty(), name) {
        let known = LANES.iter().map(|lane| lane.name).collect::<Vec<_>>().join(", ");
        return Err(Failure::Unknown { what: "lane", name: name.to_owned(), known });
    }
    tools::check(lanes.iter().flat_map(|lane| lane.needs))?;
    all_of(&lanes, effort)
}

/// What CI runs besides the tests, in which the oracles, the corpus and the histories of threads are.
pub(crate) fn schedules() -> Result<(), Failure> {
    let lanes: Vec<_> =
        LANES.iter().filter(|lane| ["schedules", "mutants"].contains(&lane.name)).collect();
    all_of(&lanes, Effort::Part)
}

fn all_of(lanes: &[&Lane], effort: Effort) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for lane in lanes {
        println!("\n=== {}: {} ===", lane.name, lane.says);
        let started = Instant::now();
        let tried = (lane.run)(effort)
            .map_err(|cause| Failure::Step { name: lane.name, cause: Box::new(cause) })?;
        rows.push((lane.name, started.elapsed(), tried));
    }
    print(&rows);
    Ok(())
}

fn print(rows: &[(&'static str, Duration, Vec<String>)]) {
    println!("\n{:<12} {:>9}  tried", "lane", "took");
    for (name, took, tried) in rows {
        let took = format!("{:.1} s", took.as_secs_f64());
        for (at, line) in tried.iter().enumerate() {
            let (name, took) = if at == 0 { (*name, took.as_str()) } else { ("", "") };
            println!("{name:<12} {took:>9}  {line}");
        }
    }
}

/// Runs tests, and says what they tried: the lines that they mark, and how many passed.
fn tests(command: &mut std::process::Command) -> Result<Vec<String>, Failure> {
    let printed = run_and_read(command)?;
    let mut tried: Vec<_> = printed.iter().filter_map(|line| marked(line)).collect();
    let passed: u64 = printed.iter().filter_map(|line| passed(line)).sum();
    if passed == 0 {
        return Err(Failure::Faults { count: 1, of: "runs without a test" });
    }
    tried.push(format!("{passed} tests passed"));
    Ok(tried)
}

fn marked(line: &str) -> Option<String> {
    line.split_once(MARK).map(|(_, rest)| rest.to_owned())
}

/// The number in `test result: ok. N passed; ...`.
fn passed(line: &str) -> Option<u64> {
    line.strip_prefix("test result: ok. ")?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tests_print_is_collected() {
        let line = "test a ... verified: threads: 4 histories, 0.1 s";
        assert_eq!(marked(line).as_deref(), Some("threads: 4 histories, 0.1 s"));
        assert_eq!(marked("test a ... ok"), None);
        assert_eq!(passed("test result: ok. 12 passed; 0 failed; 0 ignored"), Some(12));
        assert_eq!(passed("test result: FAILED. 12 passed; 1 failed"), None);
    }

    #[test]
    fn an_unknown_lane_is_an_error_that_names_the_known_ones() {
        let failure = run(Some("no-such-lane"), true).expect_err("unknown").to_string();
        assert!(LANES.iter().all(|lane| failure.contains(lane.name)), "{failure}");
    }
}
