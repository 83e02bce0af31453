//! The suite itself: rows and tests are the same set.

use std::env;
use std::process::Command;

use conformance::harness::{Outcome, listed};
use conformance::report::faults;

#[test]
fn every_row_has_its_tests_and_every_test_its_row() {
    let program = env::current_exe().unwrap();
    let list = Command::new(program).args(["--list", "--format", "terse"]).output().unwrap();
    let tests = listed(&String::from_utf8(list.stdout).unwrap());
    let all_passed: Vec<_> = tests.into_iter().map(|test| (test, Outcome::Passed)).collect();
    assert_eq!(faults(&all_passed), [""; 0]);
}
