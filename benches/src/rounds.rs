//! The order of the samples: every peer in every round, so that a slow minute hurts all alike.

use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use crate::flags::Plan;
use crate::peers::Contender;
use crate::sample::{Cell, Sample};
use crate::workload::Workload;

/// The samples of one cell of the tables, one a round.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) contender: &'static str,
    pub(crate) workload: Workload,
    pub(crate) threads: usize,
    pub(crate) samples: Vec<Sample>,
}

impl Series {
    pub(crate) fn rates(&self) -> Vec<f64> {
        self.samples.iter().map(|sample| sample.rate).collect()
    }
}

/// Takes every sample of `plan`.
pub(crate) fn run(plan: &Plan) -> Vec<Series> {
    let mut progress = Progress::new(plan);
    let mut all: Vec<Series> = Vec::new();
    for round in 0..plan.rounds {
        for &workload in &plan.workloads {
            for &threads in &plan.threads {
                for contender in turn(plan, workload, round) {
                    progress.show(round, contender.name, workload, threads);
                    let cell = Cell { workload, threads, round, setup: plan.setup };
                    let sample = (contender.sample)(&cell);
                    keep(&mut all, contender.name, &cell, sample);
                }
            }
        }
    }
    progress.finish();
    all
}

/// Who takes part, starting with another one each round: none always follows the same neighbour's
/// leftovers in the caches of the machine.
fn turn(plan: &Plan, workload: Workload, round: usize) -> impl Iterator<Item = &Contender> {
    let count = plan.contenders.len();
    (0..count)
        .map(move |place| &plan.contenders[(place + round) % count])
        .filter(move |contender| contender.takes_part(workload))
}

fn keep(all: &mut Vec<Series>, contender: &'static str, cell: &Cell, sample: Sample) {
    let here = |series: &&mut Series| {
        series.contender == contender
            && series.workload == cell.workload
            && series.threads == cell.threads
    };
    if let Some(series) = all.iter_mut().find(here) {
        series.samples.push(sample);
    } else {
        let (workload, threads) = (cell.workload, cell.threads);
        all.push(Series { contender, workload, threads, samples: vec![sample] });
    }
}

/// Says how far the run is: one line rewritten on a terminal, one line a round elsewhere.
struct Progress {
    started: Instant,
    done: usize,
    total: usize,
    rounds: usize,
    terminal: bool,
}

impl Progress {
    fn new(plan: &Plan) -> Self {
        let a_round: usize = plan
            .workloads
            .iter()
            .map(|&workload| turn(plan, workload, 0).count() * plan.threads.len())
            .sum();
        Self {
            started: Instant::now(),
            done: 0,
            total: a_round * plan.rounds,
            rounds: plan.rounds,
            terminal: io::stderr().is_terminal(),
        }
    }

    fn show(&mut self, round: usize, contender: &str, workload: Workload, threads: usize) {
        let first_of_round = self.done * self.rounds == self.total * round;
        let place = format!(
            "round {}/{}, sample {}/{}, {:.0} s",
            round + 1,
            self.rounds,
            self.done + 1,
            self.total,
            self.started.elapsed().as_secs_f64(),
        );
        if self.terminal {
            eprint!("\r\x1b[K{place}: {}, {threads} threads, {contender}", workload.name());
            // A progress line that cannot be written is no reason to stop measuring.
            let _ = io::stderr().flush();
        } else if first_of_round {
            eprintln!("{place}");
        }
        self.done += 1;
    }

    fn finish(&self) {
        let end = if self.terminal { "\r\x1b[K" } else { "" };
        eprintln!("{end}{} samples in {:.0} s", self.done, self.started.elapsed().as_secs_f64());
    }
}
