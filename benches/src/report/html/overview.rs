//! What is read first, and what is read last: headline, budgets, the machine, the method.

use std::fmt::Write;

use super::table::{Td, table};
use super::{Section, class, shown};
use crate::data::{BudgetRow, Data};
use crate::peers;
use crate::report::format::significant;
use crate::report::svg::escape;

/// The title and one line about the machine.
pub(super) fn head(data: &Data) -> String {
    let fact = |name: &str| escape(data.fact(name));
    let mut head = format!(
        "<h1>How far does a session cache scale?</h1>\n<p class=\"soft\"><b>resumption</b> beside {} \
         others, measured in interleaved rounds on {} ({} cores, {}), {}, commit {}.<br/>\
         <code>{}</code></p>\n",
        data.peers.len().saturating_sub(2),
        fact("processor"),
        fact("cores"),
        fact("memory"),
        fact("date"),
        fact("commit"),
        fact("command"),
    );
    if data.fact("run").starts_with("smoke") {
        head.push_str(
            "<p class=\"warning\">This was a smoke run. It proves that everything runs; the \
             figures mean nothing.</p>\n",
        );
    }
    if data.cores() < 8 {
        let _ = writeln!(
            head,
            "<p class=\"warning\">A machine of {} cores. It shows what an operation costs and what \
             two cores do to each other; it does not show sixteen. Where this page says \
             <em>predicted</em>, nobody has measured.</p>",
            data.cores()
        );
    }
    let stolen: Vec<f64> = data
        .samples
        .iter()
        .filter(|row| row.threads <= data.cores())
        .map(|row| row.stolen_share)
        .collect();
    let typical = crate::statistics::quantile_of(&stolen, 0.5).unwrap_or(0.0);
    if typical > BUSY {
        let _ = writeln!(
            head,
            "<p class=\"warning\"><b>The machine was busy with other work</b>, which had the cores for \
             {:.0} % of a typical sample's time. That time is taken out of the rates of threads with \
             a core each, and out of the flush's lookups; what it did to caches, locks and crowds of \
             threads is not. Read nothing into single cells.</p>",
            100.0 * typical
        );
    }
    head
}

/// A typical sample that lost more of its time than this to others was taken on a busy machine.
const BUSY: f64 = 0.1;

/// The four figures that say the most.
pub(super) fn tiles(data: &Data) -> String {
    let tiles: Vec<_> = [against("rustls' own", data), stall(data), bytes(data), met(data)]
        .into_iter()
        .flatten()
        .collect();
    if tiles.is_empty() {
        return String::new();
    }
    let tiles: String = tiles
        .into_iter()
        .map(|(number, text)| {
            format!("<div class=\"tile\"><b>{number}</b><span>{}</span></div>\n", escape(&text))
        })
        .collect();
    format!("<div class=\"tiles\">\n{tiles}</div>\n")
}

/// Take + put beside `peer`, where most sessions are held.
fn against(peer: &str, data: &Data) -> Option<(String, String)> {
    let rows = data.throughput.iter().filter(|row| {
        row.peer == peer && row.workload == "take + put" && row.threads == data.cores()
    });
    let row = rows.filter(|row| row.ratio.is_some()).max_by_key(|row| row.population)?;
    let (population, threads) = (row.population.to_string(), row.threads.to_string());
    let key = [
        ("peer", peer),
        ("workload", "take + put"),
        ("population", &population),
        ("threads", &threads),
    ];
    let ratio = row.ratio?;
    let datum = shown("throughput", &key, "ratio", ratio, 1.0);
    let held = crate::report::format::short(row.population);
    let text = format!(
        "as many take + put a second as rustls' own cache, {held} sessions, {threads} threads"
    );
    Some((format!("<span {datum} style=\"all:unset\">{}</span>×", significant(ratio)), text))
}

fn budget<'d>(data: &'d Data, start: &str) -> Option<&'d BudgetRow> {
    data.budgets.iter().find(|row| row.subject == peers::OURS && row.budget.starts_with(start))
}

fn of_budget(row: &BudgetRow, text: String) -> Option<(String, String)> {
    let value = row.value?;
    let key = [("budget", row.budget.as_str()), ("subject", &row.subject)];
    let (scale, unit) =
        if row.unit == "µs" && value >= 1000.0 { (1e-3, "ms") } else { (1.0, &*row.unit) };
    let datum = shown("budgets", &key, "value", value, scale);
    let number = significant(value * scale);
    Some((format!("<span {datum} style=\"all:unset\">{number}</span> {}", escape(unit)), text))
}

fn stall(data: &Data) -> Option<(String, String)> {
    let theirs = data.stalls.iter().filter(|row| row.peer == "OpenSSL's own");
    let longest: Vec<f64> = theirs.map(|row| row.longest_us).collect();
    let theirs = crate::statistics::summary(&longest).map_or(String::new(), |summary| {
        let time = crate::report::format::time(1e3 * summary.median);
        format!("; OpenSSL's own: {time}")
    });
    let text = format!("the longest lookup while 1 M sessions are flushed (median round){theirs}");
    of_budget(budget(data, "the longest lookup")?, text)
}

fn bytes(data: &Data) -> Option<(String, String)> {
    of_budget(
        budget(data, "bytes a session")?,
        "beyond a session's payload, its id included".into(),
    )
}

fn met(data: &Data) -> Option<(String, String)> {
    let judged =
        data.budgets.iter().filter(|row| row.subject == peers::OURS && row.value.is_some());
    let all = judged.clone().count();
    let met = judged.filter(|row| row.verdict == "met").count();
    (all > 0).then(|| (format!("{met} of {all}"), "of the cache's budgets met in this run".into()))
}

/// The budgets, and what was reached.
pub(super) fn budgets(data: &Data) -> Option<Section> {
    let mut rows: Vec<(&str, Vec<Td>)> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for row in &data.budgets {
        if !names.contains(&row.budget.as_str()) {
            names.push(&row.budget);
        }
    }
    for name in names {
        let of = |subject: &str| {
            data.budgets.iter().find(|row| row.budget == name && row.subject == subject)
        };
        let any = of(peers::OURS)?;
        let mut cells = vec![Td::text(name), Td::Text(format!("{} {}", any.required, any.unit))];
        cells.push(Td::text(&any.beside));
        for subject in [peers::OURS, peers::OUR_MAP] {
            cells.extend(reached(of(subject)));
        }
        rows.push(("", cells));
    }
    let heads = ["what", "budget", "beside", "the cache", "", "the map alone", ""];
    let body = format!(
        "<p>Ratios are medians of the ratios within each round. The cache is what a server uses: \
         clock, isolation, statistics and wiping included; the map is the part below it.</p>\n{}",
        table(&heads, &rows)
    );
    Some(Section {
        id: "budgets",
        link: "Budgets",
        question: "Is it as fast as it was meant to be?".into(),
        body,
    })
}

fn reached(row: Option<&BudgetRow>) -> [Td; 2] {
    let Some(row) = row else { return [Td::text(""), Td::text("")] };
    let Some(value) = row.value else { return [Td::text("–"), Td::text("not measured")] };
    let key = [("budget", row.budget.as_str()), ("subject", &row.subject)];
    let datum = shown("budgets", &key, "value", value, 1.0);
    let class = if row.verdict == "met" { "met" } else { "missed" };
    let mark = if row.verdict == "met" { "✓ met" } else { "✗ not met" };
    [
        Td::Number { value, scale: 1.0, datum, unit: format!(" {}", row.unit) },
        Td::Verdict(mark.to_owned(), class),
    ]
}

/// Who took part, what was left out, the machine, and how to read it all.
pub(super) fn method(data: &Data) -> Section {
    let peers: Vec<_> = data
        .peers
        .iter()
        .map(|row| {
            let bound = if row.bounded { "yes" } else { "no" };
            let texts = [&row.peer, &row.version, bound, &row.note].map(Td::text);
            (if class(&row.peer) == "ours" { "ours" } else { "" }, Vec::from(texts))
        })
        .collect();
    let pairs = |rows: &[(&str, &str)]| -> Vec<(&str, Vec<Td>)> {
        rows.iter().map(|(name, text)| ("", vec![Td::text(name), Td::text(text)])).collect()
    };
    let facts: Vec<_> = data.facts.iter().map(|row| (&*row.fact, &*row.value)).collect();
    let left_out: Vec<_> = data.left_out.iter().map(|row| (&*row.what, &*row.why)).collect();
    let mut body =
        format!("<h3>Who took part</h3>\n{}", table(&["", "version", "bound", "to know"], &peers));
    body.push_str(
        "<p>Everyone gets ids of 32 random bytes, copies the payload in, and checks a session's expiry \
         at each lookup; who has no expiry of its own compares 8 bytes beside the payload with a \
         fixed number, and reads no clock. Who takes a hash function gets this cache's. Every peer \
         has its turn in every round, another one begins each time, and each sample is a slice of \
         time after a warm-up. Threads have a core each as long as there are enough; the time in which \
         the rest of the machine has it is not counted then, nor in the lookups timed during a flush, and a \
         sample in which a thread had its core for less than nine tenths of the slice is taken again with \
         a longer one, twice at most. Samples of more threads \
         than cores are as they came.</p>\n",
    );
    let _ = write!(body, "<h3>The machine and the run</h3>\n{}", table(&["", ""], &pairs(&facts)));
    if !left_out.is_empty() {
        let _ = write!(
            body,
            "<h3>What was left out</h3>\n{}",
            table(&["what", "why"], &pairs(&left_out))
        );
    }
    Section { id: "method", link: "Method", question: "Who, where and how?".into(), body }
}
