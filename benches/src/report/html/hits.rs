//! The share of returning clients that a policy still knows, against capacity.

use super::{Section, datum, distinct};
use crate::data::{Data, HitRatioRow, MEAN_TRACE};
use crate::report::format::significant;
use crate::report::svg::{Axis, Chart, Naming, Point, Scale, Series};

pub(super) fn section(data: &Data) -> Option<Section> {
    // Each trace is in the CSV file; what is drawn is how they come out on average.
    let rows: Vec<_> = data.hit_ratios.iter().filter(|row| row.trace == MEAN_TRACE).collect();
    if rows.is_empty() {
        return None;
    }
    let charts: String = distinct(&rows, |row| row.unseen)
        .into_iter()
        .map(|unseen| {
            let pair: String = distinct(&rows, |row| row.equal.as_str())
                .into_iter()
                .map(|equal| {
                    let here = |row: &&HitRatioRow| row.equal == equal && row.unseen == unseen;
                    let here: Vec<_> = rows.iter().copied().filter(here).collect();
                    chart(equal, &here).draw()
                })
                .collect();
            let which = if unseen {
                "Traces that were kept apart while candidates were chosen"
            } else {
                "Traces on which candidates were chosen"
            };
            format!("<h3>{which}</h3>\n<div class=\"panels\">\n{pair}</div>\n")
        })
        .collect();
    let body = format!(
        "<p>Up is better. Simulated on made-up traces, mean over all of a set: the share of offered \
         sessions that were still there. Where entries are equal every policy has room for as many \
         sessions; where bytes are, each holds as many as fit where this cache holds its own.</p>\n\
         {charts}"
    );
    let question = "How many clients does it still know when they come back?".into();
    Some(Section { id: "hits", link: "Hit ratio", question, body })
}

fn class(policy: &str) -> &'static str {
    match policy {
        "CLOCK" => "ours",
        "LRU" => "rustls",
        "FIFO" => "openssl",
        "Belady" => "probe",
        _ => "other",
    }
}

fn chart(equal: &str, rows: &[&HitRatioRow]) -> Chart {
    let shares: Vec<f64> = rows.iter().map(|row| row.capacity_share).collect();
    let low = shares.iter().copied().fold(f64::INFINITY, f64::min);
    let high = shares.iter().copied().fold(0.0, f64::max);
    let mut policies = distinct(rows, |row| row.policy.as_str());
    policies.sort_by_key(|policy| (class(policy) == "ours", class(policy) != "other"));
    let series = policies.into_iter().map(|policy| {
        let mut points: Vec<_> = rows.iter().filter(|row| row.policy == policy).collect();
        points.sort_by(|one, other| one.capacity_share.total_cmp(&other.capacity_share));
        let points = points.into_iter().map(|row| point(row)).collect();
        Series { name: policy.to_owned(), class: class(policy), points }
    });
    let mut ticks: Vec<f64> = shares.clone();
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    let ticks =
        ticks.into_iter().map(|share| (share, format!("{}", crate::data::rounded(100.0 * share))));
    Chart {
        title: format!("equal {equal}"),
        x: Axis {
            scale: Scale::Log { from: low, to: if high > low { high } else { 2.0 * low } },
            ticks: ticks.collect(),
            name: "capacity, % of the sessions in use".to_owned(),
        },
        y: Axis {
            scale: Scale::Linear { from: 0.0, to: 1.0 },
            ticks: [0.0, 0.25, 0.5, 0.75, 1.0]
                .map(|share| (share, format!("{}", 100.0 * share)))
                .into(),
            name: "% resumed".to_owned(),
        },
        series: series.collect(),
        bands: Vec::new(),
        shade: None,
        width: 590.0,
        height: 280.0,
        names: 120.0,
        naming: Naming::AtEnds,
    }
}

fn point(row: &HitRatioRow) -> Point {
    let share = row.capacity_share.to_string();
    let key = [
        ("trace", row.trace.as_str()),
        ("unseen", if row.unseen { "true" } else { "false" }),
        ("policy", &row.policy),
        ("capacity_share", &share),
        ("equal", &row.equal),
    ];
    Point {
        x: row.capacity_share,
        y: row.hit_ratio,
        told: format!("{}: {} % resumed", row.policy, significant(100.0 * row.hit_ratio)),
        datum: datum("hit_ratios", &key, "hit_ratio", row.hit_ratio),
    }
}
