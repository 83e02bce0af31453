//! Charts as inline SVG: axes, lines with their names beside them, bands, bars.

mod axis;
mod bars;
mod labels;
mod lines;

pub(crate) use axis::{Axis, Scale};
pub(crate) use bars::{Bar, bars};
pub(crate) use lines::{Band, Chart, Naming, Point, Series};

/// Text for XML: the five characters that mean something there.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
