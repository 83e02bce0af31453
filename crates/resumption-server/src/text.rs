//! Numbers, durations and tables as people read them.

use std::fmt::{self, Write};
use std::time::Duration;

/// A whole number with its thousands apart: `12,345,678`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A rate, rounded to a whole number.
pub(crate) fn rate(per_second: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float's cast saturates, and rates are not negative"
    )]
    grouped(per_second.round() as u64)
}

/// A latency in the unit that suits it: `812 µs`, `1.23 ms`, `2.50 s`.
pub(crate) fn latency(span: Duration) -> String {
    let micros = span.as_micros();
    if micros < 1_000 {
        format!("{micros} µs")
    } else if micros < 1_000_000 {
        format!("{:.2} ms", span.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", span.as_secs_f64())
    }
}

/// A span of configuration: `2 h`, `5 min`, `90 s`, `250 ms`.
pub(crate) fn span(span: Duration) -> String {
    let millis = span.as_millis();
    match millis {
        0 => "0 s".to_owned(),
        _ if millis.is_multiple_of(86_400_000) => format!("{} d", millis / 86_400_000),
        _ if millis.is_multiple_of(3_600_000) => format!("{} h", millis / 3_600_000),
        _ if millis.is_multiple_of(60_000) => format!("{} min", millis / 60_000),
        _ if millis.is_multiple_of(1_000) => format!("{} s", millis / 1_000),
        _ => format!("{millis} ms"),
    }
}

/// A size: `712 B`, `1.5 MiB`.
pub(crate) fn bytes(size: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown to one decimal")]
    let mut value = size as f64;
    let mut units = ["KiB", "MiB", "GiB", "TiB"].into_iter();
    if value < 1024.0 {
        return format!("{size} B");
    }
    let mut unit = "B";
    while value >= 1024.0 {
        let Some(next) = units.next() else { break };
        value /= 1024.0;
        unit = next;
    }
    format!("{value:.1} {unit}")
}

/// A share between 0 and 1 as `99.97 %`. Never rounded up to 100: one failure in a million shows.
pub(crate) fn percent(share: f64) -> String {
    let hundredths = (share * 10_000.0).floor() / 100.0;
    format!("{hundredths:.2} %")
}

/// Columns that line up: the first ones, `left` of them, to the left, the numbers to the right.
pub(crate) struct Table {
    left: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table whose first row is `header`.
    pub(crate) fn new<const N: usize>(left: usize, header: [&str; N]) -> Self {
        Self { left, rows: vec![header.map(str::to_owned).to_vec()] }
    }

    /// Adds a row; columns it lacks stay empty.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
        };
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (column, width) in widths.iter().copied().enumerate() {
                let cell = row.get(column).map_or("", String::as_str);
                let gap = if column == 0 { "" } else { "   " };
                if column < self.left {
                    write!(line, "{gap}{cell:<width$}")?;
                } else {
                    write!(line, "{gap}{cell:>width$}")?;
                }
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(rate(1234.5), "1,235");
        assert_eq!(latency(Duration::from_micros(812)), "812 µs");
        assert_eq!(latency(Duration::from_micros(1_234)), "1.23 ms");
        assert_eq!(latency(Duration::from_millis(2_500)), "2.50 s");
        assert_eq!(span(Duration::from_secs(7_200)), "2 h");
        assert_eq!(span(Duration::from_secs(90)), "90 s");
        assert_eq!(bytes(712), "712 B");
        assert_eq!(bytes(3 << 19), "1.5 MiB");
        assert_eq!(percent(1.0), "100.00 %");
        assert_eq!(percent(0.999_999), "99.99 %");
    }

    #[test]
    fn tables_line_up() {
        let mut table = Table::new(1, ["name", "n"]);
        table.row(["a".to_owned(), "1,000".to_owned()]);
        table.row(["µ".to_owned()]);
        assert_eq!(table.to_string(), "name       n\na      1,000\nµ\n");
    }
}
