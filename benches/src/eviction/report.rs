//! The figures on the terminal and in a file.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use super::compare::{Cell, Effort, Equal, cells, mean};
use super::contenders::{self, CLOCK, Kind, OURS};
use super::families::CAPACITY_SHARES;
use super::first_lap::{self, Comparison, Laps};
use super::verdict::{TOLERANCE, clock_beside, deviation, differences, judge};

/// Runs the comparison, prints a short table and writes every cell to `csv`.
///
/// # Errors
/// When the file cannot be written.
pub fn run(effort: Effort, seed: u64, csv: &Path) -> io::Result<()> {
    let cells = cells(&contenders::all(), effort, seed, |doing| eprintln!("{doing}"));
    if let Some(folder) = csv.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(csv, csv_of(&cells, effort, seed))?;
    print!("{}{}", table_of(&cells), first_lap_of(&first_lap::compare(effort, seed)));
    println!("\nevery cell: {}", csv.display());
    Ok(())
}

/// Every cell, a line each.
fn csv_of(cells: &[Cell], effort: Effort, seed: u64) -> String {
    let mut text = format!(
        "# cargo xtask eviction {}--seed {seed}; {} visits a trace, {} seeds; at equal bytes, only who needs \
         other bytes than this cache\n\
         set,trace,policy,capacity_share,equal,entries,overhead_bytes,\
         resumed_of_attempts,resumed_of_handshakes,points_over_clock,spread_of_points\n",
        match effort {
            Effort::Full => "",
            Effort::Quick => "--quick ",
            Effort::Smoke => "--smoke ",
        },
        effort.visits(),
        effort.seeds(),
    );
    let told = |cell: &&Cell| cell.equal == Equal::Entries || cell.contender.overhead != OURS;
    for cell in cells.iter().filter(told) {
        let over = clock_beside(cells, cell).map(|clock| differences(cell, clock));
        let over = over.unwrap_or_default();
        let _ = writeln!(
            text,
            "{},\"{}\",\"{}\",{},{},{},{},{:.5},{:.5},{:.3},{:.3}",
            set(cell.family.unseen),
            cell.family.name,
            cell.contender.name,
            cell.share,
            name_of(cell.equal),
            cell.entries,
            cell.contender.overhead,
            cell.of_attempts(),
            cell.of_handshakes(),
            mean(over.iter().copied()),
            deviation(&over),
        );
    }
    text
}

fn name_of(equal: Equal) -> &'static str {
    match equal {
        Equal::Bytes => "bytes",
        Equal::Entries => "entries",
    }
}

fn set(unseen: bool) -> &'static str {
    if unseen { "unseen" } else { "tuned" }
}

/// Means over the traces of a set, for each capacity; then how each policy compares with CLOCK.
fn table_of(cells: &[Cell]) -> String {
    let mut text = String::new();
    for unseen in [false, true] {
        for equal in [Equal::Entries, Equal::Bytes] {
            let (set, what) = (set(unseen), name_of(equal));
            let _ = writeln!(text, "\n{set} set, equal {what}: resumed attempts, %");
            let _ = write!(text, "{:34}", "capacity / clients");
            for share in CAPACITY_SHARES {
                let _ = write!(text, "{share:>7}");
            }
            text.push('\n');
            for contender in contenders::all() {
                let rows = CAPACITY_SHARES.map(|share| {
                    let of_share: Vec<_> = cells
                        .iter()
                        .filter(|cell| {
                            cell.contender.name == contender.name
                                && cell.equal == equal
                                && cell.family.unseen == unseen
                                && cell.share.to_bits() == share.to_bits()
                        })
                        .map(Cell::of_attempts)
                        .collect();
                    100.0 * mean(of_share.into_iter())
                });
                if rows.iter().all(|row| row.is_finite()) {
                    let _ = write!(text, "{:34}", contender.name);
                    for row in rows {
                        let _ = write!(text, "{row:>7.1}");
                    }
                    text.push('\n');
                }
            }
        }
    }
    text + &verdicts_of(cells)
}

fn verdicts_of(cells: &[Cell]) -> String {
    let mut text = format!(
        "\nagainst CLOCK, in points of resumed attempts; a cell is a trace at a capacity; below: by more \
         than {TOLERANCE} on average; worse: not by chance\n"
    );
    for contender in contenders::all() {
        if contender.kind == Kind::System || contender.name == CLOCK {
            continue;
        }
        for equal in [Equal::Entries, Equal::Bytes] {
            if equal == Equal::Bytes && contender.overhead == OURS {
                continue;
            }
            for unseen in [false, true] {
                let Some(verdict) = judge(cells, contender.name, equal, unseen) else { continue };
                let _ = writeln!(
                    text,
                    "{:33}{:>8}{:>7} mean {:>+6.2} best {:>+6.2} below {:>2} worse {:>2} of {}, \
                     worst {:>+6.2} ({})",
                    contender.name,
                    name_of(equal),
                    set(unseen),
                    verdict.mean,
                    verdict.best,
                    verdict.below,
                    verdict.worse,
                    verdict.cells,
                    verdict.worst,
                    verdict.worst_where,
                );
            }
        }
    }
    text
}

fn first_lap_of(comparisons: &[Comparison]) -> String {
    let mut text = format!(
        "\nthe first lap after the cache is full, and later ones: resumed attempts, %, and the most \
         entries that one eviction passed\n{:32}{:>8}{:>22}{:>22}{:>22}{:>16}\n",
        "trace", "entries", "CLOCK", "spares any number", "sets out early", "LRU",
    );
    for one in comparisons {
        let shares = |laps: &Laps| {
            format!(
                "{:.1} then {:.1}",
                100.0 * laps.first.of_attempts(),
                100.0 * laps.later.of_attempts()
            )
        };
        let walk = |laps: &Laps| format!("{} ({})", shares(laps), laps.longest_walk);
        let _ = writeln!(
            text,
            "{:32}{:>8}{:>22}{:>22}{:>22}{:>16}",
            one.trace,
            one.entries,
            walk(&one.clock),
            walk(&one.tireless),
            walk(&one.early),
            shares(&one.lru),
        );
    }
    text
}
