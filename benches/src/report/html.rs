//! The report: one page, made from the rows alone, that asks nothing of the network.

mod end_to_end;
mod growth;
mod hits;
mod latency;
mod memory;
mod overview;
mod table;
mod throughput;

use super::svg::escape;
use crate::data::Data;
use crate::peers;

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub(crate) fn page(data: &Data) -> String {
    let sections: Vec<Section> = [
        overview::budgets(data),
        throughput::section(data),
        growth::section(data),
        latency::flush(data),
        latency::distributions(data),
        end_to_end::section(data),
        memory::section(data),
        hits::section(data),
        Some(overview::method(data)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let links: String = sections
        .iter()
        .map(|section| format!("<a href=\"#{}\">{}</a>\n", section.id, escape(section.link)))
        .collect();
    let bodies: String = sections
        .iter()
        .map(|section| {
            let (id, question) = (section.id, escape(&section.question));
            format!("<section id=\"{id}\"><h2>{question}</h2>\n{}</section>\n", section.body)
        })
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width\"/>\n\
         <link rel=\"icon\" href=\"data:,\"/>\n\
         <title>resumption: scalability report</title>\n<style>\n{STYLE}</style></head>\n<body>\n\
         {}<nav>{links}</nav>\n{}{bodies}</body></html>\n",
        overview::head(data),
        overview::tiles(data),
    )
}

/// A part of the page.
struct Section {
    id: &'static str,
    link: &'static str,
    /// What the figures below answer.
    question: String,
    body: String,
}

/// The colour of a peer: a few of them have their own, everywhere the same.
fn class(peer: &str) -> &'static str {
    match peer {
        peers::OURS => "ours",
        peers::OUR_MAP => "map",
        peers::PROBE => "probe",
        peers::SHARDED => "sharded",
        "OpenSSL's own" => "openssl",
        "rustls' own" => "rustls",
        "moka" => "moka",
        "quick_cache" => "quick",
        "scc::HashCache" => "scc",
        _ => "other",
    }
}

/// What is drawn later lies above: ours last.
fn order(peer: &str) -> usize {
    ["other", "moka", "scc", "quick", "probe", "sharded", "openssl", "rustls", "map", "ours"]
        .iter()
        .position(|known| *known == class(peer))
        .unwrap_or(0)
}

/// The attributes of an element that shows a value of a file: where it stands there. A test looks
/// each of them up.
fn datum(file: &str, key: &[(&str, &str)], column: &str, value: f64) -> String {
    let key: Vec<_> = key.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!(
        "data-file=\"{file}\" data-key=\"{}\" data-column=\"{column}\" data-value=\"{value}\"",
        escape(&key.join(";"))
    )
}

/// The same for an element whose text is the value times `scale`, with three digits.
fn shown(file: &str, key: &[(&str, &str)], column: &str, value: f64, scale: f64) -> String {
    format!("{} data-scale=\"{scale:e}\"", datum(file, key, column, value))
}

/// The different values of a column, in order.
fn distinct<'r, Row, Value: Ord>(rows: &'r [Row], of: impl Fn(&'r Row) -> Value) -> Vec<Value> {
    let mut values: Vec<_> = rows.iter().map(of).collect();
    values.sort_unstable();
    values.dedup();
    values
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn float(number: usize) -> f64 {
    number as f64
}
