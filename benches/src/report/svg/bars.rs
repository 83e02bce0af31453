//! Bars from the left, the value at the end of each.

use std::fmt::Write;

use super::escape;

/// One bar.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) class: &'static str,
    pub(crate) value: f64,
    /// The value as it is written.
    pub(crate) text: String,
    pub(crate) datum: String,
}

const NAMES: f64 = 150.0;
const ROW: f64 = 24.0;

/// Bars in the order given, on one scale; `line` marks a value across all of them.
pub(crate) fn bars(bars: &[Bar], width: f64, line: Option<(f64, &str)>) -> String {
    let most = bars.iter().map(|bar| bar.value).fold(1e-9, f64::max);
    let room = width - NAMES - 90.0;
    let top = if line.is_some() { 18.0 } else { 2.0 };
    let mut height = top;
    let mut svg = String::new();
    for bar in bars {
        let wide = (bar.value.max(0.0) / most * room).max(1.0);
        let middle = height + 13.0;
        let _ = write!(
            svg,
            "<g class=\"bar {}\"><text text-anchor=\"end\" x=\"{:.1}\" y=\"{middle:.1}\">{}</text>\
             <rect x=\"{NAMES}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"16\" rx=\"2\"/>\
             <text class=\"value\" x=\"{:.1}\" y=\"{middle:.1}\" {}>{}</text></g>",
            bar.class,
            NAMES - 8.0,
            escape(&bar.name),
            height + 1.0,
            NAMES + wide + 6.0,
            bar.datum,
            escape(&bar.text)
        );
        height += ROW;
    }
    if let Some((value, text)) = line {
        let x = NAMES + value / most * room;
        let _ = write!(
            svg,
            "<line class=\"limit\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{height:.1}\"/>\
             <text class=\"mark\" x=\"{x:.1}\" y=\"12\" text-anchor=\"middle\">{}</text>",
            escape(text)
        );
    }
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\">{svg}</svg>\n"
    )
}
