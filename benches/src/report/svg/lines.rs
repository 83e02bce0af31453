//! Lines over an axis, each with its name at its end.

use std::fmt::Write;

use super::axis::Axis;
use super::{escape, labels};

/// One measured or predicted value.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// What a pointer that rests on it is told.
    pub(crate) told: String,
    /// The attributes that say where in the files the value stands.
    pub(crate) datum: String,
}

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    /// The class that gives it its colour.
    pub(crate) class: &'static str,
    pub(crate) points: Vec<Point>,
}

/// The room between two lines, where something is believed to lie.
#[derive(Clone, Debug)]
pub(crate) struct Band {
    pub(crate) class: &'static str,
    /// x, low, high.
    pub(crate) edges: Vec<(f64, f64, f64)>,
}

/// A chart.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) series: Vec<Series>,
    pub(crate) bands: Vec<Band>,
    /// From where to where on the x axis something else holds, and what.
    pub(crate) shade: Option<(f64, f64, String)>,
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Room for names on the right; 0 where there are none.
    pub(crate) names: f64,
    /// How the names stand there.
    pub(crate) naming: Naming,
}

/// Where the names of lines stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Beside the ends of their lines.
    AtEnds,
    /// One below the other, in the order of the lines' ends along the x axis or as given.
    Listed,
}

/// Room on the left for marks, above for the title, below for marks and the axis' name.
const LEFT: f64 = 46.0;
const TOP: f64 = 38.0;
const BOTTOM: f64 = 36.0;
/// Between two names.
const GAP: f64 = 12.0;

impl Chart {
    fn right(&self) -> f64 {
        self.width - self.names - 14.0
    }

    fn bottom(&self) -> f64 {
        self.height - BOTTOM
    }

    fn at_x(&self, value: f64) -> f64 {
        LEFT + self.x.scale.at(value) * (self.right() - LEFT)
    }

    fn at_y(&self, value: f64) -> f64 {
        self.bottom() - self.y.scale.at(value) * (self.bottom() - TOP)
    }

    /// The chart as an element.
    pub(crate) fn draw(&self) -> String {
        let mut svg = String::new();
        let (width, height) = (self.width, self.height);
        let title = escape(&self.title);
        let _ = write!(
            svg,
            "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\" aria-label=\"{title}\"><text class=\"title\" x=\"0\" y=\"13\">{title}</text>"
        );
        self.draw_frame(&mut svg);
        for band in &self.bands {
            self.draw_band(&mut svg, band);
        }
        for series in &self.series {
            self.draw_series(&mut svg, series);
        }
        match (self.names > 0.0, self.naming) {
            (true, Naming::AtEnds) => self.draw_names(&mut svg),
            (true, Naming::Listed) => self.list_names(&mut svg),
            (false, _) => {}
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn draw_frame(&self, svg: &mut String) {
        let (right, bottom) = (self.right(), self.bottom());
        if let Some((from, to, text)) = &self.shade {
            let (from, to) = (self.at_x(*from), self.at_x(*to));
            let (wide, high) = (to - from, bottom - TOP);
            let _ = write!(
                svg,
                "<rect class=\"shade\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{wide:.1}\" \
                 height=\"{high:.1}\"/><text class=\"mark\" text-anchor=\"end\" x=\"{to:.1}\" \
                 y=\"{:.1}\">{}</text>",
                TOP - 10.0,
                escape(text)
            );
        }
        for (tick, text) in &self.y.ticks {
            let y = self.at_y(*tick);
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"mark\" text-anchor=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                LEFT - 5.0,
                y + 3.5,
                escape(text)
            );
        }
        for (tick, text) in &self.x.ticks {
            let x = self.at_x(*tick);
            let _ = write!(
                svg,
                "<line class=\"tick\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{bottom}\" y2=\"{:.1}\"/>\
                 <text class=\"mark\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
                bottom + 4.0,
                bottom + 15.0,
                escape(text)
            );
        }
        let _ = write!(
            svg,
            "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{bottom}\" y2=\"{bottom}\"/>\
             <text class=\"name\" text-anchor=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\
             <text class=\"name\" x=\"0\" y=\"{:.1}\">{}</text>",
            LEFT.midpoint(right),
            bottom + 29.0,
            escape(&self.x.name),
            TOP - 10.0,
            escape(&self.y.name)
        );
    }

    fn draw_band(&self, svg: &mut String, band: &Band) {
        let there = band.edges.iter().map(|(x, low, _)| (x, low));
        let back = band.edges.iter().rev().map(|(x, _, high)| (x, high));
        let corners: Vec<_> = there
            .chain(back)
            .map(|(x, y)| format!("{:.1},{:.1}", self.at_x(*x), self.at_y(*y)))
            .collect();
        let _ = write!(
            svg,
            "<polygon class=\"band {}\" points=\"{}\"/>",
            band.class,
            corners.join(" ")
        );
    }

    fn draw_series(&self, svg: &mut String, series: &Series) {
        let places: Vec<_> = series
            .points
            .iter()
            .map(|point| format!("{:.1},{:.1}", self.at_x(point.x), self.at_y(point.y)))
            .collect();
        let _ = write!(
            svg,
            "<g class=\"series {}\"><polyline points=\"{}\"/>",
            series.class,
            places.join(" ")
        );
        for point in &series.points {
            let _ = write!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.4\" {}><title>{}</title></circle>",
                self.at_x(point.x),
                self.at_y(point.y),
                point.datum,
                escape(&point.told)
            );
        }
        svg.push_str("</g>");
    }

    fn list_names(&self, svg: &mut String) {
        let mut named: Vec<_> =
            self.series.iter().filter(|series| !series.name.is_empty()).collect();
        let end = |series: &Series| series.points.last().map_or(0.0, |end| self.at_x(end.x));
        named.sort_by(|one, other| end(one).total_cmp(&end(other)));
        let at = self.right() + 14.0;
        let mut y = TOP + 4.0;
        for series in named {
            let _ = write!(
                svg,
                "<g class=\"label key {}\"><line x1=\"{at:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" \
                 y2=\"{y:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
                series.class,
                at + 16.0,
                at + 21.0,
                y + 3.5,
                escape(&series.name)
            );
            y += GAP + 4.0;
        }
    }

    fn draw_names(&self, svg: &mut String) {
        let ends: Vec<_> = self
            .series
            .iter()
            .filter_map(|series| Some((series, series.points.last()?)))
            .map(|(series, end)| (series, self.at_x(end.x), self.at_y(end.y)))
            .collect();
        let wanted: Vec<f64> = ends.iter().map(|(_, _, y)| *y).collect();
        let heights = labels::spread(&wanted, GAP, TOP + 2.0, self.bottom());
        for ((series, x, y), height) in ends.iter().zip(heights) {
            let at = self.right() + 14.0;
            let _ = write!(
                svg,
                "<g class=\"label {}\"><line x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" \
                 y2=\"{height:.1}\"/><text x=\"{at:.1}\" y=\"{:.1}\">{}</text></g>",
                series.class,
                x + 3.0,
                at - 2.0,
                height + 3.5,
                escape(&series.name)
            );
        }
    }
}
