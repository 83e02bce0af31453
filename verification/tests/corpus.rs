//! The fuzzer's corpus, replayed: each input that it kept runs on stable, in every run of the tests.

#![cfg(not(any(resumption_shuttle, miri)))]
#![cfg(feature = "decoders")]
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use verification::Random;
use verification::effort::{Amount, Replay, Report};
use verification::fuzz::TARGETS;

/// Random inputs beside those of the corpus, for each target.
const INPUTS: Amount = Amount { part: 100, full: 3_000, miri: 0 };

/// Bytes of the longest random input.
const LONGEST: u64 = 600;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The names in a folder, without what they end in.
fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("readable").path())
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect()
}

#[test]
fn every_input_of_the_corpus_still_passes() {
    let report = Report::begin("fuzz corpus");
    let mut inputs = 0;
    for target in &TARGETS {
        let folder = fuzz().join("corpus").join(target.name);
        let mut files: Vec<_> = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.expect("readable").path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "the corpus of {} is empty", target.name);
        for file in files {
            let data = fs::read(&file).expect("readable");
            let _replay = Replay::of_input(file.display());
            (target.run)(&data);
            inputs += 1;
        }
    }
    report.end(format_args!("{} targets, {inputs} inputs", TARGETS.len()));
}

#[test]
fn random_inputs_pass() {
    let report = Report::begin("random inputs");
    for target in &TARGETS {
        for seed in 0..INPUTS.get() {
            let mut random = Random::new(seed);
            let length = random.number() % LONGEST;
            let data: Vec<u8> = (0..length).map(|_| random.number().to_le_bytes()[0]).collect();
            let _replay = Replay::of_input(format_args!("{} of seed {seed}", target.name));
            (target.run)(&data);
        }
    }
    report.end(format_args!("{} targets, {} inputs each", TARGETS.len(), INPUTS.get()));
}

#[test]
fn every_target_has_a_file_and_a_corpus() {
    let listed: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names(&fuzz().join("fuzz_targets")), listed);
    assert_eq!(names(&fuzz().join("corpus")), listed);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("readable");
    for name in listed {
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name} is not in fuzz/Cargo.toml"
        );
    }
}
