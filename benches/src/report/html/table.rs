//! Tables of numbers.

use crate::report::format::significant;
use crate::report::svg::escape;

/// A cell.
pub(super) enum Td {
    /// A number, its attributes, what is written behind it.
    Number {
        value: f64,
        scale: f64,
        datum: String,
        unit: String,
    },
    Text(String),
    /// Text with a class.
    Verdict(String, &'static str),
}

/// A table; each row has a class.
pub(super) fn table(heads: &[&str], rows: &[(&str, Vec<Td>)]) -> String {
    let numeric = |column: usize| {
        rows.iter().any(|(_, cells)| matches!(cells.get(column), Some(Td::Number { .. })))
    };
    let heads: String = heads
        .iter()
        .enumerate()
        .map(|(column, head)| {
            let class = if numeric(column) { " class=\"number\"" } else { "" };
            format!("<th{class}>{}</th>", escape(head))
        })
        .collect();
    let rows: String = rows
        .iter()
        .map(|(class, cells)| {
            let cells: String = cells.iter().map(Td::draw).collect();
            format!("<tr class=\"{class}\">{cells}</tr>\n")
        })
        .collect();
    format!("<table><thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table>\n")
}

impl Td {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn draw(&self) -> String {
        match self {
            Self::Number { value, scale, datum, unit } => {
                let number = significant(value * scale);
                let unit = escape(unit);
                format!("<td class=\"number\"><span {datum}>{number}</span>{unit}</td>")
            }
            Self::Text(text) => format!("<td>{}</td>", escape(text)),
            Self::Verdict(text, class) => format!("<td class=\"{class}\">{}</td>", escape(text)),
        }
    }
}
