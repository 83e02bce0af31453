//! How long lookups take: among crowds of threads, and while all is flushed.

use hdrhistogram::Histogram;

use crate::data::{DURING_FLUSH, DURING_MIXED, Data, LatencyRow, StallRow, TimelineRow, rounded};
use crate::measure::flush::{Setup, Stall};
use crate::measure::progress::Progress;
use crate::measure::throughput::{Cell, Filling};
use crate::plan::Plan;
use crate::run::f64_of;
use crate::workloads::{Room, Workload};

/// Where a distribution is cut.
const QUANTILES: [f64; 20] = [
    0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998,
    0.9999, 0.99995, 0.99999, 0.999_999, 1.0,
];

fn rows(situation: &str, peer: &str, threads: usize, times: &Histogram<u64>) -> Vec<LatencyRow> {
    // A quantile that less than one lookup stands for says nothing that the maximum does not.
    let seen = |quantile: &f64| {
        *quantile >= 1.0 || (1.0 - quantile) * crate::measure::count(times.len()) >= 1.0
    };
    let row = |quantile| LatencyRow {
        situation: situation.to_owned(),
        peer: peer.to_owned(),
        threads,
        quantile,
        nanoseconds: times.value_at_quantile(quantile),
    };
    QUANTILES.into_iter().filter(seen).map(row).collect()
}

/// Rounds are added up: a percentile of all lookups of the run.
const ROUNDS: usize = 3;

fn of_crowd(plan: &Plan) -> f64 {
    5.0 * plan.slice.as_secs_f64() * 1.2 + 0.02
}

pub(super) fn expected_under_load(plan: &Plan) -> f64 {
    let bounded = plan.contenders.iter().filter(|peer| peer.able.evict).count();
    f64_of(bounded * plan.crowds().len() * ROUNDS) * of_crowd(plan)
}

/// Times lookups under 90/10 with many more threads than cores, with the smallest population.
pub(super) fn under_load(plan: &Plan, progress: &mut Progress, data: &mut Data) {
    let Some(entries) = plan.populations.iter().map(|population| population.entries).min() else {
        return;
    };
    for threads in plan.crowds() {
        let mut all: Vec<(&str, Option<Histogram<u64>>)> = Vec::new();
        for round in 0..ROUNDS {
            for peer in plan.contenders.iter().filter(|peer| peer.able.evict) {
                let what = format!("lookup times under 90/10, {threads} threads, {}", peer.name);
                progress.step(of_crowd(plan), &what);
                let seed = plan.flags.seed.wrapping_add(round as u64);
                let payload = plan.flags.payload;
                let mut held = (peer.hold)(&Filling { entries, payload, room: Room::Full, seed });
                let slice = 5 * plan.slice;
                let cell = Cell { workload: Workload::Mixed, threads, slice, seed };
                let times = held.lookup_times(&cell);
                match all.iter_mut().find(|(name, _)| *name == peer.name) {
                    Some((_, Some(known))) => *known += times,
                    _ => all.push((peer.name, Some(times))),
                }
            }
        }
        for (peer, times) in all {
            if let Some(times) = times {
                data.latencies.extend(rows(DURING_MIXED, peer, threads, &times));
            }
        }
    }
}

fn of_flush(plan: &Plan) -> f64 {
    1.5e-6 * f64_of(plan.many) + 0.15
}

pub(super) fn expected_during_flushes(plan: &Plan) -> f64 {
    f64_of(plan.contenders.len() * plan.flush_rounds) * of_flush(plan)
}

/// Times lookups while all sessions are flushed, half of which have expired.
pub(super) fn during_flushes(plan: &Plan, progress: &mut Progress, data: &mut Data) {
    let measured = plan.contenders.iter().filter(|peer| peer.able.flush || !peer.able.write);
    let mut all: Vec<(&str, Vec<Stall>)> =
        measured.clone().map(|peer| (peer.name, Vec::new())).collect();
    for peer in plan.contenders.iter().filter(|peer| !peer.able.flush && peer.able.write) {
        data.leave_out(format!("{}, flush", peer.name), "it has no call that flushes");
    }
    if plan.cores < 2 {
        data.leave_out("lookups during a flush", "one core: the reader would only wait for it");
        return;
    }
    for round in 0..plan.flush_rounds {
        for peer in measured.clone() {
            progress.step(of_flush(plan), &format!("a flush of {}, {}", plan.many, peer.name));
            let seed = plan.flags.seed.wrapping_add(round as u64);
            let setup = Setup { entries: plan.many, payload: plan.flags.payload, seed };
            let stall = (peer.flush)(&setup);
            data.stalls.push(StallRow {
                peer: peer.name.to_owned(),
                population: plan.many,
                round,
                flushes: peer.able.flush,
                flush_ms: rounded(1e3 * stall.flush.as_secs_f64()),
                longest_us: rounded(micros(stall.times.max())),
                p999_us: rounded(micros(stall.times.value_at_quantile(0.999))),
            });
            if let Some((_, stalls)) = all.iter_mut().find(|(name, _)| *name == peer.name) {
                stalls.push(stall);
            }
        }
    }
    for (peer, stalls) in all {
        keep_typical(peer, stalls, data);
    }
}

/// Of all rounds the one with the middle longest lookup, whole: its distribution and its course.
fn keep_typical(peer: &str, mut stalls: Vec<Stall>, data: &mut Data) {
    stalls.sort_by_key(|stall| stall.times.max());
    let middle = stalls.len() / 2;
    let Some(typical) = stalls.get(middle) else { return };
    data.latencies.extend(rows(DURING_FLUSH, peer, 1, &typical.times));
    for (millisecond, &longest_ns) in (-Stall::before()..).zip(&typical.longest) {
        data.timeline.push(TimelineRow { peer: peer.to_owned(), millisecond, longest_ns });
    }
}

fn micros(nanos: u64) -> f64 {
    crate::measure::count(nanos) / 1e3
}
