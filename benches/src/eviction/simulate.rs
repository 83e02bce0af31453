//! What a policy makes of a trace.

use std::collections::VecDeque;
use std::ops::Range;

use super::policies::{Lineage, Policy};
use super::population::Usage;
use super::replay::replay;
use super::trace::Trace;
use super::wallets::Id;

/// Counted over the connections of honest visitors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) handshakes: u64,
    pub(crate) offered: u64,
    pub(crate) resumed: u64,
}

impl Outcome {
    /// The share of resumption attempts that succeed.
    pub(crate) fn of_attempts(self) -> f64 {
        share(self.resumed, self.offered)
    }

    /// The share of all handshakes that resume.
    pub(crate) fn of_handshakes(self) -> f64 {
        share(self.resumed, self.handshakes)
    }
}

#[allow(clippy::cast_precision_loss, reason = "a trace is shorter than 2^52 connections")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Plays the trace against a cache with this policy, and counts once the warm-up is over.
pub(crate) fn simulate(trace: &Trace, policy: &mut dyn Policy) -> Outcome {
    simulate_counting(trace, policy, trace.measured_from()..trace.visits.len())
}

/// As [`simulate`], counting the visits in `counted` only.
///
/// What has expired leaves at once, whatever the policy: the engine sweeps within ten seconds, and a
/// policy's figure shall not depend on how its usual home sweeps.
pub(crate) fn simulate_counting(
    trace: &Trace,
    policy: &mut dyn Policy,
    counted: Range<usize>,
) -> Outcome {
    let lifetime = trace.population.lifetime.saturating_mul(1000);
    let single_use = trace.population.usage != Usage::Reusable;
    let mut depths: Vec<u16> = Vec::new();
    let mut expiring: VecDeque<(u32, Id)> = VecDeque::new();
    let mut outcome = Outcome::default();
    replay(trace, |handshake| {
        let now = handshake.visit.at;
        while let Some(&(_, id)) = expiring.front().filter(|(expires, _)| *expires < now) {
            expiring.pop_front();
            policy.remove(id);
        }
        let resumed = handshake.offered.is_some_and(|held| {
            if single_use { policy.take(held.id) } else { policy.get(held.id) }
        });
        let depth = match handshake.offered {
            Some(held) if resumed => depths[held.id as usize].saturating_add(1),
            _ => 0,
        };
        let issued = handshake.issued(resumed);
        let tickets = trace.population.usage.tickets();
        for (ticket, id) in (0..).zip(issued) {
            depths.push(depth);
            expiring.push_back((now.saturating_add(lifetime), id));
            policy.put(id, Lineage { depth, ticket, tickets });
        }
        if handshake.visit.visitor.is_honest() && counted.contains(&handshake.number) {
            outcome.handshakes += 1;
            outcome.offered += u64::from(handshake.offered.is_some());
            outcome.resumed += u64::from(resumed);
        }
        resumed
    });
    outcome
}
