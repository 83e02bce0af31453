//! How long a lookup can take: the course of a flush, and whole distributions.

use super::table::{Td, table};
use super::{Section, class, datum, distinct, order, shown};
use crate::data::{DURING_FLUSH, DURING_MIXED, Data, LatencyRow, StallRow};
use crate::peers;
use crate::report::format::{short, time};
use crate::report::svg::{Axis, Chart, Naming, Point, Scale, Series};
use crate::statistics;

/// The shortest lookup that the charts of a flush show.
const SHORTEST: f64 = 100.0;

/// The flush, millisecond by millisecond.
pub(super) fn flush(data: &Data) -> Option<Section> {
    let population = data.stalls.first()?.population;
    let mut peers = distinct(&data.timeline, |row| row.peer.as_str());
    // Ours first, then those that stall the least.
    peers.sort_by(|one, other| {
        let first = |peer: &str| class(peer) != "ours";
        let longest = |peer| median(data, peer, |row| row.longest_us).unwrap_or(0.0);
        first(one).cmp(&first(other)).then(longest(one).total_cmp(&longest(other)))
    });
    let last = data.timeline.iter().map(|row| row.millisecond).max().unwrap_or(1);
    let most = data.timeline.iter().map(|row| row.longest_ns).max().unwrap_or(1);
    let charts: String =
        peers.iter().map(|peer| course(data, peer, real(last), count(most)).draw()).collect();
    let body = format!(
        "<p>Down is better. One thread flushes {} sessions, half of them expired; another one looks up \
         sessions that stay. Each line is the longest lookup that ended in a millisecond, the shaded part \
         the flush: all charts have the same scales. Of all rounds the one is drawn whose longest \
         lookup is the middle one. The bare probe flushes nothing: it shows what the machine does \
         to a reader by itself, while another thread keeps the other core busy.</p>\n\
         <div class=\"panels\">\n{charts}</div>\n{}",
        short(population),
        stalls(data, &peers)
    );
    let question = "Does anyone notice when a million sessions are flushed?".into();
    Some(Section { id: "flush", link: "Flush", question, body })
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds of one flush")]
fn real(number: i64) -> f64 {
    number as f64
}

fn count(number: u64) -> f64 {
    crate::measure::count(number)
}

/// The median of a peer's rounds.
fn median(data: &Data, peer: &str, what: fn(&StallRow) -> f64) -> Option<f64> {
    let all: Vec<f64> = data.stalls.iter().filter(|row| row.peer == peer).map(what).collect();
    statistics::summary(&all).map(|summary| summary.median)
}

fn course(data: &Data, peer: &str, last: f64, most: f64) -> Chart {
    let rows: Vec<_> = data.timeline.iter().filter(|row| row.peer == peer).collect();
    let from = rows.iter().map(|row| row.millisecond).min().unwrap_or(0);
    let points = rows
        .iter()
        .filter(|row| row.longest_ns > 0)
        .map(|row| {
            let millisecond = row.millisecond.to_string();
            let key = [("peer", peer), ("millisecond", &millisecond)];
            Point {
                x: real(row.millisecond),
                y: count(row.longest_ns),
                told: format!("{} ms: {}", row.millisecond, time(count(row.longest_ns))),
                datum: datum("timeline", &key, "longest_ns", count(row.longest_ns)),
            }
        })
        .collect();
    let longest = median(data, peer, |row| row.longest_us).unwrap_or(0.0);
    let length = typical_length(data, peer);
    let flushes = data.stalls.iter().any(|row| row.peer == peer && row.flushes);
    let mut x = Axis::from_zero(last, "ms from the beginning of the flush");
    x.scale = Scale::Linear { from: real(from), to: last };
    Chart {
        title: format!("{peer}: {}", time(1e3 * longest)),
        x,
        y: Axis::times(SHORTEST, most, "the longest of each ms"),
        series: vec![Series { name: String::new(), class: course_class(peer), points }],
        bands: Vec::new(),
        shade: flushes.then(|| (0.0, length, String::new())),
        width: 296.0,
        height: 190.0,
        names: 0.0,
        naming: Naming::Listed,
    }
}

/// The length of the flush that is drawn.
fn typical_length(data: &Data, peer: &str) -> f64 {
    let mut rows: Vec<_> = data.stalls.iter().filter(|row| row.peer == peer).collect();
    rows.sort_by(|one, other| one.longest_us.total_cmp(&other.longest_us));
    rows.get(rows.len() / 2).map_or(0.0, |row| row.flush_ms)
}

fn course_class(peer: &str) -> &'static str {
    match class(peer) {
        "ours" => "course ours",
        "map" => "course map",
        "openssl" => "course openssl",
        "sharded" => "course sharded",
        "probe" => "course probe",
        _ => "course other",
    }
}

/// Every round's flush as a line of a table.
fn stalls(data: &Data, peers: &[&str]) -> String {
    let mut lines = Vec::new();
    for peer in peers {
        for row in data.stalls.iter().filter(|row| row.peer == *peer) {
            let round = row.round.to_string();
            let key = [("peer", *peer), ("round", &round)];
            let number = |column, value: f64, unit: &str| Td::Number {
                value,
                scale: 1.0,
                datum: shown("stalls", &key, column, value, 1.0),
                unit: format!(" {unit}"),
            };
            let flush =
                if row.flushes { number("flush_ms", row.flush_ms, "ms") } else { Td::text("–") };
            let cells = vec![
                Td::text(peer),
                Td::Text((row.round + 1).to_string()),
                flush,
                number("p999_us", row.p999_us, "µs"),
                number("longest_us", row.longest_us, "µs"),
            ];
            lines.push((if class(peer) == "ours" { "ours" } else { "" }, cells));
        }
    }
    let heads = ["", "round", "the flush took", "p99.9 of a lookup", "the longest lookup"];
    format!(
        "<details open=\"open\"><summary>every round</summary>\n{}</details>\n",
        table(&heads, &lines)
    )
}

/// Distributions of lookup times.
pub(super) fn distributions(data: &Data) -> Option<Section> {
    if data.latencies.is_empty() {
        return None;
    }
    let mut situations = distinct(&data.latencies, |row| (row.situation.as_str(), row.threads));
    // The flush last.
    situations.sort_by_key(|(situation, threads)| (*situation == DURING_FLUSH, *threads));
    let longest = data.latencies.iter().map(|row| row.nanoseconds).max().unwrap_or(1);
    let charts: String = situations
        .into_iter()
        .map(|(situation, threads)| distribution(data, situation, threads, count(longest)).draw())
        .collect();
    let body = format!(
        "<p>Left is better. The share of lookups that took no longer; each line upwards is a tenth of \
         the lookups below. Every time includes one reading of the clock, some 20 to 40 ns. Where \
         there are more threads than cores, a thread that loses its core in a lookup waits for \
         milliseconds whatever the cache does: what matters is how seldom, and that nobody else \
         waits for it.</p>\n<div class=\"panels\">\n{charts}</div>\n{}",
        tail(data)
    );
    let question = "How long can one lookup take?".into();
    Some(Section { id: "latency", link: "Latency", question, body })
}

fn of<'d>(data: &'d Data, situation: &str, threads: usize) -> Vec<&'d LatencyRow> {
    let here = |row: &&LatencyRow| row.situation == situation && row.threads == threads;
    data.latencies.iter().filter(here).collect()
}

fn key(row: &LatencyRow) -> [(&'static str, String); 4] {
    [
        ("situation", row.situation.clone()),
        ("peer", row.peer.clone()),
        ("threads", row.threads.to_string()),
        ("quantile", row.quantile.to_string()),
    ]
}

fn distribution(data: &Data, situation: &str, threads: usize, longest: f64) -> Chart {
    let rows = of(data, situation, threads);
    let mut peers = distinct(&rows, |row| row.peer.as_str());
    peers.sort_by_key(|peer| order(peer));
    let series = peers.into_iter().map(|peer| Series {
        name: peer.to_owned(),
        class: class(peer),
        points: rows
            .iter()
            .filter(|row| row.peer == peer)
            .map(|row| {
                let key = key(row);
                let key: Vec<_> = key.iter().map(|(name, value)| (*name, &**value)).collect();
                let nanos = count(row.nanoseconds);
                Point {
                    x: nanos,
                    y: row.quantile,
                    told: format!("{peer}, {} %: {}", 100.0 * row.quantile, time(nanos)),
                    datum: datum("latencies", &key, "nanoseconds", nanos),
                }
            })
            .collect(),
    });
    let title = if situation == DURING_MIXED {
        format!("{situation}, {threads} threads on {} cores", data.cores())
    } else {
        format!("{situation} of a million, one reader")
    };
    Chart {
        title,
        x: Axis::times(10.0, longest, "lookup time"),
        y: Axis::percentiles("% of lookups"),
        series: series.collect(),
        bands: Vec::new(),
        shade: None,
        width: 604.0,
        height: 350.0,
        names: 165.0,
        naming: Naming::Listed,
    }
}

/// The figures of the tails.
fn tail(data: &Data) -> String {
    const COLUMNS: [(f64, &str); 6] = [
        (0.5, "p50"),
        (0.9, "p90"),
        (0.99, "p99"),
        (0.999, "p99.9"),
        (0.9999, "p99.99"),
        (1.0, "longest"),
    ];
    let mut situations = distinct(&data.latencies, |row| (row.situation.as_str(), row.threads));
    situations.sort_by_key(|(situation, threads)| (*situation == DURING_FLUSH, *threads));
    let mut lines = Vec::new();
    for (situation, threads) in situations {
        let rows = of(data, situation, threads);
        let mut peers = distinct(&rows, |row| row.peer.as_str());
        peers.sort_by_key(|peer| std::cmp::Reverse(order(peer)));
        for peer in peers {
            let where_ = if situation == DURING_FLUSH {
                situation.to_owned()
            } else {
                format!("{situation}, {threads} threads")
            };
            let mut cells = vec![Td::text(peer), Td::Text(where_)];
            cells.extend(COLUMNS.iter().map(|(quantile, _)| {
                let row = rows
                    .iter()
                    .find(|row| row.peer == peer && (row.quantile - quantile).abs() < 1e-12);
                row.map_or(Td::text("–"), |row| {
                    let key = key(row);
                    let key: Vec<_> = key.iter().map(|(name, value)| (*name, &**value)).collect();
                    let value = count(row.nanoseconds);
                    let datum = shown("latencies", &key, "nanoseconds", value, 1e-3);
                    Td::Number { value, scale: 1e-3, datum, unit: " µs".to_owned() }
                })
            }));
            lines.push((if peer == peers::OURS { "ours" } else { "" }, cells));
        }
    }
    let heads: Vec<&str> =
        ["", ""].into_iter().chain(COLUMNS.iter().map(|column| column.1)).collect();
    format!(
        "<details open=\"open\"><summary>the figures</summary>\n{}</details>\n",
        table(&heads, &lines)
    )
}
