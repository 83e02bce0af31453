//! The tables.

use crate::flags::Plan;
use crate::peers::Contender;
use crate::rounds::Series;
use crate::statistics;
use crate::workload::Workload;

/// A share of failed operations above this is said.
const WORTH_SAYING: f64 = 0.001;

/// Says what is about to be measured and how to read it.
pub(crate) fn print_heading(plan: &Plan) {
    let setup = &plan.setup;
    println!(
        "{} sessions of {} bytes under 32-byte random ids, seed {}; {} cores",
        setup.entries, setup.payload, setup.seed, plan.cores
    );
    println!(
        "medians of {} interleaved rounds, {} ms a sample; ± is half the quartile distance",
        plan.rounds,
        setup.slice.as_millis()
    );
    println!("ratio: {} / peer within a round; above 1 it is faster\n", subject(plan).name);
    for contender in &plan.contenders {
        println!("  {:<width$}  {}", contender.name, contender.note, width = name_width(plan));
    }
    println!();
}

/// Prints one table a workload: rates for orientation, ratios for comparison.
pub(crate) fn print_tables(plan: &Plan, results: &[Series]) {
    for &workload in &plan.workloads {
        println!("\n{}: {}", workload.name(), workload.description());
        print_columns(plan);
        for contender in &plan.contenders {
            print_row(plan, results, workload, contender);
        }
        print_failures(plan, results, workload);
    }
}

/// The contender that the ratios are about.
fn subject(plan: &Plan) -> &Contender {
    &plan.contenders[0]
}

fn name_width(plan: &Plan) -> usize {
    plan.contenders.iter().map(|contender| contender.name.len()).max().unwrap_or(0)
}

fn print_columns(plan: &Plan) {
    let width = name_width(plan);
    let groups = plan.threads.iter().map(|&threads| {
        let plural = if threads == 1 { "" } else { "s" };
        let crowded =
            if threads > plan.cores { format!(" on {} cores", plan.cores) } else { String::new() };
        format!("{:>26}", format!("{threads} thread{plural}{crowded}"))
    });
    println!("{:width$}{}", "", groups.collect::<String>());
    let columns = format!("{:>11}{:>7}{:>8}", "Mops/s", "±", "ratio");
    println!("{:width$}{}", "", columns.repeat(plan.threads.len()));
}

fn print_row(plan: &Plan, results: &[Series], workload: Workload, contender: &Contender) {
    let cells = plan.threads.iter().map(|&threads| {
        let rates = rates(results, contender.name, workload, threads);
        let ours = rates_of_subject(plan, results, workload, threads);
        let Some(summary) = statistics::summary(&rates) else {
            return format!("{:>11}{:>7}{:>8}", "-", "", "");
        };
        let ratio = statistics::ratio(&ours, &rates).unwrap_or(f64::NAN);
        let rate = significant(summary.median / 1e6);
        let spread = format!("{:.0} %", 100.0 * summary.spread);
        format!("{rate:>10}{spread:>8}{:>8}", significant(ratio))
    });
    println!("{:<width$}{}", contender.name, cells.collect::<String>(), width = name_width(plan));
}

/// Names the cells in which operations failed: their rates are of something else.
fn print_failures(plan: &Plan, results: &[Series], workload: Workload) {
    for series in results.iter().filter(|series| series.workload == workload) {
        let failed: Vec<_> = series.samples.iter().map(|sample| sample.failed).collect();
        let worst = failed.into_iter().fold(0.0, f64::max);
        if worst > WORTH_SAYING {
            let (name, threads) = (series.contender, series.threads);
            let width = name_width(plan);
            println!("! {name:<width$}  {threads} threads: {:.1} % failed", 100.0 * worst);
        }
    }
}

fn rates_of_subject(
    plan: &Plan,
    results: &[Series],
    workload: Workload,
    threads: usize,
) -> Vec<f64> {
    rates(results, subject(plan).name, workload, threads)
}

fn rates(results: &[Series], contender: &str, workload: Workload, threads: usize) -> Vec<f64> {
    results
        .iter()
        .find(|series| {
            series.contender == contender
                && series.workload == workload
                && series.threads == threads
        })
        .map(Series::rates)
        .unwrap_or_default()
}

/// A positive number with the digits that mean something, whatever its size.
fn significant(number: f64) -> String {
    match number {
        n if n >= 99.95 => format!("{n:.0}"),
        n if n >= 9.995 => format!("{n:.1}"),
        n if n >= 0.0995 => format!("{n:.2}"),
        n if n >= 0.000_995 => format!("{n:.4}"),
        n => format!("{n:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable_at_every_size() {
        let written = [1234.5, 45.67, 1.234, 0.5, 0.0123, 0.000_12].map(significant);
        assert_eq!(written, ["1234", "45.7", "1.23", "0.50", "0.0123", "1.2e-4"]);
    }
}
