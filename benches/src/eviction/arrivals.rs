//! Draws the visits of a population, one after the other.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::chance;
use super::population::{Attack, PASSERS_BY, Population, RETURNERS, Rhythm};
use super::trace::{Visit, Visitor};
use crate::random::Random;

/// Draws the visits, one after the other.
pub(crate) struct Arrivals<'a> {
    population: &'a Population,
    random: Random,
    /// The sum of popularities up to each client, ascending to 1.
    popularity: Vec<f64>,
    /// Visits that are already certain: the rest of bursts, and the next poll of each client. The number
    /// is a client's, or from there on a passer-by's.
    planned: BinaryHeap<Reverse<(u32, u32, u16)>>,
    /// How many passers-by there were.
    passed_by: u32,
    /// Milliseconds since the beginning, exactly.
    clock: f64,
}

impl<'a> Arrivals<'a> {
    pub(crate) fn new(population: &'a Population, seed: u64) -> Self {
        let weights = (1..=population.clients).map(|rank| f64::from(rank).powf(-population.skew));
        let mut sum = 0.0;
        let mut popularity: Vec<_> = weights
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        for part in &mut popularity {
            *part /= sum;
        }
        let mut arrivals = Self {
            population,
            random: Random::new(seed),
            popularity,
            planned: BinaryHeap::new(),
            passed_by: 0,
            clock: 0.0,
        };
        if let Rhythm::Polling { .. } = population.rhythm {
            for client in 0..population.clients {
                let first = chance::unit(&mut arrivals.random) * population.mean_gap * 1e3;
                arrivals.planned.push(Reverse((millis(first), client, 0)));
            }
        }
        arrivals
    }

    pub(crate) fn next_visit(&mut self, attacked: bool) -> Visit {
        let attack = if attacked { self.population.attack } else { Attack::None };
        let visitor = match attack {
            Attack::FirstVisits(share) if chance::happens(&mut self.random, share) => {
                Visitor::Flood
            }
            Attack::Returns(share) if chance::happens(&mut self.random, share) => {
                Visitor::Returner(self.below(RETURNERS))
            }
            _ if chance::happens(&mut self.random, self.population.one_off) => {
                return self.passer_by();
            }
            _ => return self.next_expected(),
        };
        // Beside the others, who keep their own time.
        self.visit(visitor, false)
    }

    /// Somebody new, who holds nothing yet.
    fn passer_by(&mut self) -> Visit {
        let place = self.passed_by % PASSERS_BY;
        self.passed_by += 1;
        let followers = self.population.one_off_burst.followers(&mut self.random);
        self.plan_follower(self.population.clients + place, followers);
        self.visit(Visitor::OneOff(place), true)
    }

    /// Whoever comes next, except somebody new.
    fn next_expected(&mut self) -> Visit {
        let (number, followers) = match self.population.rhythm {
            Rhythm::Polling { .. } => self.next_planned(),
            Rhythm::Poisson | Rhythm::Tide { .. } => {
                let next = self.clock + self.next_gap();
                let planned = self.planned.peek().map(|Reverse((at, ..))| f64::from(*at));
                if planned.is_some_and(|at| at <= next) {
                    self.next_planned()
                } else {
                    self.clock = next;
                    let followers = self.population.burst.followers(&mut self.random);
                    (self.popular_client(), followers)
                }
            }
        };
        if let Some(place) = number.checked_sub(self.population.clients) {
            self.plan_follower(number, followers);
            return self.visit(Visitor::OneOff(place), false);
        }
        if let Rhythm::Polling { jitter } = self.population.rhythm {
            self.plan_poll(number, jitter);
        } else {
            self.plan_follower(number, followers);
        }
        let forgot = chance::happens(&mut self.random, self.population.forgets);
        self.visit(Visitor::Client(number), forgot)
    }

    fn visit(&mut self, visitor: Visitor, forgot: bool) -> Visit {
        Visit { at: millis(self.clock), visitor, connections: self.connections(), forgot }
    }

    /// The next visit of a burst that has so many to come.
    fn plan_follower(&mut self, number: u32, followers: u16) {
        let Some(fewer) = followers.checked_sub(1) else { return };
        let pause = chance::exponential(&mut self.random, self.population.think * 1e3);
        self.planned.push(Reverse((millis(self.clock + pause), number, fewer)));
    }

    fn next_planned(&mut self) -> (u32, u16) {
        // Polling plans one visit for each client, always; otherwise the caller has looked.
        let Some(Reverse((at, number, followers))) = self.planned.pop() else { return (0, 0) };
        self.clock = self.clock.max(f64::from(at));
        (number, followers)
    }

    fn plan_poll(&mut self, client: u32, jitter: f64) {
        let off = (2.0 * chance::unit(&mut self.random) - 1.0) * jitter;
        let next = self.clock + self.population.mean_gap * 1e3 * (1.0 + off);
        self.planned.push(Reverse((millis(next), client, 0)));
    }

    /// Milliseconds until the next client begins a visit or a burst.
    fn next_gap(&mut self) -> f64 {
        let population = self.population;
        let mean =
            population.mean_gap * 1e3 * population.burst.mean() / f64::from(population.clients);
        let rate = match population.rhythm {
            Rhythm::Tide { period } => {
                1.0 + 0.8 * (self.clock / 1e3 / period * std::f64::consts::TAU).sin()
            }
            _ => 1.0,
        };
        chance::exponential(&mut self.random, mean / rate)
    }

    fn popular_client(&mut self) -> u32 {
        let point = chance::unit(&mut self.random);
        let rank = self.popularity.partition_point(|sum| *sum < point);
        u32::try_from(rank).unwrap_or(0).min(self.population.clients - 1)
    }

    fn connections(&mut self) -> u8 {
        match self.population.parallel {
            0 | 1 => 1,
            most => 1 + u8::try_from(self.random.below(usize::from(most))).unwrap_or(0),
        }
    }

    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.random.below(bound as usize)).unwrap_or(0)
    }
}

/// Whole milliseconds; a trace is shorter than the 49 days that fit.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn millis(exact: f64) -> u32 {
    exact as u32
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "the numbers are small")]
mod tests {
    use super::super::population::Burst;
    use super::super::trace::Trace;
    use super::*;

    fn share(trace: &Trace, wanted: impl Fn(&Visit) -> bool) -> f64 {
        let found = trace.visits.iter().filter(|visit| wanted(visit)).count();
        found as f64 / trace.visits.len() as f64
    }

    #[test]
    fn the_same_seed_makes_the_same_trace_and_another_seed_another() {
        let make = |seed| Population::ORDINARY.trace(2_000, seed).visits;
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
    }

    #[test]
    fn time_never_goes_back() {
        let rhythms =
            [Rhythm::Poisson, Rhythm::Polling { jitter: 0.2 }, Rhythm::Tide { period: 3_600.0 }];
        for rhythm in rhythms {
            let trace = Population { rhythm, ..Population::ORDINARY }.trace(5_000, 3);
            assert!(trace.visits.is_sorted_by_key(|visit| visit.at), "{rhythm:?}");
        }
    }

    #[test]
    fn one_off_visitors_and_forgetting_have_the_shares_asked_for() {
        let trace = Population::ORDINARY.trace(20_000, 4);
        let one_off = share(&trace, |visit| matches!(visit.visitor, Visitor::OneOff(_)));
        assert!((one_off - 0.3).abs() < 0.02, "{one_off}");
        let forgot =
            share(&trace, |visit| visit.forgot && matches!(visit.visitor, Visitor::Client(_)));
        assert!((forgot - 0.7 * 0.05).abs() < 0.01, "{forgot}");
    }

    #[test]
    fn an_attack_begins_after_the_warm_up_and_has_its_share() {
        let attack = Attack::FirstVisits(0.5);
        let trace = Population { attack, ..Population::ORDINARY }.trace(20_000, 5);
        let (before, during) = trace.visits.split_at(trace.measured_from());
        assert!(before.iter().all(|visit| visit.visitor.is_honest()));
        let attackers = during.iter().filter(|visit| !visit.visitor.is_honest()).count();
        assert!((attackers as f64 / during.len() as f64 - 0.5).abs() < 0.02);
    }

    #[test]
    fn clients_come_as_often_as_the_gap_says() {
        for burst in [Burst::NONE, Burst::Exactly(3), Burst::Mean(4.0)] {
            let population = Population { burst, one_off: 0.0, ..Population::ORDINARY };
            let trace = population.trace(40_000, 6);
            let span = f64::from(trace.visits.last().expect("visits").at) / 1e3;
            let gap = span * f64::from(population.clients) / trace.visits.len() as f64;
            assert!((gap / population.mean_gap - 1.0).abs() < 0.1, "{burst:?}: {gap}");
        }
    }

    #[test]
    fn pollers_come_once_a_round() {
        let rhythm = Rhythm::Polling { jitter: 0.0 };
        let population = Population { rhythm, clients: 100, one_off: 0.0, ..Population::ORDINARY };
        let trace = population.trace(200, 7);
        let mut first: Vec<_> = trace.visits[..100].iter().map(|visit| visit.visitor).collect();
        let second: Vec<_> = trace.visits[100..].iter().map(|visit| visit.visitor).collect();
        assert_eq!(first, second);
        first.dedup();
        assert_eq!(first.len(), 100);
    }

    #[test]
    fn a_steeper_popularity_makes_fewer_clients_come_more_often() {
        let top = |skew| {
            let trace = Population { skew, ..Population::ORDINARY }.trace(20_000, 8);
            share(&trace, |visit| matches!(visit.visitor, Visitor::Client(0..100)))
        };
        assert!(top(1.2) > top(0.8) && top(0.8) > top(0.0));
    }
}
