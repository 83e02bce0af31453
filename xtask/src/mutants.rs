//! The proof that the models can fail: each ordering, exchange and step is broken once, on purpose.
//!
//! In a model's build, `RESUMPTION_MUTANT=NAME` weakens one edge or breaks one step. The model that
//! `ORDERINGS.md` names for it must then fail; one that still passes proves nothing.

use crate::command::{run, run_silently};
use crate::failure::Failure;
use crate::loom::{self, Mode};
use crate::models::{self, Model};
use crate::orderings::{self, Mutant};

/// Breaks one thing after the other and prints which model noticed, and what it saw; a survivor is a
/// failure.
pub(crate) fn kill_all() -> Result<(), Failure> {
    // So that a failure below is a model's and not the compiler's.
    run(loom::build().arg("--no-run"))?;
    let (mutants, models) = (orderings::read()?.mutants, models::read_all()?);
    println!(
        "{:<9} {:<24} {:<8} {:<36} what the model saw",
        "breaks", "mutant", "", "model (mode)"
    );
    let mut survivors = 0;
    for mutant in &mutants {
        let verdict = verdict(mutant, &models)?;
        let killer = format!("{} ({})", mutant.model, mutant.mode);
        let (says, saw) = match &verdict {
            Verdict::Killed(saw) => ("killed", saw.as_str()),
            Verdict::Unclear(_) => ("UNCLEAR", "its output is shown below"),
            Verdict::Survived => ("SURVIVED", mutant.what.as_str()),
        };
        println!("{:<9} {:<24} {says:<8} {killer:<36} {saw}", mutant.breaks, mutant.name);
        if let Verdict::Unclear(output) = &verdict {
            println!("{output}");
        }
        survivors += usize::from(!matches!(verdict, Verdict::Killed(_)));
    }
    if survivors > 0 {
        return Err(Failure::Faults { count: survivors, of: "mutants not killed" });
    }
    println!("mutants: {} tried, each noticed by the model named for it", mutants.len());
    Ok(())
}

/// Seconds for one model with a fault in it; they take a few.
const LIMIT: &str = "120";

#[derive(Debug, PartialEq)]
enum Verdict {
    /// The model failed, with this message.
    Killed(String),
    Survived,
    /// It ended badly, but not because the model noticed something: loom failed itself, or time ran
    /// out. This is the whole output.
    Unclear(String),
}

fn verdict(mutant: &Mutant, models: &[Model]) -> Result<Verdict, Failure> {
    let Some(model) = models.iter().find(|model| model.name == mutant.model) else {
        let name = mutant.model.clone();
        return Err(Failure::Unknown {
            what: "file of models",
            name,
            known: format!("those in {}", models::FOLDER),
        });
    };
    let mode = if mutant.mode == "rmw" { Mode::Rmw } else { Mode::Shadow };
    let mut command = loom::test(mode, &[model]);
    command.env("RESUMPTION_MUTANT", &mutant.name).env("RESUMPTION_LOOM_LIMIT", LIMIT);
    let (succeeded, text) = run_silently(&mut command)?;
    Ok(if succeeded { Verdict::Survived } else { judge(text) })
}

/// However the model fails: a use of reclaimed memory may panic twice and abort.
fn judge(output: String) -> Verdict {
    let panics = || output.lines().filter(|line| line.contains("panicked at "));
    // Loom's bookkeeping of stores has assertions that "sometimes fail" (tokio-rs/loom #252); what a
    // model finds is reported from other files of loom's, or of ours.
    let inside = ["src/rt/atomic.rs:", "src/rt/vv.rs:"];
    if panics().next().is_some_and(|line| inside.iter().any(|file| line.contains(file))) {
        return Verdict::Unclear(output);
    }
    let mut lines = output.lines().skip_while(|line| !line.contains("panicked at ")).skip(1);
    match lines.find(|line| !line.trim().is_empty()) {
        Some(message) => Verdict::Killed(message.trim().to_owned()),
        // A model that notices something says what.
        None => Verdict::Unclear(output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_says_what_the_model_saw() {
        let output =
            "running 1 test\n\nthread 'a::b' panicked at tests/a.rs:1:2:\na gap: None\nnote";
        assert_eq!(judge(output.to_owned()), Verdict::Killed("a gap: None".to_owned()));
    }

    #[test]
    fn time_that_ran_out_is_no_kill() {
        let output = "running 1 test\nmodel a: out of time\nabort";
        assert_eq!(judge(output.to_owned()), Verdict::Unclear(output.to_owned()));
    }

    #[test]
    fn an_assertion_of_looms_own_is_no_kill() {
        let output = "thread 'a::b' panicked at /loom-0.7.2/src/rt/atomic.rs:752:17:\nassertion";
        assert_eq!(judge(output.to_owned()), Verdict::Unclear(output.to_owned()));
        // In a backtrace, that file is no evidence.
        let output = "thread 'a::b' panicked at tests/a.rs:1:2:\na gap\n 3: at src/rt/atomic.rs:7";
        assert_eq!(judge(output.to_owned()), Verdict::Killed("a gap".to_owned()));
    }
}
