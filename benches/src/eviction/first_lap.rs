//! What happens when a cache becomes full for the first time.
//!
//! Every session starts with a credit, so when the first eviction comes all have one. Once the hand has
//! taken it from all, it evicts in the order of hashes: for a lap the victims are old and new alike.
//! Afterwards those that were passed long ago go first.
//!
//! An eviction that spared whoever has credit would go that whole first lap inside one insert.

use super::compare::Effort;
use super::families::{ALL, Family};
use super::policies::clock::Clock;
use super::policies::lru::Lru;
use super::policies::{Policy, Size};
use super::simulate::{Outcome, play};
use super::trace::Trace;

/// The capacity, as a share of the clients.
const SHARE: usize = 4;

/// What a policy resumes in the first lap after the cache is full, and after that.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Laps {
    pub(crate) first: Outcome,
    pub(crate) later: Outcome,
    /// The most entries passed in one eviction; only CLOCK counts them.
    pub(crate) longest_walk: usize,
}

/// CLOCK as it is, CLOCK whose evictions spare any number, CLOCK whose hand sets out before the cache is
/// full, and LRU.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) trace: &'static str,
    pub(crate) entries: usize,
    pub(crate) clock: Laps,
    pub(crate) tireless: Laps,
    pub(crate) early: Laps,
    pub(crate) lru: Laps,
}

/// Compares the first lap with the later ones on a few traces.
pub(crate) fn compare(effort: Effort, seed: u64) -> Vec<Comparison> {
    let traces = ["browsers", "no bursts, Zipf 1.0", "TLS 1.2", "TLS 1.2, no bursts, Zipf 1.0"];
    let families = ALL.iter().filter(|family| traces.contains(&family.name));
    families.map(|family| compare_on(family, effort, seed)).collect()
}

fn compare_on(family: &'static Family, effort: Effort, seed: u64) -> Comparison {
    let capacity = family.population.clients as usize / SHARE;
    let empty = Laps::default();
    let (mut clock, mut tireless, mut early, mut lru) = (empty, empty, empty, empty);
    for seed in seed..seed + effort.seeds() {
        let trace = family.population.trace(effort.visits(), seed);
        let size = Size { capacity, sessions: trace.most_sessions() };
        let Some(full) = full_from(&trace, Clock::new(size, seed), capacity) else { continue };
        let mut policy = Clock::new(size, seed);
        clock.add(&trace, full, &mut policy);
        clock.longest_walk = clock.longest_walk.max(policy.longest_walk());
        let mut policy = Clock::new(size, seed).sparing_at_most(usize::MAX);
        tireless.add(&trace, full, &mut policy);
        tireless.longest_walk = tireless.longest_walk.max(policy.longest_walk());
        let mut policy = Clock::new(size, seed).setting_out_early();
        early.add(&trace, full, &mut policy);
        early.longest_walk = early.longest_walk.max(policy.longest_walk());
        lru.add(&trace, full, &mut Lru::new(size));
    }
    Comparison { trace: family.name, entries: capacity, clock, tireless, early, lru }
}

/// The visit that fills the cache.
fn full_from(trace: &Trace, mut clock: Clock, capacity: usize) -> Option<usize> {
    let mut full = None;
    play(trace, &mut clock, |clock, handshake, _| {
        if full.is_none() && clock.len() == capacity {
            full = Some(handshake.number);
        }
    });
    full
}

impl Laps {
    fn add(&mut self, trace: &Trace, full: usize, policy: &mut dyn Policy) {
        // About as many sessions as fit are issued in as many visits as it took to fill the cache.
        play(trace, policy, |_, handshake, resumed| match handshake.number {
            number if number < full => {}
            number if number < 2 * full => self.first.count(handshake, resumed),
            _ => self.later.count(handshake, resumed),
        });
    }
}
