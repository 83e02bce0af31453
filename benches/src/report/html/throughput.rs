//! Throughput against threads: a row of charts for each workload, one for each population.

use super::table::{Td, table};
use super::{Section, class, datum, distinct, float, order, shown};
use crate::data::{Data, ThroughputRow};
use crate::report::format::{short, significant};
use crate::report::svg::{Axis, Chart, Naming, Point, Series, escape};
use crate::workloads::Workload;

/// A share of failed operations above this is said.
const WORTH_SAYING: f64 = 0.001;

fn question(workload: Workload) -> &'static str {
    match workload {
        Workload::Churn => "How many resumed TLS 1.3 handshakes could it follow?",
        Workload::Dependent => "How fast is one lookup by itself?",
        Workload::GetHit => "How many lookups, if nothing waits?",
        Workload::GetMiss => "What does an attacker's random id cost?",
        Workload::HotKey => "What if all threads want the same session?",
        Workload::InsertFull => "How many arrivals, if each needs another's place?",
        Workload::Mixed => "How well do lookups and inserts go together?",
        Workload::TakePut => "How many sessions can be used once and replaced?",
    }
}

pub(super) fn section(data: &Data) -> Option<Section> {
    let bodies: String =
        Workload::ALL.into_iter().filter_map(|workload| of_workload(data, workload)).collect();
    if bodies.is_empty() {
        return None;
    }
    let body = format!(
        "<p>Up is better. Lines of operations a second of all threads together, medians of the \
         rounds; from the shaded part on threads share cores. Each chart has its own scale from \
         zero. Rest the pointer on a point for its figures.</p>\n{bodies}"
    );
    let question = "What does each further thread add?".into();
    Some(Section { id: "throughput", link: "Throughput", question, body })
}

fn of_workload(data: &Data, workload: Workload) -> Option<String> {
    let rows: Vec<&ThroughputRow> =
        data.throughput.iter().filter(|row| row.workload == workload.name()).collect();
    let populations = distinct(&rows, |row| row.population);
    let charts: String = populations
        .iter()
        .map(|&population| {
            let mut here: Vec<_> =
                rows.iter().copied().filter(|row| row.population == population).collect();
            here.sort_by_key(|row| row.threads);
            chart(data.cores(), population, &here).draw()
        })
        .collect();
    (!rows.is_empty()).then(|| {
        format!(
            "<h3>{}</h3>\n<p class=\"said\"><b>{}</b>: {}.</p>\n<div class=\"panels\">\n{charts}</div>\n\
             <details><summary>the figures of {}</summary>\n{}</details>\n",
            escape(question(workload)),
            escape(workload.name()),
            escape(workload.description()),
            escape(workload.name()),
            figures(&rows, &populations)
        )
    })
}

/// The peers of some rows, ours last.
fn peers<'r>(rows: &[&'r ThroughputRow]) -> Vec<&'r str> {
    let mut peers = distinct(rows, |row| row.peer.as_str());
    peers.sort_by_key(|peer| order(peer));
    peers
}

fn chart(cores: usize, population: usize, rows: &[&ThroughputRow]) -> Chart {
    let threads = distinct(rows, |row| row.threads);
    let most = rows.iter().map(|row| row.ops_per_second / 1e6).fold(0.0, f64::max);
    let series = peers(rows).into_iter().map(|peer| Series {
        name: peer.to_owned(),
        class: class(peer),
        points: rows.iter().filter(|row| row.peer == peer).map(|row| point(row)).collect(),
    });
    let last = threads.last().copied().unwrap_or(1);
    let shade =
        (last > cores).then(|| (float(cores), float(last), "more threads than cores".to_owned()));
    Chart {
        title: format!("{} sessions", short(population)),
        x: Axis::doublings(&threads, "threads"),
        y: Axis::from_zero(most, "million a second"),
        series: series.collect(),
        bands: Vec::new(),
        shade,
        width: 398.0,
        height: 286.0,
        names: 140.0,
        naming: Naming::AtEnds,
    }
}

fn key(row: &ThroughputRow) -> [(&'static str, String); 4] {
    [
        ("peer", row.peer.clone()),
        ("workload", row.workload.clone()),
        ("population", row.population.to_string()),
        ("threads", row.threads.to_string()),
    ]
}

fn point(row: &ThroughputRow) -> Point {
    let key = key(row);
    let key: Vec<_> = key.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let failed = if row.failed_share > WORTH_SAYING {
        format!("; {} % of operations failed", significant(100.0 * row.failed_share))
    } else {
        String::new()
    };
    Point {
        x: float(row.threads),
        y: row.ops_per_second / 1e6,
        told: format!(
            "{}, {} threads: {} M/s ± {:.0} %{failed}",
            row.peer,
            row.threads,
            significant(row.ops_per_second / 1e6),
            100.0 * row.spread
        ),
        datum: datum("throughput", &key, "ops_per_second", row.ops_per_second),
    }
}

fn figures(rows: &[&ThroughputRow], populations: &[usize]) -> String {
    let mut columns: Vec<(usize, usize)> = Vec::new();
    for &population in populations {
        let here: Vec<_> = rows.iter().filter(|row| row.population == population).collect();
        columns.extend(
            distinct(&here, |row| row.threads).into_iter().map(|threads| (population, threads)),
        );
    }
    let heads: Vec<_> = columns
        .iter()
        .map(|(population, threads)| format!("{} · {threads}", short(*population)))
        .collect();
    let heads: Vec<&str> =
        std::iter::once("sessions · threads").chain(heads.iter().map(String::as_str)).collect();
    let mut peers = peers(rows);
    peers.reverse();
    let lines: Vec<_> = peers
        .into_iter()
        .map(|peer| {
            let cells = columns.iter().map(|(population, threads)| {
                let row = rows.iter().find(|row| {
                    row.peer == peer && row.population == *population && row.threads == *threads
                });
                row.map_or(Td::text("–"), |row| cell(row))
            });
            (
                if class(peer) == "ours" { "ours" } else { "" },
                std::iter::once(Td::text(peer)).chain(cells).collect(),
            )
        })
        .collect();
    format!(
        "{}<p class=\"said\">Million operations a second. !: more than 0.1 % of the operations did not \
         find or did not store what they should have, mostly because the peer had let the session go; \
         the share is in throughput.csv.</p>\n",
        table(&heads, &lines)
    )
}

fn cell(row: &ThroughputRow) -> Td {
    let key = key(row);
    let key: Vec<_> = key.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (value, scale) = (row.ops_per_second, 1e-6);
    let unit = if row.failed_share > WORTH_SAYING { " !" } else { "" };
    Td::Number {
        value,
        scale,
        datum: shown("throughput", &key, "ops_per_second", value, scale),
        unit: unit.to_owned(),
    }
}
