//! A whole run: everything that is measured, in its order.

mod hit_ratios;
mod latencies;
mod machine;
mod populations;

use std::io;
use std::path::Path;
use std::{error, fmt, fs};

use crate::data::{Data, DataError, HandshakeRow, MemoryRow, PeerRow, rounded};
use crate::flags::{Flags, Kind};
use crate::measure::handshakes::{HandshakeError, Place, Server};
use crate::measure::memory;
use crate::measure::progress::{Progress, duration};
use crate::plan::Plan;
use crate::report::{html, terminal};

/// Why a run ended early.
#[derive(Debug)]
pub(crate) enum RunError {
    Data(DataError),
    File(io::Error),
    Handshake(HandshakeError),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(error) => error.fmt(f),
            Self::File(error) => error.fmt(f),
            Self::Handshake(error) => error.fmt(f),
        }
    }
}

impl error::Error for RunError {}

impl From<DataError> for RunError {
    fn from(error: DataError) -> Self {
        Self::Data(error)
    }
}

impl From<HandshakeError> for RunError {
    fn from(error: HandshakeError) -> Self {
        Self::Handshake(error)
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

/// Does what the command line says.
pub(crate) fn command(flags: Flags) -> Result<(), RunError> {
    if let Some(peer) = &flags.weigh {
        return Ok(memory::answer(peer, flags.weigh_entries, flags.payload)?);
    }
    let output = flags.output.clone();
    if let Some(folder) = &flags.from {
        let data = Data::read(folder)?;
        return show(&data, &output);
    }
    let plan = Plan::new(flags);
    let data = everything(&plan)?;
    data.write(&output)?;
    // From the files, so that the report shows what they hold.
    show(&Data::read(&output)?, &output)
}

fn show(data: &Data, output: &Path) -> Result<(), RunError> {
    fs::create_dir_all(output)?;
    let report = output.join("report.html");
    fs::write(&report, html::page(data))?;
    terminal::print(data);
    println!("\nreport: {}", report.display());
    Ok(())
}

/// Measures all that the plan asks for.
fn everything(plan: &Plan) -> Result<Data, RunError> {
    let expected = expected(plan);
    eprintln!(
        "{} cores, {} contenders; about {}, into {}",
        plan.cores,
        plan.contenders.len(),
        duration(expected),
        plan.flags.output.display()
    );
    let mut progress = Progress::of(expected);
    let mut data = Data { facts: machine::facts(plan), peers: peers(plan), ..Data::default() };
    for entries in &plan.left_out {
        data.leave_out(format!("{entries} sessions"), "part of a full run only");
    }
    if plan.wants(Kind::Throughput) {
        populations::measure(plan, &mut progress, &mut data);
    }
    if plan.wants(Kind::Latency) {
        latencies::under_load(plan, &mut progress, &mut data);
    }
    if plan.wants(Kind::Flush) {
        latencies::during_flushes(plan, &mut progress, &mut data);
    }
    if plan.wants(Kind::Memory) {
        weigh(plan, &mut progress, &mut data)?;
    }
    if plan.wants(Kind::Handshakes) {
        shake_hands(plan, &mut progress, &mut data)?;
    }
    if plan.wants(Kind::HitRatios) {
        data.hit_ratios = hit_ratios::simulate(plan.effort, plan.flags.seed, &mut progress);
    }
    progress.finish();
    data.derive();
    Ok(data)
}

/// About how many seconds the run takes on two cores.
fn expected(plan: &Plan) -> f64 {
    let of = |kind, seconds| if plan.wants(kind) { seconds } else { 0.0 };
    of(Kind::Throughput, populations::expected(plan))
        + of(Kind::Latency, latencies::expected_under_load(plan))
        + of(Kind::Flush, latencies::expected_during_flushes(plan))
        + of(Kind::Memory, expected_to_weigh(plan) * f64_of(plan.contenders.len()))
        + of(Kind::Handshakes, expected_handshakes(plan))
        + of(Kind::HitRatios, hit_ratios::expected(plan.effort))
}

fn f64_of(number: usize) -> f64 {
    crate::measure::count(number as u64)
}

fn peers(plan: &Plan) -> Vec<PeerRow> {
    let row = |peer: &crate::peers::Contender| PeerRow {
        peer: peer.name.to_owned(),
        version: machine::version_of(peer.name),
        note: peer.note.to_owned(),
        bounded: peer.able.evict,
    };
    plan.contenders.iter().map(row).collect()
}

fn expected_to_weigh(plan: &Plan) -> f64 {
    1.6e-6 * f64_of(plan.many)
}

fn weigh(plan: &Plan, progress: &mut Progress, data: &mut Data) -> io::Result<()> {
    for peer in &plan.contenders {
        progress.step(expected_to_weigh(plan), &format!("bytes a session, {}", peer.name));
        let bytes = memory::in_a_child(peer.name, plan.many, plan.flags.payload)?;
        data.memory.push(MemoryRow {
            peer: peer.name.to_owned(),
            population: plan.many,
            payload: plan.flags.payload,
            bytes_beyond_payload: rounded(bytes),
        });
    }
    Ok(())
}

/// Handshakes are measured with so many threads: 1 to twice the cores.
fn handshake_threads(plan: &Plan) -> Vec<usize> {
    let threads = plan.threads.iter().copied();
    threads.filter(|threads| *threads <= 2 * plan.cores).collect()
}

fn expected_handshakes(plan: &Plan) -> f64 {
    let cells = plan.held.len() * Place::ALL.len() * handshake_threads(plan).len();
    f64_of(cells * plan.handshake_rounds) * (plan.handshake_slice.as_secs_f64() * 1.2 + 0.05)
}

fn shake_hands(
    plan: &Plan,
    progress: &mut Progress,
    data: &mut Data,
) -> Result<(), HandshakeError> {
    let mut servers = Vec::new();
    for &held in &plan.held {
        for place in Place::ALL {
            servers.push((held, place, Server::full(place, held)?));
        }
    }
    let threads = handshake_threads(plan);
    let each = expected_handshakes(plan)
        / f64_of((servers.len() * threads.len() * plan.handshake_rounds).max(1));
    for round in 0..plan.handshake_rounds {
        for &threads in &threads {
            servers.rotate_left(1);
            for (held, place, server) in &servers {
                let what = format!("handshakes, {held} held, {threads} threads, {}", place.name());
                progress.step(each, &what);
                let rate = server.rate(threads, plan.handshake_slice)?;
                data.handshake_samples.push(HandshakeRow {
                    place: place.name().to_owned(),
                    held: *held,
                    threads,
                    round,
                    per_second: rounded(rate.per_second),
                    server_us: rounded(rate.server_micros),
                    resumed_share: rounded(rate.resumed),
                });
            }
        }
    }
    Ok(())
}
