//! The short table.

use super::format::{short, significant};
use crate::data::{Data, ThroughputRow};
use crate::workloads::Workload;

/// A share of failed operations above this is said.
const WORTH_SAYING: f64 = 0.001;

/// Prints rates and ratios for each workload and population, then the budgets.
pub(crate) fn print(data: &Data) {
    let mut populations: Vec<usize> = data.throughput.iter().map(|row| row.population).collect();
    populations.sort_unstable();
    populations.dedup();
    for workload in Workload::ALL {
        for &population in &populations {
            let rows: Vec<_> = data
                .throughput
                .iter()
                .filter(|row| row.workload == workload.name() && row.population == population)
                .collect();
            if !rows.is_empty() {
                println!(
                    "\n{}, {} sessions: {}",
                    workload.name(),
                    short(population),
                    workload.description()
                );
                table(&rows);
            }
        }
    }
    print_budgets(data);
    for row in &data.left_out {
        println!("left out: {} ({})", row.what, row.why);
    }
}

fn table(rows: &[&ThroughputRow]) {
    let mut threads: Vec<usize> = rows.iter().map(|row| row.threads).collect();
    threads.sort_unstable();
    threads.dedup();
    let mut peers: Vec<&str> = Vec::new();
    for row in rows {
        if !peers.contains(&row.peer.as_str()) {
            peers.push(&row.peer);
        }
    }
    let width = peers.iter().map(|peer| peer.chars().count()).max().unwrap_or(0);
    let heads = threads.iter().map(|threads| format!("{:>24}", format!("{threads} threads")));
    println!("{:width$}{}", "", heads.collect::<String>());
    let columns = format!("{:>10}{:>6}{:>8}", "Mops/s", "±", "ratio");
    println!("{:width$}{}", "", columns.repeat(threads.len()));
    for peer in peers {
        let cells = threads.iter().map(|threads| {
            let cell = rows.iter().find(|row| row.peer == peer && row.threads == *threads);
            cell.map_or_else(|| format!("{:>10}{:>6}{:>8}", "-", "", ""), |row| of_cell(row))
        });
        println!("{peer:<width$}{}", cells.collect::<String>());
    }
}

fn of_cell(row: &ThroughputRow) -> String {
    let rate = significant(row.ops_per_second / 1e6);
    let mark = if row.failed_share > WORTH_SAYING { "!" } else { "" };
    let spread = format!("{:.0} %", 100.0 * row.spread);
    let ratio = row.ratio.map_or("-".to_owned(), significant);
    format!("{:>10}{spread:>6}{ratio:>8}", format!("{mark}{rate}"))
}

fn print_budgets(data: &Data) {
    println!(
        "\nratio: this cache over the peer, within a round; !: some operations failed (see the report)\n"
    );
    for row in data.budgets.iter().filter(|row| row.verdict != "not measured") {
        let value = row.value.map_or("-".to_owned(), significant);
        let beside =
            if row.beside.is_empty() { String::new() } else { format!(" beside {}", row.beside) };
        println!(
            "{:<8} {}: {} {value} {} (budget {}){beside}",
            row.verdict, row.budget, row.subject, row.unit, row.required
        );
    }
    let unmeasured = data.budgets.iter().filter(|row| row.verdict == "not measured").count();
    if unmeasured > 0 {
        println!("{unmeasured} figures of budgets were not measured in this run");
    }
}
