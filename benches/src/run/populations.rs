//! Throughput: every workload, every number of threads, every peer, for each population.

use crate::data::{Data, SampleRow, rounded};
use crate::measure::progress::Progress;
use crate::measure::throughput::{Cell, Filling, Held};
use crate::peers::Contender;
use crate::plan::{Plan, Population};
use crate::run::{f64_of, machine};
use crate::workloads::{Room, Workload};

/// Seconds to fill a peer with a session and to drop it again, roughly.
const FILL: f64 = 1.1e-6;
/// Up to this many sessions, all peers are filled at once and take turns cell by cell. Beyond, one
/// after the other is filled, and a round's ratios are between samples minutes apart.
const TOGETHER: usize = 2_000_000;

/// About how many seconds this takes.
pub(super) fn expected(plan: &Plan) -> f64 {
    plan.populations.iter().map(|&population| of_population(plan, population)).sum()
}

fn of_population(plan: &Plan, population: Population) -> f64 {
    let mut seconds = 0.0;
    for room in [Room::Spare, Room::Full] {
        for contender in taking_part(plan, population, room) {
            seconds += FILL * f64_of(population.entries);
            for workload in possible(plan, contender, population, room) {
                let cells = plan.threads_for(workload, population).len();
                seconds += f64_of(cells) * of_cell(plan, workload, contender, population);
            }
        }
    }
    seconds * f64_of(population.rounds)
}

fn of_cell(plan: &Plan, workload: Workload, contender: &Contender, population: Population) -> f64 {
    let searching = matches!(workload, Workload::Churn | Workload::TakePut)
        && !contender.able.take_among_many
        && population.entries > 100_000;
    1.2 * plan.slice.as_secs_f64() + 0.004 + if searching { 0.4 } else { 0.0 }
}

fn possible<'p>(
    plan: &'p Plan,
    contender: &'p Contender,
    population: Population,
    room: Room,
) -> impl Iterator<Item = Workload> + 'p {
    plan.with_room(room)
        .filter(move |workload| workload.possible(contender.able, population.entries))
}

fn taking_part(
    plan: &Plan,
    population: Population,
    room: Room,
) -> impl Iterator<Item = &Contender> {
    let takes_part =
        move |peer: &&Contender| possible(plan, peer, population, room).next().is_some();
    plan.contenders.iter().filter(takes_part)
}

/// Measures all populations.
pub(super) fn measure(plan: &Plan, progress: &mut Progress, data: &mut Data) {
    for &population in &plan.populations {
        for peer in &plan.contenders {
            for &workload in &plan.workloads {
                let lone = workload.possible(peer.able, 0);
                if lone && !workload.possible(peer.able, population.entries) {
                    data.leave_out(
                        format!(
                            "{}, {}, {} sessions",
                            peer.name,
                            workload.name(),
                            population.entries
                        ),
                        "its take searches all sessions",
                    );
                }
            }
        }
        for round in 0..population.rounds {
            for room in [Room::Spare, Room::Full] {
                Turn { plan, population, round, room }.measure(progress, data);
            }
        }
    }
}

/// One round of one population, with peers that have so much room.
#[derive(Clone, Copy)]
struct Turn<'p> {
    plan: &'p Plan,
    population: Population,
    round: usize,
    room: Room,
}

impl<'p> Turn<'p> {
    fn measure(self, progress: &mut Progress, data: &mut Data) {
        let mut contenders: Vec<_> = taking_part(self.plan, self.population, self.room).collect();
        // Another one begins each round: none always follows the same neighbour's leftovers in the
        // caches of the machine.
        if !contenders.is_empty() {
            let first = self.round % contenders.len();
            contenders.rotate_left(first);
        }
        let room_for = |bytes: usize| {
            machine::available_memory().is_none_or(|available| bytes < available / 10 * 8)
        };
        let all: usize = contenders.iter().map(|contender| self.bytes(contender)).sum();
        if self.population.entries <= TOGETHER && room_for(all) {
            let held = contenders.into_iter().map(|peer| (peer, self.fill(peer, progress)));
            self.cells(held.collect(), progress, data);
            return;
        }
        for peer in contenders {
            if room_for(self.bytes(peer)) {
                let held = vec![(peer, self.fill(peer, progress))];
                self.cells(held, progress, data);
            } else {
                let what = format!("{}, {} sessions", peer.name, self.population.entries);
                data.leave_out(what, "more memory than the machine has to spare");
            }
        }
    }

    /// About what a filled peer takes, the list of its ids included.
    fn bytes(self, peer: &Contender) -> usize {
        let each = self.plan.flags.payload + peer.able.overhead + 2 * 32;
        self.population.entries * each
    }

    fn seed(self) -> u64 {
        self.plan.flags.seed.wrapping_add(self.round as u64)
    }

    fn fill(self, peer: &Contender, progress: &mut Progress) -> Box<dyn Held> {
        let entries = self.population.entries;
        progress.step(FILL * f64_of(entries), &format!("{entries} sessions into {}", peer.name));
        (peer.hold)(&Filling {
            entries,
            payload: self.plan.flags.payload,
            room: self.room,
            seed: self.seed(),
        })
    }

    fn cells(
        self,
        mut held: Vec<(&'p Contender, Box<dyn Held>)>,
        progress: &mut Progress,
        data: &mut Data,
    ) {
        for workload in self.plan.with_room(self.room) {
            for threads in self.plan.threads_for(workload, self.population) {
                for (peer, held) in &mut held {
                    if !workload.possible(peer.able, self.population.entries) {
                        continue;
                    }
                    progress.step(
                        of_cell(self.plan, workload, peer, self.population),
                        &format!(
                            "{} sessions, round {}/{}, {}, {threads} threads, {}",
                            self.population.entries,
                            self.round + 1,
                            self.population.rounds,
                            workload.name(),
                            peer.name
                        ),
                    );
                    let cell =
                        Cell { workload, threads, slice: self.plan.slice, seed: self.seed() };
                    let sample = held.sample(&cell);
                    data.samples.push(SampleRow {
                        peer: peer.name.to_owned(),
                        workload: workload.name().to_owned(),
                        population: self.population.entries,
                        threads,
                        round: self.round,
                        ops_per_second: rounded(sample.rate),
                        failed_share: rounded(sample.failed),
                        stolen_share: rounded(sample.stolen),
                    });
                }
            }
        }
    }
}
