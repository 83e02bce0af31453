//! The fuzzer: each target for a while.

use std::fs;

use super::lanes::{Effort, of, target_directory};
use super::tools::nightly;
use crate::command::{root, run, run_silently};
use crate::failure::Failure;

/// How long each target runs, in seconds.
const SECONDS: [(Effort, u32); 2] = [(Effort::Part, 5), (Effort::Full, 120)];

/// Bytes of the longest input: two hundred operations.
const LONGEST: &str = "-max_len=1200";

/// Runs all targets, from the corpus on. What they find new lies in `target/fuzz`, until somebody puts
/// it into the corpus.
pub(super) fn all_targets(effort: Effort) -> Result<Vec<String>, Failure> {
    let fuzz = root().join("fuzz");
    let seconds = of(SECONDS, effort);
    run(nightly("cargo").current_dir(&fuzz).args(["fuzz", "build"]))?;
    let mut tried = Vec::new();
    for target in targets()? {
        let found = target_directory("fuzz").join(&target);
        fs::create_dir_all(&found)
            .map_err(|error| Failure::Read { path: found.display().to_string(), error })?;
        let mut command = nightly("cargo");
        command.current_dir(&fuzz).args(["fuzz", "run", &target]);
        command.arg(&found).arg(fuzz.join("corpus").join(&target));
        command.args(["--", LONGEST]).arg(format!("-max_total_time={seconds}"));
        // libFuzzer reports on standard error.
        let (passed, printed) = run_silently(&mut command)?;
        let done = printed.lines().find_map(|line| line.strip_prefix("Done "));
        let (true, Some(done)) = (passed, done) else {
            println!("{printed}");
            return Err(Failure::Faults { count: 1, of: "fuzz targets that failed" });
        };
        let line = format!("{target}: {done}");
        println!("{line}");
        tried.push(line);
    }
    Ok(tried)
}

/// The targets, by their files.
fn targets() -> Result<Vec<String>, Failure> {
    let folder = root().join("fuzz/fuzz_targets");
    let unreadable = |error| Failure::Read { path: folder.display().to_string(), error };
    let mut targets = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        targets.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    targets.sort();
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found() {
        let targets = targets().expect("the folder is there");
        assert!(targets.iter().any(|target| target == "cache_operations"), "{targets:?}");
    }
}
