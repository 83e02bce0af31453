//! A small repository that agrees with itself, and everything that can go wrong with it.

use super::*;
use crate::{models, orderings};

const DOCUMENT: &str = "\
### E1: publish

* Publishes: a node.
* Reads: a walk.
* Without it: half a node.
* Code: `Bucket::link`.
* Models: `insert_get`.
* Mutants: `weak`.

| mutant | breaks | model | mode | fault |
| --- | --- | --- | --- | --- |
| `weak` | E1 | `insert_get` | rmw | linking does not release |
";

const MODEL: &str = "\
//! * Edges: E1.
//! * Reclaimer: Poison.
//! * Modes: shadow, 3 pre-emptions; rmw, exhaustive.
//! * Kills: `weak`.
";

const CODE: &str = "\
/// E1: publishes.
fn publish() -> Ordering { if mutant(\"weak\") { Relaxed } else { Ordering::Release } }
";

const LIST: &str = "crates/resumption-map/src/list.rs";

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

/// The faults of the repository with these texts.
fn faults_with(document: &str, model: &str, code: &str, more: &[Source]) -> Vec<Fault> {
    let mut sources = vec![
        source("crates/resumption-map/src/edges.rs", code),
        source(LIST, "fn link(&self) {}\n"),
        source("loom-tests/tests/main.rs", "mod insert_get;\n"),
    ];
    sources.extend_from_slice(more);
    let models = [models::parse("insert_get", model)];
    faults(&orderings::parse(document), &models, &sources)
}

fn text(text: &str) -> String {
    text.to_owned()
}

#[test]
fn agreement_has_no_faults() {
    assert_eq!(faults_with(DOCUMENT, MODEL, CODE, &[]), []);
}

#[test]
fn an_edge_that_no_code_line_names_is_a_fault() {
    let code = CODE.replace("/// E1: publishes.\n", "");
    let faults = faults_with(DOCUMENT, MODEL, &code, &[]);
    assert!(faults.contains(&Fault::EdgeInNoCode { edge: text("E1") }), "{faults:?}");
}

#[test]
fn an_edge_that_no_model_exercises_is_a_fault() {
    let model = MODEL.replace("E1", "none");
    let expected = [
        Fault::EdgeInNoModel { edge: text("E1") },
        Fault::EdgeModel { edge: text("E1"), model: text("insert_get") },
    ];
    assert_eq!(faults_with(DOCUMENT, &model, CODE, &[]), expected);
}

#[test]
fn an_edge_that_the_document_lacks_is_a_fault_wherever_it_is_named() {
    let more = [source("crates/resumption-cache/src/stamps.rs", "// edge E7\n")];
    let model = MODEL.replace("E1.", "E1, E8.");
    let expected = [
        Fault::EdgeUnknown { edge: text("E8"), place: text("the model insert_get") },
        Fault::EdgeUnknown {
            edge: text("E7"),
            place: text("crates/resumption-cache/src/stamps.rs"),
        },
    ];
    assert_eq!(faults_with(DOCUMENT, &model, CODE, &more), expected);
}

#[test]
fn edges_are_numbered_in_their_order() {
    let document = DOCUMENT.replace("E1", "E2");
    let faults = faults_with(&document, MODEL, CODE, &[]);
    assert!(faults.contains(&Fault::EdgeCount { edge: text("E2"), expected: text("E1") }));
}

#[test]
fn a_section_says_everything_and_names_what_exists() {
    let document = DOCUMENT
        .replace("* Without it: half a node.\n", "")
        .replace("Bucket::link", "Bucket::chain")
        .replace("* Mutants: `weak`", "* Mutants: `strong`");
    let expected = [
        Fault::EdgeLacks { edge: text("E1"), bullet: "Without it" },
        Fault::EdgeCode { edge: text("E1"), function: text("Bucket::chain") },
        Fault::EdgeMutant { edge: text("E1"), mutant: text("strong") },
        Fault::EdgeMutant { edge: text("E1"), mutant: text("weak") },
    ];
    assert_eq!(faults_with(&document, MODEL, CODE, &[]), expected);
}

#[test]
fn a_mutant_that_the_document_lacks_is_a_fault() {
    let more = [source("crates/resumption-map/src/list.rs", "if mutant(\"new\") { return; }\n")];
    let expected = [Fault::MutantUnknown {
        mutant: text("new"),
        place: text("crates/resumption-map/src/list.rs"),
    }];
    assert_eq!(faults_with(DOCUMENT, MODEL, CODE, &more), expected);
}

#[test]
fn a_mutant_that_no_code_line_makes_is_a_fault() {
    let code = CODE.replace("mutant(\"weak\")", "false");
    let faults = faults_with(DOCUMENT, MODEL, &code, &[]);
    assert!(faults.contains(&Fault::MutantInNoCode { mutant: text("weak") }), "{faults:?}");
}

#[test]
fn a_killer_says_so_itself() {
    let model = MODEL.replace("`weak`", "`other`");
    let expected = [
        Fault::MutantKiller { mutant: text("weak"), model: text("insert_get") },
        Fault::MutantKiller { mutant: text("other"), model: text("insert_get") },
    ];
    assert_eq!(faults_with(DOCUMENT, &model, CODE, &[]), expected);
}

#[test]
fn a_mutant_breaks_something_once_in_a_mode_that_its_model_has() {
    let model = MODEL.replace("; rmw, exhaustive", "");
    let document = DOCUMENT.replace("| E1 |", "| E9 |").replace("* Mutants: `weak`", "* Mutants:");
    let expected = [
        Fault::MutantOf { mutant: text("weak"), breaks: text("E9") },
        Fault::MutantMode { mutant: text("weak"), mode: text("rmw") },
    ];
    assert_eq!(faults_with(&document, &model, CODE, &[]), expected);
    let row = "| `weak` | E1 | `insert_get` | rmw | linking does not release |\n";
    let twice = faults_with(&format!("{DOCUMENT}{row}"), MODEL, CODE, &[]);
    assert!(twice.contains(&Fault::MutantTwice { mutant: text("weak") }));
}

#[test]
fn a_model_that_nobody_runs_or_that_says_too_little_is_a_fault() {
    let models = [models::parse("insert_get", "")];
    let faults = faults(&Orderings::default(), &models, &[]);
    let mut expected = vec![Fault::ModelUnregistered { model: text("insert_get") }];
    for line in ["Edges", "Kills", "Modes", "Reclaimer"] {
        expected.push(Fault::ModelHead { model: text("insert_get"), line });
    }
    expected.push(Fault::ModelKillsNothing { model: text("insert_get") });
    assert_eq!(faults, expected);
}

#[test]
fn an_ordering_without_a_name_is_a_fault() {
    let slab = "crates/resumption-map/src/slab.rs";
    let more = [source(slab, "x.load(Ordering::Relaxed);\nx.load(Ordering::Acquire);\n")];
    let expected = [Fault::Unnamed { place: format!("{slab}:2") }];
    assert_eq!(faults_with(DOCUMENT, MODEL, CODE, &more), expected);
    let more = [source(slab, "use core::sync::atomic::AtomicU64;\n")];
    let expected = [Fault::Unnamed { place: format!("{slab}:1") }];
    assert_eq!(faults_with(DOCUMENT, MODEL, CODE, &more), expected);
}

#[test]
fn an_ordering_function_begins_with_its_edge_and_can_be_weakened() {
    let nameless = CODE.replace("/// E1: pub", "/// Pub");
    let code = nameless + "\n/// E1: fixed.\nfn fixed() -> Ordering { Ordering::Release }\n";
    let faults = faults_with(DOCUMENT, MODEL, &code, &[]);
    for function in ["publish", "fixed"] {
        let place = text("crates/resumption-map/src/edges.rs");
        let function = text(function);
        assert!(faults.contains(&Fault::OrderingFunction { place, function }), "{faults:?}");
    }
}

#[test]
fn a_fault_is_one_line_that_names_the_place() {
    let fault = Fault::EdgeInNoModel { edge: text("E1") };
    let expected = "crates/resumption-map/ORDERINGS.md: no model exercises E1";
    assert_eq!(fault.to_string(), expected);
}
