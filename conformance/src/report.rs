//! The table, with the tests' results beside the rows.

use core::fmt::Write as _;

use crate::harness::{Outcome, Test};
use crate::{Case, Verdict, table};

/// What the abbreviations of the sources mean.
pub const SOURCES: &str = "\
S0 to S4 are manual pages: SSL_CTX_add_session (French, 2015; and 1.0.1t), SSL_CTX_set_session_cache_mode \
(0.9.7d), SSL_set_session (1.1), SSL_CTX_sess_set_get_cb (0.9.7). POD: the current ones. O4, O36, O11: the \
source of OpenSSL 4.0.3, 3.6.3, 1.1.1w. M30: measured with libssl 3.0.19. T: OpenSSL's own sslapitest. B: \
BoringSSL. R: rustls. N: nginx. `#` and PR: OpenSSL's issues and changes, unless another project is named. \
§: a section of the survey, for cases that were put together from it.";

/// What does not fit together: rows without their tests, tests without a row, tests that did not pass.
pub fn faults(ran: &[(Test, Outcome)]) -> Vec<String> {
    let mut faults = Vec::new();
    for case in table::all() {
        for engine in case.engines {
            let found = ran.iter().filter(|(test, _)| {
                test.number == Some(case.number) && test.engine == Some(*engine)
            });
            if found.count() == 0 {
                let module = engine.module();
                faults.push(format!("case {:03} has no test in `{module}`", case.number));
            }
        }
    }
    for (test, outcome) in ran {
        if !test.is_of_the_suite() && !has_row(test) {
            faults.push(format!("{} has no row, or its row does not name its engine", test.path));
        }
        match outcome {
            Outcome::Failed => faults.push(format!("{} failed", test.path)),
            Outcome::Ignored => faults.push(format!("{} was not run", test.path)),
            Outcome::Passed => (),
        }
    }
    faults
}

fn has_row(test: &Test) -> bool {
    table::all().any(|case| {
        Some(case.number) == test.number
            && test.engine.is_some_and(|engine| case.engines.contains(&engine))
    })
}

/// The table for a terminal: case, result, source, what happens, and the divergence below it.
pub fn text(ran: &[(Test, Outcome)]) -> String {
    let mut text = String::new();
    for case in table::all() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:03} {:<3} {:<3} {:<10} {:<16} {}",
            case.number,
            case.level.to_string(),
            case.profile.to_string(),
            result(case, ran),
            engines(case),
            case.text,
        );
        let _ = writeln!(text, "{:28}source: {}", "", source(case));
        if let Some((word, reason)) = reason(case) {
            let _ = writeln!(text, "{:28}{word}: {reason}", "");
        }
    }
    text
}

/// The counts, in one line.
pub fn summary() -> String {
    let count =
        |wanted: fn(&Verdict) -> bool| table::all().filter(|case| wanted(&case.verdict)).count();
    format!(
        "{} cases: {} conform, {} diverge with a reason, {} do not apply, {} known gaps",
        table::all().count(),
        count(|verdict| matches!(verdict, Verdict::Conforms)),
        count(|verdict| matches!(verdict, Verdict::Diverges(_))),
        count(|verdict| matches!(verdict, Verdict::NotApplicable(_))),
        count(|verdict| matches!(verdict, Verdict::Gap(_))),
    )
}

/// The table as a document, without results: what the kept `TABLE.md` must be.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Conformance\n\n\
         Written by `cargo xtask conformance --markdown`; a test compares it with the table.\n\n",
    );
    let _ = writeln!(text, "{}.\n", summary());
    let _ = writeln!(text, "{}\n", SOURCES.replace("`#`", "\\#"));
    text.push_str(
        "Levels: U the cache alone, K threads, X callbacks, S serialisation, H handshakes. Who behaves \
         so: `*` every OpenSSL, `o4` 4.0, `o11` 1.1.1, `fix` the better behaviour where OpenSSL's is a \
         defect.\n\n\
         | case | level | who | what happens | source | tried on | verdict |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for case in table::all() {
        let verdict = match reason(case) {
            None => "conforms".to_owned(),
            Some((word, reason)) => format!("**{word}**: {reason}"),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {verdict} |",
            case.number,
            case.level,
            case.profile,
            escaped(case.text),
            escaped(&source(case)),
            engines(case),
        );
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

fn reason(case: &Case) -> Option<(&'static str, &'static str)> {
    match case.verdict {
        Verdict::Conforms => None,
        Verdict::Diverges(reason) => Some(("divergence", reason)),
        Verdict::Gap(reason) => Some(("known gap", reason)),
        Verdict::NotApplicable(reason) => Some(("does not apply", reason)),
    }
}

fn source(case: &Case) -> String {
    match case.reconstructed {
        None => case.source.to_owned(),
        Some(from) if case.source.is_empty() => format!("reconstructed from {from}"),
        Some(from) => format!("{} (reconstructed from {from})", case.source),
    }
}

fn engines(case: &Case) -> String {
    let names: Vec<_> = case.engines.iter().map(|engine| engine.module()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// What its tests came to, all together.
fn result(case: &Case, ran: &[(Test, Outcome)]) -> &'static str {
    let outcomes: Vec<_> = ran
        .iter()
        .filter(|(test, _)| test.number == Some(case.number))
        .map(|(_, outcome)| *outcome)
        .collect();
    match case.verdict {
        Verdict::NotApplicable(_) => "n/a",
        _ if outcomes.is_empty() => "NO TEST",
        _ if outcomes.iter().any(|outcome| *outcome != Outcome::Passed) => "FAILED",
        Verdict::Gap(_) => "KNOWN GAP",
        _ => "passed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::outcomes;

    /// A run in which everything is as the table says.
    fn complete() -> Vec<(Test, Outcome)> {
        let tests = table::all().flat_map(|case| {
            let path = |engine: &crate::Engine| {
                Test::of(&format!("{}::x::case_{:03}_x", engine.module(), case.number))
            };
            case.engines.iter().map(path).map(|test| (test, Outcome::Passed))
        });
        tests.collect()
    }

    #[test]
    fn a_complete_run_has_no_fault_and_each_slip_is_one() {
        assert_eq!(faults(&complete()), [""; 0]);
        let mut missing = complete();
        missing.remove(0);
        assert_eq!(faults(&missing).len(), 1);
        for slip in [
            "test cache::x::case_001_x ... FAILED",
            "test cache::x::case_001_x ... ignored",
            "test cache::x::case_999_x ... ok",
            "test cache::x::nameless ... ok",
            "test elsewhere::case_001_x ... ok",
        ] {
            let run = [complete(), outcomes(slip)].concat();
            assert_eq!(faults(&run).len(), 1, "{slip}");
        }
    }

    #[test]
    fn the_kept_table_is_this_one() {
        let kept = include_str!("../TABLE.md");
        assert!(kept == markdown(), "TABLE.md is stale: cargo xtask conformance --markdown");
    }
}
