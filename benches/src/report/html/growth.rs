//! What the measured points predict for machines that nobody measured.

use super::table::{Td, table};
use super::{Section, class, datum, distinct, float, order, shown};
use crate::data::{Data, GrowthRow};
use crate::peers;
use crate::report::format::{short, significant};
use crate::report::svg::{Axis, Band, Chart, Naming, Point, Series};
use crate::report::usl::{DEGENERATE, FITTED, Law, RANGE};

/// Where curves are drawn; those beyond the cores of the machine are predictions.
const CORES: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, 128];
/// The largest population that is worth a chart.
const MOST: usize = 1_000_000;

pub(super) fn section(data: &Data) -> Option<Section> {
    if data.growth.is_empty() {
        return None;
    }
    let mut charts = String::new();
    let mut cells = distinct(&data.growth, |row| (row.workload.as_str(), row.population));
    cells.retain(|(_, population)| *population <= MOST);
    for (workload, population) in cells {
        let rows: Vec<_> = data
            .growth
            .iter()
            .filter(|row| row.workload == workload && row.population == population)
            .collect();
        charts.push_str(&chart(data, workload, population, &chosen(&rows)).draw());
    }
    let two = data.growth.iter().any(|row| row.points == 2);
    let caution = if two {
        format!(
            "<p class=\"warning\"><b>Predicted, not measured, and very uncertain.</b> {} cores give two \
             points, and two points do not determine a law of three parameters. Each shaded wedge \
             reaches from all that is lost being coherence (throughput then falls in the end) to all \
             of it being waiting, widened by the quartiles of the rounds; the truth may lie anywhere \
             in it, and outside when something new happens at the ninth core or on a second socket. \
             Where two threads lost nothing that can be told from noise, there is nothing to predict \
             from: <em>no fit</em> beside a name, nothing drawn.</p>\n",
            data.cores()
        )
    } else {
        "<p class=\"warning\"><b>Predicted, not measured.</b> The dashed curve is the nearest law, the \
         shaded part what the laws of single rounds say. A fit that finds nothing to fit is called \
         degenerate and not drawn.</p>\n"
            .to_owned()
    };
    let body = format!(
        "<p>The universal scalability law, X(n) = λ n / (1 + σ (n − 1) + κ n (n − 1)), through the \
         points with no more threads than cores. σ is what has to be done one after the other, κ what \
         each core costs each other one.</p>\n{caution}<div class=\"panels\">\n{charts}</div>\n{}",
        figures(data)
    );
    let question = "What would 16, 64 or 128 cores make of it? (predicted)".into();
    Some(Section { id: "growth", link: "Predictions", question, body })
}

/// Ours and whom it is compared with, as many as can be told apart.
fn chosen<'r>(rows: &[&'r GrowthRow]) -> Vec<&'r GrowthRow> {
    let named =
        |row: &&&GrowthRow| ["ours", "rustls", "openssl", "sharded"].contains(&class(&row.peer));
    let mut chosen: Vec<_> = rows.iter().filter(named).copied().collect();
    if !chosen.iter().any(|row| row.peer == peers::SHARDED) {
        chosen.extend(rows.iter().filter(|row| row.peer == "quick_cache"));
    }
    chosen.sort_by_key(|row| order(&row.peer));
    chosen
}

fn chart(data: &Data, workload: &str, population: usize, rows: &[&GrowthRow]) -> Chart {
    let cores = data.cores();
    let mut series = Vec::new();
    let mut bands = Vec::new();
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    let mut seen = |rate: f64| {
        least = least.min(rate);
        most = most.max(rate);
    };
    for row in rows {
        let points = measured(data, row);
        for point in &points {
            seen(point.y);
        }
        let name =
            if row.kind == DEGENERATE { format!("{}: no fit", row.peer) } else { row.peer.clone() };
        series.push(Series { name, class: class(&row.peer), points });
        if row.kind == DEGENERATE {
            continue;
        }
        let start = row.lambda * 1e-6 * speedup(row, cores);
        let mut edges = vec![(float(cores), start, start)];
        edges.extend(CORES.iter().filter(|n| **n > cores).map(|&n| {
            let (low, high) = wedge(row, cores, n);
            (float(n), low * 1e-6, high * 1e-6)
        }));
        for (_, low, high) in &edges {
            seen(*low);
            seen(*high);
        }
        if row.kind == FITTED {
            let points = CORES.iter().filter(|n| **n >= cores).map(|&n| Point {
                x: float(n),
                y: row.lambda * 1e-6 * speedup(row, n),
                told: format!("{}, predicted for {n} cores", row.peer),
                datum: String::new(),
            });
            let class = predicted_class(&row.peer);
            series.push(Series { name: String::new(), class, points: points.collect() });
        }
        bands.push(Band { class: class(&row.peer), edges });
    }
    Chart {
        title: format!("{workload}, {} sessions", short(population)),
        x: Axis::doublings(&CORES, "threads, each on a core of its own"),
        y: Axis::decades(least.max(most / 1e5), most, "million a second", |tick| {
            if tick >= 0.01 { format!("{tick}") } else { format!("{tick:e}") }
        }),
        series,
        bands,
        shade: Some((float(cores), 128.0, "predicted".to_owned())),
        width: 604.0,
        height: 300.0,
        names: 205.0,
        naming: Naming::Listed,
    }
}

fn predicted_class(peer: &str) -> &'static str {
    match class(peer) {
        "ours" => "predicted ours",
        "rustls" => "predicted rustls",
        "openssl" => "predicted openssl",
        "sharded" => "predicted sharded",
        _ => "predicted other",
    }
}

/// The row's own law; where there are two points, one of the two ends of the range through both.
fn speedup(row: &GrowthRow, cores: usize) -> f64 {
    let kappa = if row.kind == RANGE { 0.0 } else { row.kappa };
    Law { sigma: row.sigma, kappa }.speedup(float(cores))
}

/// What is predicted for `n` cores: from the file where it says, in between along the same laws.
fn wedge(row: &GrowthRow, _cores: usize, n: usize) -> (f64, f64) {
    match n {
        16 => (row.low_16, row.high_16),
        64 => (row.low_64, row.high_64),
        128 => (row.low_128, row.high_128),
        _ => {
            let ends = |at_16: f64| {
                // The law of one parameter through what was predicted for 16.
                let lost = (16.0 * row.lambda / at_16 - 1.0).max(0.0);
                (lost / 15.0, lost / 240.0)
            };
            let low = Law { sigma: 0.0, kappa: ends(row.low_16).1 };
            let high = Law { sigma: ends(row.high_16).0, kappa: 0.0 };
            (row.lambda * low.speedup(float(n)), row.lambda * high.speedup(float(n)))
        }
    }
}

fn measured(data: &Data, row: &GrowthRow) -> Vec<Point> {
    let mut rows: Vec<_> = data
        .throughput
        .iter()
        .filter(|cell| {
            cell.peer == row.peer
                && cell.workload == row.workload
                && cell.population == row.population
                && cell.threads <= data.cores()
        })
        .collect();
    rows.sort_by_key(|cell| cell.threads);
    rows.into_iter()
        .map(|cell| {
            let (population, threads) = (cell.population.to_string(), cell.threads.to_string());
            let key = [
                ("peer", cell.peer.as_str()),
                ("workload", &cell.workload),
                ("population", &population),
                ("threads", &threads),
            ];
            Point {
                x: float(cell.threads),
                y: cell.ops_per_second / 1e6,
                told: format!(
                    "{}, measured: {} M/s",
                    cell.peer,
                    significant(cell.ops_per_second / 1e6)
                ),
                datum: datum("throughput", &key, "ops_per_second", cell.ops_per_second),
            }
        })
        .collect()
}

fn figures(data: &Data) -> String {
    let mut rows: Vec<_> = data.growth.iter().collect();
    rows.sort_by_key(|row| {
        (row.workload.clone(), row.population, std::cmp::Reverse(order(&row.peer)))
    });
    let lines: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let population = row.population.to_string();
            let key = [
                ("peer", row.peer.as_str()),
                ("workload", &row.workload),
                ("population", &population),
            ];
            let number = |column, value: f64, scale| Td::Number {
                value,
                scale,
                datum: shown("growth", &key, column, value, scale),
                unit: String::new(),
            };
            let mut cells = vec![
                Td::text(&row.workload),
                Td::Text(short(row.population)),
                Td::text(&row.peer),
                Td::Text(format!("{}, {} points", row.kind, row.points)),
            ];
            if row.kind == DEGENERATE {
                cells.extend((0..9).map(|_| Td::text("–")));
            } else {
                cells.push(number("sigma", row.sigma, 1.0));
                cells.push(number("kappa", row.kappa, 1.0));
                cells
                    .push(row.residual.map_or(Td::text("–"), |off| number("residual", off, 100.0)));
                for (column, value) in [
                    ("low_16", row.low_16),
                    ("high_16", row.high_16),
                    ("low_64", row.low_64),
                    ("high_64", row.high_64),
                    ("low_128", row.low_128),
                    ("high_128", row.high_128),
                ] {
                    cells.push(number(column, value, 1e-6));
                }
            }
            (if class(&row.peer) == "ours" { "ours" } else { "" }, cells)
        })
        .collect();
    let heads = [
        "",
        "sessions",
        "",
        "fit",
        "σ",
        "κ",
        "off, %",
        "16 cores: from",
        "to",
        "64: from",
        "to",
        "128: from",
        "to",
    ];
    format!(
        "<details><summary>the fits and their predictions, million operations a second</summary>\n\
         <p class=\"said\">Where there are two points, σ is what it would be without κ, and κ without \
         σ. Off: how far the worst point lies from its curve.</p>\n{}</details>\n",
        table(&heads, &lines)
    )
}
