//! Tables of what was seen, with a legend for what needs a word.

use std::fmt::{self, Display};

/// One step of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// As expected, though not what the column says, for a reason.
    Noted(&'static str, &'static str),
    /// As expected.
    Seen(&'static str),
    /// Not as expected: what was seen instead.
    Wrong(String),
}

impl Cell {
    /// The client has no such step, for this reason.
    pub(crate) fn cannot(why: &'static str) -> Self {
        Self::Noted("client cannot", why)
    }
}

impl From<Result<&'static str, String>> for Cell {
    fn from(outcome: Result<&'static str, String>) -> Self {
        outcome.map_or_else(Self::Wrong, Self::Seen)
    }
}

/// A table with a few words before the cells of each row.
#[derive(Debug)]
pub(crate) struct Table {
    heads: Vec<&'static str>,
    rows: Vec<(Vec<&'static str>, Vec<Cell>)>,
}

impl Table {
    pub(crate) fn new(names: &[&'static str], columns: &[&'static str]) -> Self {
        Self { heads: [names, columns].concat(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, names: Vec<&'static str>, cells: Vec<Cell>) {
        self.rows.push((names, cells));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many cells are not as expected: those that are wrong, and those that are not there.
    pub(crate) fn faults(&self) -> usize {
        let of_row = |(names, cells): &(Vec<_>, Vec<Cell>)| {
            let wrong = cells.iter().filter(|cell| matches!(cell, Cell::Wrong(_))).count();
            wrong + self.heads.len().abs_diff(names.len() + cells.len())
        };
        self.rows.iter().map(of_row).sum()
    }

    /// The reasons of what is noted, in the order of their first cells.
    fn reasons(&self) -> Vec<&'static str> {
        let mut reasons = Vec::new();
        for cell in self.rows.iter().flat_map(|(_, cells)| cells) {
            if let Cell::Noted(_, why) = cell {
                if !reasons.contains(why) {
                    reasons.push(*why);
                }
            }
        }
        reasons
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons = self.reasons();
        let (mut notes, mut lines) = (Vec::new(), Vec::new());
        lines.push(self.heads.iter().map(|head| (*head).to_owned()).collect::<Vec<_>>());
        for (names, cells) in &self.rows {
            let mut line: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            for (cell, head) in cells.iter().zip(&self.heads[names.len()..]) {
                line.push(match cell {
                    Cell::Noted(what, why) => {
                        let number = reasons.iter().position(|known| known == why).unwrap_or(0);
                        format!("{what} ({})", number + 1)
                    }
                    Cell::Seen(what) => (*what).to_owned(),
                    Cell::Wrong(what) => {
                        let what = what.lines().next().unwrap_or_default();
                        notes.push(format!("{}: {head}: {what}", names.join(" ")));
                        "WRONG, see below".to_owned()
                    }
                });
            }
            lines.push(line);
        }
        let widths: Vec<_> = (0..self.heads.len())
            .map(|column| lines.iter().filter_map(|line| line.get(column)).map(String::len).max())
            .map(Option::unwrap_or_default)
            .collect();
        for line in &lines {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        for (number, why) in (1..).zip(&reasons) {
            writeln!(f, "({number}) {why}")?;
        }
        notes.iter().try_for_each(|note| writeln!(f, "WRONG: {note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_shows_reasons_and_faults_below() {
        let mut table = Table::new(&["client", "TLS"], &["full", "twice"]);
        table.row(vec!["curl", "1.3"], vec![Cell::Seen("full"), Cell::cannot("chooses itself")]);
        table.row(vec!["x", "1.2"], vec![Cell::Wrong("resumed".to_owned()), Cell::Seen("once")]);
        assert_eq!(table.faults(), 1);
        let expected = "\
client  TLS  full              twice
curl    1.3  full              client cannot (1)
x       1.2  WRONG, see below  once
(1) chooses itself
WRONG: x 1.2: full: resumed
";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn a_cell_that_is_not_there_is_a_fault() {
        let mut table = Table::new(&["client"], &["full", "twice"]);
        table.row(vec!["curl"], vec![Cell::Seen("full")]);
        assert_eq!(table.faults(), 1);
    }
}
