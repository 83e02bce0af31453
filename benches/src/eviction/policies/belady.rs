//! The most that any policy could resume, had it known the future: Belady's MIN, with leave not to keep
//! a newcomer at all.
//!
//! A session that is issued at one handshake and offered at a later one is an interval; a cache of C
//! sessions can keep any set of intervals of which at most C overlap. Letting go of the one that ends
//! last, whenever there is one too many, keeps the largest possible number of them.
//!
//! * **Single use** (TLS 1.3): the server issues as many tickets whether it resumes or not, so which
//!   tickets are offered, and when, does not depend on the policy. The bound is exact: a policy that
//!   knows the future and may refuse a newcomer reaches it.
//! * **Reusable** (TLS 1.2): a miss brings a new session, so what is offered later depends on the
//!   policy. The intervals are then from each of a client's visits to its next, and a session's life is
//!   taken to begin anew at each visit. Every policy's hits are a possible choice among these
//!   intervals, so the bound holds; but no policy need reach it. Of connections opened together all
//!   count as resumed after an interval, whether it is kept or not, which raises the bound further.

use std::collections::{BTreeMap, BinaryHeap};

use crate::eviction::population::Usage;
use crate::eviction::replay::replay;
use crate::eviction::simulate::Outcome;
use crate::eviction::trace::Trace;
use crate::eviction::wallets::Wallets;

/// A session's stay, from the step in which it was issued to that in which it is offered.
#[derive(Clone, Copy, Debug)]
struct Stay {
    from: u32,
    to: u32,
}

/// What the best of all policies resumes, counted as [`simulate`](crate::eviction::simulate::simulate)
/// does.
pub(crate) fn bound(trace: &Trace, capacity: usize) -> Outcome {
    let (mut outcome, stays) = match trace.population.usage {
        Usage::Reusable => reusable(trace),
        Usage::SingleUse { .. } => single_use(trace),
    };
    outcome.resumed += most_kept(stays, capacity);
    outcome
}

fn single_use(trace: &Trace) -> (Outcome, Vec<Stay>) {
    let mut outcome = Outcome::default();
    let mut issued_at = Vec::new();
    let mut stays = Vec::new();
    let mut step = 0;
    replay(trace, |handshake| {
        step += 1;
        let counts =
            handshake.visit.visitor.is_honest() && handshake.number >= trace.measured_from();
        if counts {
            outcome.handshakes += 1;
            if let Some(held) = handshake.offered {
                outcome.offered += 1;
                stays.push(Stay { from: issued_at[held.id as usize], to: step });
            }
        }
        issued_at.resize(handshake.issued(true).end as usize, step);
        true
    });
    (outcome, stays)
}

fn reusable(trace: &Trace) -> (Outcome, Vec<Stay>) {
    let mut outcome = Outcome::default();
    let mut stays = Vec::new();
    let lifetime = trace.population.lifetime.saturating_mul(1000);
    // Of each client, the last visit: its step and its time.
    let mut last: BTreeMap<usize, (u32, u32)> = BTreeMap::new();
    let wallets = Wallets::new(&trace.population);
    for ((step, visit), number) in (1_u32..).zip(&trace.visits).zip(0..) {
        let before =
            wallets.owner(visit.visitor).and_then(|owner| last.insert(owner, (step, visit.at)));
        if !visit.visitor.is_honest() || number < trace.measured_from() {
            continue;
        }
        let connections = u64::from(visit.connections);
        outcome.handshakes += connections;
        if let Some((from, at)) = before
            && !visit.forgot
            && visit.at <= at.saturating_add(lifetime)
        {
            outcome.offered += connections;
            outcome.resumed += connections - 1;
            stays.push(Stay { from, to: step });
        }
    }
    (outcome, stays)
}

/// How many of `stays` can be kept if no more than `capacity` overlap.
fn most_kept(mut stays: Vec<Stay>, capacity: usize) -> u64 {
    stays.sort_unstable_by_key(|stay| stay.from);
    // How many kept ones end at each step, and the kept ones, the last to end first.
    let steps = stays.iter().map(|stay| stay.to).max().unwrap_or(0);
    let mut ending = vec![0_u32; steps as usize + 1];
    let mut kept = BinaryHeap::new();
    let (mut now, mut held, mut most) = (0, 0, 0);
    for stay in stays {
        while now < stay.from {
            now += 1;
            // Taken before the same handshake issues more.
            held -= ending[now as usize] as usize;
        }
        kept.push(stay.to);
        ending[stay.to as usize] += 1;
        (held, most) = (held + 1, most + 1);
        if held > capacity
            && let Some(dropped) = kept.pop()
        {
            ending[dropped as usize] -= 1;
            (held, most) = (held - 1, most - 1);
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eviction::compare::outcome;
    use crate::eviction::contenders::{self, Kind};
    use crate::eviction::families::ALL;
    use crate::random::Random;

    /// The largest subset of which no more than `capacity` overlap, found by trying all.
    fn by_trying(stays: &[Stay], capacity: usize) -> u64 {
        let fits = |kept: u32| {
            let chosen = |bit: usize| kept & (1 << bit) != 0;
            let held_at = |step: u32| {
                let stays = stays.iter().enumerate().filter(|(bit, _)| chosen(*bit));
                stays.filter(|(_, stay)| stay.from <= step && step < stay.to).count()
            };
            (0..20).all(|step| held_at(step) <= capacity)
        };
        let kept = (0..1_u32 << stays.len()).filter(|kept| fits(*kept)).map(u32::count_ones);
        u64::from(kept.max().unwrap_or(0))
    }

    #[test]
    fn no_choice_of_sessions_keeps_more() {
        let mut random = Random::new(11);
        for round in 0..200 {
            let mut step = |below| u32::try_from(random.below(below)).expect("small");
            let stays: Vec<_> = (0..9)
                .map(|_| {
                    let from = step(18);
                    Stay { from, to: from + 1 + step(19 - from as usize) }
                })
                .collect();
            for capacity in 1..4 {
                let most = by_trying(&stays, capacity);
                assert_eq!(most_kept(stays.clone(), capacity), most, "round {round}: {stays:?}");
            }
        }
    }

    #[test]
    fn no_policy_resumes_more() {
        for family in &ALL {
            let trace = family.population.trace(1_500, 12);
            for capacity in [20, 300] {
                let most = bound(&trace, capacity);
                for contender in contenders::all() {
                    if contender.kind == Kind::System {
                        continue;
                    }
                    let resumed = outcome(&trace, contender, capacity, 12);
                    let (family, policy) = (family.name, contender.name);
                    assert!(resumed.resumed <= most.resumed, "{policy} on {family}");
                    assert_eq!(resumed.handshakes, most.handshakes, "{policy} on {family}");
                }
            }
        }
    }
}
