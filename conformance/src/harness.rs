//! What the test program prints, taken apart.

use crate::Engine;

/// How a test ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It failed.
    Failed,
    /// It was not run.
    Ignored,
    /// It passed.
    Passed,
}

/// A test of a case.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Test {
    /// Its path: engine, section, name.
    pub path: String,
    /// The engine on which it runs, if its path begins with one.
    pub engine: Option<Engine>,
    /// The number in its name, if there is one.
    pub number: Option<u16>,
}

impl Test {
    /// The test of this path: `cache::adding::case_001_...`.
    pub fn of(path: &str) -> Self {
        let (module, _) = path.split_once("::").unwrap_or((path, ""));
        let name = path.rsplit("::").next().unwrap_or(path);
        let number = name.strip_prefix("case_").and_then(|rest| rest.get(..3)?.parse().ok());
        let engine = Engine::ALL.into_iter().find(|engine| engine.module() == module);
        Self { path: path.to_owned(), engine, number }
    }

    /// Whether it is there to check the suite itself, and no case.
    pub fn is_of_the_suite(&self) -> bool {
        self.path.starts_with("suite::")
    }
}

/// The tests that a run of the harness names, each with its outcome.
pub fn outcomes(printed: &str) -> Vec<(Test, Outcome)> {
    printed.lines().filter_map(outcome).collect()
}

/// `test path ... ok`; a test that is expected to panic has ` - should panic` behind its path.
fn outcome(line: &str) -> Option<(Test, Outcome)> {
    let (path, word) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let path = path.strip_suffix(" - should panic").unwrap_or(path);
    let outcome = match word.split(',').next()?.trim_end() {
        "FAILED" => Outcome::Failed,
        "ignored" => Outcome::Ignored,
        "ok" => Outcome::Passed,
        _ => return None,
    };
    Some((Test::of(path), outcome))
}

/// The tests of a listing (`--list --format terse`).
pub fn listed(printed: &str) -> Vec<Test> {
    printed.lines().filter_map(|line| line.strip_suffix(": test")).map(Test::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_run_are_understood() {
        let run = "running 4 tests\n\
                   test cache::adding::case_001_it_is_held ... ok\n\
                   test rustls::modes::case_069_off ... FAILED\n\
                   test cache::size::case_030_unlimited ... ignored, slow\n\
                   test cache::size::case_031_wrong - should panic ... ok\n\
                   test result: FAILED. 2 passed; 1 failed; 1 ignored\n";
        let seen: Vec<_> = outcomes(run)
            .into_iter()
            .map(|(test, outcome)| (test.engine, test.number, outcome))
            .collect();
        let expected = [
            (Some(Engine::Cache), Some(1), Outcome::Passed),
            (Some(Engine::Rustls), Some(69), Outcome::Failed),
            (Some(Engine::Cache), Some(30), Outcome::Ignored),
            (Some(Engine::Cache), Some(31), Outcome::Passed),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_test_that_is_no_case_has_no_number() {
        assert_eq!(Test::of("cache::support::works").number, None);
        assert_eq!(Test::of("elsewhere::case_001_x").engine, None);
        assert!(Test::of("suite::rows").is_of_the_suite());
        assert_eq!(listed("cache::a::case_002_x: test\n\n1 test, 0 benchmarks\n").len(), 1);
    }
}
