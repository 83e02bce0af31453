//! `ORDERINGS.md`, the source and the models name the same edges and the same mutants.

use std::fmt;

use super::sources::Source;
use crate::models::{Model, edges_in};
use crate::orderings::{Edge, Mutant, Orderings, PATH};

/// What an edge's section must say.
const BULLETS: [&str; 6] = ["Publishes", "Reads", "Without it", "Code", "Models", "Mutants"];

/// What a mutant may break besides an edge.
const OTHER_FAULTS: [&str; 2] = ["exchange", "step"];

/// One disagreement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// An edge's section names a function that the source does not have.
    EdgeCode { edge: String, function: String },
    /// The edges are not E1, E2, E3 and so on.
    EdgeCount { edge: String, expected: String },
    /// The source names an edge nowhere.
    EdgeInNoCode { edge: String },
    /// No model exercises an edge.
    EdgeInNoModel { edge: String },
    /// An edge's section lacks a bullet.
    EdgeLacks { edge: String, bullet: &'static str },
    /// An edge's section and a model's head disagree.
    EdgeModel { edge: String, model: String },
    /// An edge's section and the table of mutants disagree.
    EdgeMutant { edge: String, mutant: String },
    /// Somebody names an edge that is not in the document.
    EdgeUnknown { edge: String, place: String },
    /// A model's head lacks a line.
    ModelHead { model: String, line: &'static str },
    /// A model that is not known to notice anything.
    ModelKillsNothing { model: String },
    /// A file of models that nobody runs.
    ModelUnregistered { model: String },
    /// The table names a model for a mutant whose head does not say so, or the other way round.
    MutantKiller { mutant: String, model: String },
    /// The table names a mutant that the source does not have.
    MutantInNoCode { mutant: String },
    /// The table names a mode in which the model does not run.
    MutantMode { mutant: String, mode: String },
    /// A mutant breaks something that is neither an edge nor an exchange nor a step.
    MutantOf { mutant: String, breaks: String },
    /// The table has the same row twice.
    MutantTwice { mutant: String },
    /// The source has a mutant that is not in the table.
    MutantUnknown { mutant: String, place: String },
    /// An ordering function without a mutant, or whose documentation does not begin with its edge.
    OrderingFunction { place: String, function: String },
    /// An ordering stronger than relaxed that is no edge, or an atomic that no model sees.
    Unnamed { place: String },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EdgeCode { edge, function } => {
                write!(f, "{PATH}: {edge} names `{function}`, which no source file defines")
            }
            Self::EdgeCount { edge, expected } => {
                write!(f, "{PATH}: {edge} stands where {expected} should")
            }
            Self::EdgeInNoCode { edge } => write!(f, "{PATH}: no code line names {edge}"),
            Self::EdgeInNoModel { edge } => write!(f, "{PATH}: no model exercises {edge}"),
            Self::EdgeLacks { edge, bullet } => write!(f, "{PATH}: {edge} lacks `{bullet}`"),
            Self::EdgeModel { edge, model } => {
                write!(f, "{PATH} and the model {model} disagree about {edge}")
            }
            Self::EdgeMutant { edge, mutant } => {
                write!(f, "{PATH}: {edge} and the table of mutants disagree about `{mutant}`")
            }
            Self::EdgeUnknown { edge, place } => write!(f, "{place}: {edge} is not in {PATH}"),
            Self::ModelHead { model, line } => write!(f, "the model {model}: no line `{line}`"),
            Self::ModelKillsNothing { model } => {
                write!(f, "the model {model} kills no mutant: what does it notice?")
            }
            Self::ModelUnregistered { model } => {
                write!(f, "the model {model} is no module of loom-tests/tests/main.rs")
            }
            Self::MutantKiller { mutant, model } => {
                write!(f, "{PATH} and the model {model} disagree about `{mutant}`")
            }
            Self::MutantInNoCode { mutant } => {
                write!(f, "{PATH}: no code line makes the fault `{mutant}`")
            }
            Self::MutantMode { mutant, mode } => {
                write!(f, "{PATH}: `{mutant}`: its model does not run in mode {mode}")
            }
            Self::MutantOf { mutant, breaks } => {
                write!(f, "{PATH}: `{mutant}` breaks {breaks}: no edge, exchange or step")
            }
            Self::MutantTwice { mutant } => write!(f, "{PATH}: `{mutant}` has a row twice"),
            Self::MutantUnknown { mutant, place } => {
                write!(f, "{place}: `{mutant}` is not in {PATH}")
            }
            Self::OrderingFunction { place, function } => {
                write!(f, "{place}: `{function}` begins with no edge, or cannot be weakened")
            }
            Self::Unnamed { place } => {
                write!(f, "{place}: an ordering without a name, or an atomic that is not sync.rs's")
            }
        }
    }
}

/// Compares the three.
pub(super) fn faults(orderings: &Orderings, models: &[Model], sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(numbers(&orderings.edges));
    let modelled: Vec<_> = sources.iter().filter(|source| source.is_modelled()).collect();
    for edge in &orderings.edges {
        faults.extend(faults_of_edge(edge, orderings, models, &modelled));
    }
    for mutant in &orderings.mutants {
        faults.extend(faults_of_mutant(mutant, orderings, models, &modelled));
    }
    for model in models {
        faults.extend(faults_of_model(model, orderings, sources));
    }
    for source in modelled {
        faults.extend(faults_of_source(source, orderings));
    }
    faults
}

fn numbers(edges: &[Edge]) -> impl Iterator<Item = Fault> {
    edges.iter().zip(1..).filter_map(|(edge, number)| {
        let expected = format!("E{number}");
        (edge.number != expected).then(|| Fault::EdgeCount { edge: edge.number.clone(), expected })
    })
}

fn faults_of_edge(
    edge: &Edge,
    orderings: &Orderings,
    models: &[Model],
    modelled: &[&Source],
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let number = || edge.number.clone();
    for bullet in BULLETS {
        if edge.bullets.iter().all(|there| there != bullet) {
            faults.push(Fault::EdgeLacks { edge: number(), bullet });
        }
    }
    if modelled.iter().all(|source| !edges_in(&source.text).contains(&edge.number)) {
        faults.push(Fault::EdgeInNoCode { edge: number() });
    }
    if models.iter().all(|model| !model.edges.contains(&edge.number)) {
        faults.push(Fault::EdgeInNoModel { edge: number() });
    }
    for function in &edge.code {
        let name = function.rsplit(':').next().unwrap_or(function);
        let (plain, generic) = (format!("fn {name}("), format!("fn {name}<"));
        let mut texts = modelled.iter().map(|source| &source.text);
        if !texts.any(|text| text.contains(&plain) || text.contains(&generic)) {
            faults.push(Fault::EdgeCode { edge: number(), function: function.clone() });
        }
    }
    let heads = models.iter().filter(|model| model.edges.contains(&edge.number));
    let heads: Vec<_> = heads.map(|model| &model.name).collect();
    let named = edge.models.iter();
    let differing = named.clone().filter(|model| !heads.contains(model));
    // An edge is exercised by many models; the section names those that are about it.
    faults.extend(differing.map(|model| Fault::EdgeModel { edge: number(), model: model.clone() }));
    let of_table = orderings.mutants.iter().filter(|mutant| mutant.breaks == edge.number);
    let of_table: Vec<_> = of_table.map(|mutant| &mutant.name).collect();
    let missing = edge.mutants.iter().filter(|mutant| !of_table.contains(mutant));
    let extra = of_table.iter().copied().filter(|mutant| !edge.mutants.contains(mutant));
    faults.extend(
        missing
            .chain(extra)
            .map(|mutant| Fault::EdgeMutant { edge: number(), mutant: mutant.clone() }),
    );
    faults
}

fn faults_of_mutant(
    mutant: &Mutant,
    orderings: &Orderings,
    models: &[Model],
    modelled: &[&Source],
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let name = || mutant.name.clone();
    let made = format!("mutant(\"{}\")", mutant.name);
    if modelled.iter().all(|source| !source.text.contains(&made)) {
        faults.push(Fault::MutantInNoCode { mutant: name() });
    }
    if orderings.mutants.iter().filter(|other| *other == mutant).count() > 1 {
        faults.push(Fault::MutantTwice { mutant: name() });
    }
    let edge = orderings.edges.iter().any(|edge| edge.number == mutant.breaks);
    if !edge && !OTHER_FAULTS.contains(&mutant.breaks.as_str()) {
        faults.push(Fault::MutantOf { mutant: name(), breaks: mutant.breaks.clone() });
    }
    let model = models.iter().find(|model| model.name == mutant.model);
    if model.is_none_or(|model| !model.kills.contains(&mutant.name)) {
        faults.push(Fault::MutantKiller { mutant: name(), model: mutant.model.clone() });
    }
    let runs = match mutant.mode.as_str() {
        "shadow" => true,
        "rmw" => model.is_some_and(|model| model.exhaustive),
        _ => false,
    };
    if !runs {
        faults.push(Fault::MutantMode { mutant: name(), mode: mutant.mode.clone() });
    }
    faults
}

fn faults_of_model(model: &Model, orderings: &Orderings, sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let name = || model.name.clone();
    let module = format!("mod {};", model.name);
    let main = sources.iter().find(|source| source.path == "loom-tests/tests/main.rs");
    if main.is_none_or(|main| main.text.lines().all(|line| line != module)) {
        faults.push(Fault::ModelUnregistered { model: name() });
    }
    let missing = model.missing.iter().copied();
    faults.extend(missing.map(|line| Fault::ModelHead { model: name(), line }));
    if model.kills.is_empty() {
        faults.push(Fault::ModelKillsNothing { model: name() });
    }
    for edge in &model.edges {
        if orderings.edges.iter().all(|known| known.number != *edge) {
            let place = format!("the model {}", model.name);
            faults.push(Fault::EdgeUnknown { edge: edge.clone(), place });
        }
    }
    for mutant in &model.kills {
        let mut rows = orderings.mutants.iter().filter(|row| row.name == *mutant);
        if rows.all(|row| row.model != model.name) {
            faults.push(Fault::MutantKiller { mutant: mutant.clone(), model: name() });
        }
    }
    faults
}

fn faults_of_source(source: &Source, orderings: &Orderings) -> Vec<Fault> {
    let mut faults = Vec::new();
    for edge in edges_in(&source.text) {
        if orderings.edges.iter().all(|known| known.number != edge) {
            faults.push(Fault::EdgeUnknown { edge, place: source.path.clone() });
        }
    }
    for piece in source.text.split("mutant(\"").skip(1) {
        let mutant = piece.split('"').next().unwrap_or_default().to_owned();
        if orderings.mutants.iter().all(|row| row.name != mutant) {
            faults.push(Fault::MutantUnknown { mutant, place: source.path.clone() });
        }
    }
    if source.path.ends_with("/edges.rs") {
        faults.extend(faults_of_functions(source));
    }
    if !source.may_order() {
        let strong = ["Acquire", "AcqRel", "Release", "SeqCst"];
        let orders = |line: &str| {
            strong.iter().any(|strong| line.contains(&format!("Ordering::{strong}")))
                || line.contains("fence(")
                || line.contains("sync::atomic")
        };
        for (line, number) in source.text.lines().zip(1..) {
            if orders(line) {
                faults.push(Fault::Unnamed { place: format!("{}:{number}", source.path) });
            }
        }
    }
    faults
}

/// Each ordering function says first which edge it is half of, and has a mutant.
fn faults_of_functions(source: &Source) -> impl Iterator<Item = Fault> {
    source.text.split("\n\n").filter_map(|block| {
        let function = block.split("fn ").nth(1)?.split('(').next()?.to_owned();
        let first = block.lines().find(|line| !line.is_empty()).unwrap_or_default();
        let named = first.starts_with("/// E") && !edges_in(first).is_empty();
        let whole = named && block.contains("mutant(\"");
        (!whole).then(|| Fault::OrderingFunction { place: source.path.clone(), function })
    })
}

#[cfg(test)]
#[path = "agreement/tests.rs"]
mod tests;
