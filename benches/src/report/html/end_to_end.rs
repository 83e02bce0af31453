//! Whole handshakes.

use super::table::{Td, table};
use super::{Section, datum, distinct, float, shown};
use crate::data::{Data, HandshakesRow};
use crate::measure::handshakes::Place;
use crate::report::format::{significant, thousands};
use crate::report::svg::{Axis, Chart, Naming, Point, Series};

fn class(place: &str) -> &'static str {
    if place == Place::Nowhere.name() { "probe" } else { super::class(place) }
}

pub(super) fn section(data: &Data) -> Option<Section> {
    let rows = &data.handshakes;
    if rows.is_empty() {
        return None;
    }
    let most = rows.iter().map(|row| row.per_second / 1e3).fold(0.0, f64::max);
    let charts: String = distinct(rows, |row| row.held)
        .into_iter()
        .map(|held| {
            let mut here: Vec<_> = rows.iter().filter(|row| row.held == held).collect();
            here.sort_by_key(|row| row.threads);
            chart(data.cores(), held, most, &here).draw()
        })
        .collect();
    let body = format!(
        "<p>Up is better. rustls, TLS 1.3 with stateful tickets, client and server in one thread and \
         the bytes handed over in memory: every handshake takes one session and stores two. The \
         free store is a slot for each thread, without ids: the most that any store could reach.</p>\n\
         <div class=\"panels\">\n{charts}</div>\n{}",
        figures(rows)
    );
    let question = "What is left of it in whole handshakes?".into();
    Some(Section { id: "handshakes", link: "Handshakes", question, body })
}

fn key(row: &HandshakesRow) -> [(&'static str, String); 3] {
    [
        ("place", row.place.clone()),
        ("held", row.held.to_string()),
        ("threads", row.threads.to_string()),
    ]
}

fn chart(cores: usize, held: usize, most: f64, rows: &[&HandshakesRow]) -> Chart {
    let threads = distinct(rows, |row| row.threads);
    let places = [Place::Rustls, Place::Nowhere, Place::Ours].map(Place::name);
    let series = places.into_iter().map(|place| Series {
        name: place.to_owned(),
        class: class(place),
        points: rows
            .iter()
            .filter(|row| row.place == place)
            .map(|row| {
                let key = key(row);
                let key: Vec<_> = key.iter().map(|(name, value)| (*name, &**value)).collect();
                Point {
                    x: float(row.threads),
                    y: row.per_second / 1e3,
                    told: format!(
                        "{place}, {} threads: {} handshakes a second",
                        row.threads,
                        significant(row.per_second)
                    ),
                    datum: datum("handshakes", &key, "per_second", row.per_second),
                }
            })
            .collect(),
    });
    let last = threads.last().copied().unwrap_or(1);
    Chart {
        title: format!("{} sessions held", thousands(held)),
        x: Axis::doublings(&threads, "threads"),
        y: Axis::from_zero(most, "thousand a second"),
        series: series.collect(),
        bands: Vec::new(),
        shade: (last > cores)
            .then(|| (float(cores), float(last), "more threads than cores".to_owned())),
        width: 560.0,
        height: 270.0,
        names: 96.0,
        naming: Naming::AtEnds,
    }
}

fn figures(rows: &[HandshakesRow]) -> String {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|row| (row.held, row.threads, class(&row.place)));
    let lines: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let key = key(row);
            let key: Vec<_> = key.iter().map(|(name, value)| (*name, &**value)).collect();
            let number = |column, value: f64, scale, unit: &str| Td::Number {
                value,
                scale,
                datum: shown("handshakes", &key, column, value, scale),
                unit: unit.to_owned(),
            };
            let share = row
                .share_of_free
                .map_or(Td::text("–"), |share| number("share_of_free", share, 100.0, " %"));
            let cells = vec![
                Td::Text(row.place.clone()),
                Td::Text(thousands(row.held)),
                Td::Text(row.threads.to_string()),
                number("per_second", row.per_second, 1.0, ""),
                number("spread", row.spread, 100.0, " %"),
                number("server_us", row.server_us, 1.0, " µs"),
                share,
                number("resumed_share", row.resumed_share, 100.0, " %"),
            ];
            (if class(&row.place) == "ours" { "ours" } else { "" }, cells)
        })
        .collect();
    let heads = [
        "sessions in",
        "held",
        "threads",
        "handshakes a second",
        "±",
        "server's part of one",
        "of the free store",
        "resumed",
    ];
    table(&heads, &lines)
}
