//! What a policy makes of a trace.

use std::collections::VecDeque;

use super::policies::{Lineage, Policy};
use super::population::Usage;
use super::replay::{Handshake, replay};
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
    /// Counts a handshake, if it is one that the server is there for.
    pub(crate) fn count(&mut self, handshake: &Handshake<'_>, resumed: bool) {
        if handshake.visit.visitor.is_honest() {
            self.handshakes += 1;
            self.offered += u64::from(handshake.offered.is_some());
            self.resumed += u64::from(resumed);
        }
    }

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
pub(crate) fn simulate<P: Policy + ?Sized>(trace: &Trace, policy: &mut P) -> Outcome {
    let mut outcome = Outcome::default();
    play(trace, policy, |_, handshake, resumed| {
        if handshake.number >= trace.measured_from() {
            outcome.count(handshake, resumed);
        }
    });
    outcome
}

/// Plays the trace against a cache with this policy. `after` sees each handshake when it is over.
///
/// What has expired leaves at once, whatever the policy: the engine sweeps within ten seconds, and a
/// policy's figure shall not depend on how its usual home sweeps.
pub(crate) fn play<P: Policy + ?Sized>(
    trace: &Trace,
    policy: &mut P,
    mut after: impl FnMut(&P, &Handshake<'_>, bool),
) {
    let lifetime = trace.population.lifetime.saturating_mul(1000);
    let single_use = trace.population.usage != Usage::Reusable;
    let mut depths: Vec<u16> = Vec::new();
    let mut expiring: VecDeque<(u32, Id)> = VecDeque::new();
    replay(trace, |handshake| {
        let now = handshake.visit.at;
        while let Some(&(_, id)) = expiring.front().filter(|(expires, _)| *expires < now) {
            expiring.pop_front();
            policy.remove(id);
        }
        let resumed = handshake.offered.is_some_and(|held| {
            if single_use { policy.take(held.id) } else { policy.get(held.id) }
        });
        let parent = handshake.offered.filter(|_| resumed).map(|held| held.id);
        let depth = parent.map_or(0, |parent| depths[parent as usize].saturating_add(1));
        let tickets = trace.population.usage.tickets();
        for (ticket, id) in (0..).zip(handshake.issued(resumed)) {
            depths.push(depth);
            expiring.push_back((now.saturating_add(lifetime), id));
            policy.put(id, Lineage { depth, ticket, tickets, parent });
        }
        after(policy, handshake, resumed);
        resumed
    });
}
