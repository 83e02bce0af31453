//! Everything CI checks, in CI's order.

use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::{
    bench, conformance, docs, fleet, gates, interop, layers, lint, loom, memory, mutants,
    prerequisites, test, tidy, verify,
};

/// One step: a heading and what it does.
struct Step {
    name: &'static str,
    run: fn() -> Result<(), Failure>,
}

/// Cheap steps first, so that a slip in formatting does not cost a build.
const STEPS: [Step; 16] = [
    Step { name: "prerequisites", run: prerequisites::check },
    Step { name: "format", run: lint::format },
    Step { name: "layers", run: layers::check },
    Step { name: "tidy", run: tidy::check },
    Step { name: "clippy", run: lint::clippy },
    Step { name: "test", run: test::tests },
    Step { name: "conformance", run: conformance::check },
    Step { name: "interop", run: || interop::check(None) },
    Step { name: "fleet", run: || fleet::run(fleet::Part::Quick) },
    Step { name: "memory", run: memory::check },
    Step { name: "loom", run: loom::models },
    Step { name: "mutants", run: mutants::kill_all },
    Step { name: "schedules", run: verify::schedules },
    Step { name: "gates", run: || gates::check(false) },
    Step { name: "docs", run: docs::build },
    Step { name: "bench", run: bench::smoke },
];

/// Runs the steps in order, prints how long each took, and stops at the first that fails.
pub(crate) fn run() -> Result<(), Failure> {
    let mut times = Vec::with_capacity(STEPS.len());
    for (number, step) in (1..).zip(&STEPS) {
        println!("\n=== {number}/{} {} ===", STEPS.len(), step.name);
        let started = Instant::now();
        let outcome = (step.run)();
        let took = started.elapsed();
        println!("--- {}: {} ---", step.name, seconds(took));
        times.push((step.name, took));
        if let Err(cause) = outcome {
            return Err(Failure::Step { name: step.name, cause: Box::new(cause) });
        }
    }
    println!("\nAll {} steps passed:", times.len());
    for (name, took) in &times {
        println!("  {name:<14} {:>9}", seconds(*took));
    }
    println!("  {:<14} {:>9}", "together", seconds(times.iter().map(|(_, took)| *took).sum()));
    Ok(())
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
