//! The drawings: plain SVG whose colours come from the page's style, so that they follow it
//! into the dark.

use std::fmt::Write;

use super::scale::Scale;
use super::style::escaped;
use crate::stats::Share;

/// The width of a drawing, in its own units.
const WIDTH: f64 = 640.0;
/// The space for the names of rows.
const NAMES: f64 = 196.0;
/// The space at the right edge.
const RIGHT: f64 = 78.0;
/// The height of a row.
const ROW: f64 = 30.0;
/// The height of a graph.
const HEIGHT: f64 = 240.0;
/// The space left of a graph, and below it.
const EDGE: f64 = 46.0;
/// The bars of a histogram.
const BARS: usize = 32;

/// A share with its interval, in a row.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) share: Share,
    /// What it would be by chance.
    pub(super) fair: f64,
    /// Whether it is a finding.
    pub(super) found: bool,
}

/// A point of a curve with its interval.
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) share: Share,
}

fn open(height: f64, title: &str) -> String {
    let title = escaped(title);
    format!(
        r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}"><title>{title}</title>"#
    )
}

fn text(out: &mut String, class: &str, [x, y]: [f64; 2], words: &str) {
    let _ = write!(out, r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{}</text>"#, escaped(words));
}

fn line(out: &mut String, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
    let _ = write!(
        out,
        r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#
    );
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Shares with their intervals, one below the other, against what chance would bring.
pub(super) fn intervals(title: &str, rows: &[Row]) -> String {
    let height = ROW * rows.len() as f64 + 34.0;
    let highest = rows.iter().map(|row| row.share.high.max(row.fair)).fold(0.05, f64::max);
    let scale = Scale::new([0.0, (highest * 1.08).min(1.0)], [NAMES, WIDTH - RIGHT]);
    let bottom = height - 24.0;
    let mut out = open(height, title);
    for tick in scale.ticks() {
        let x = scale.at(tick);
        line(&mut out, "grid", [x, 4.0], [x, bottom]);
        text(&mut out, "label middle", [x, height - 8.0], &format!("{:.0} %", tick * 100.0));
    }
    for (at, row) in rows.iter().enumerate() {
        put_row(&mut out, &scale, row, ROW * (at as f64 + 0.5) + 4.0);
    }
    out + "</svg>"
}

fn put_row(out: &mut String, scale: &Scale, row: &Row, y: f64) {
    let [low, share, high] = [row.share.low, row.share.share, row.share.high].map(|s| scale.at(s));
    let found = if row.found { " found" } else { "" };
    text(out, "name", [NAMES - 12.0, y + 4.0], &clipped(&row.name));
    let fair = scale.at(row.fair);
    line(out, "fair", [fair, y - 12.0], [fair, y + 12.0]);
    line(out, &format!("span{found}"), [low, y], [high, y]);
    let _ = write!(
        out,
        r#"<circle class="dot{found}" cx="{share:.1}" cy="{y:.1}" r="5"><title>{}</title></circle>"#,
        row.share.percent()
    );
    text(out, &format!("value{found}"), [WIDTH - 4.0, y + 4.0], &percent(row.share.share));
}

fn clipped(name: &str) -> String {
    let short: String = name.chars().take(28).collect();
    if short.len() < name.len() { short + "…" } else { short }
}

/// How numbers are spread: bars, and marks at percentiles.
pub(super) fn histogram(title: &str, unit: &str, numbers: &[f64], marks: &[(&str, f64)]) -> String {
    let most = numbers.iter().copied().fold(0.0, f64::max);
    let whole = numbers.iter().all(|number| number.fract() == 0.0) && most < BARS as f64;
    let (bars, width) = if whole { (most as usize + 1, 1.0) } else { (BARS, most / BARS as f64) };
    let mut counts = vec![0_u64; bars];
    for number in numbers {
        let bar = if width > 0.0 { (number / width) as usize } else { 0 };
        counts[bar.min(bars - 1)] += 1;
    }
    let x = Scale::new([0.0, width * bars as f64], [EDGE, WIDTH - 12.0]);
    let tallest = counts.iter().copied().max().unwrap_or(1) as f64;
    let y = Scale::new([0.0, tallest * 1.12], [HEIGHT - EDGE, 8.0]);
    let mut out = open(HEIGHT, title);
    put_axes(&mut out, &x, &y, unit, |count| format!("{count:.0}"), whole);
    for (bar, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
        let (left, right) = (x.at(bar as f64 * width), x.at((bar + 1) as f64 * width));
        let (top, bottom) = (y.at(count as f64), y.at(0.0));
        let name = format!("<title>{count} games</title>");
        let _ = write!(
            out,
            r#"<rect class="bar" x="{:.1}" y="{top:.1}" width="{:.1}" height="{:.1}">{name}</rect>"#,
            left + 0.6,
            (right - left - 1.2).max(0.6),
            bottom - top
        );
    }
    let shift = if whole { 0.5 } else { 0.0 };
    for (at, (name, number)) in marks.iter().enumerate() {
        let place = x.at(number + shift);
        line(&mut out, "mark", [place, 8.0], [place, HEIGHT - EDGE]);
        let right = place > WIDTH - 60.0;
        let (class, shift) = if right { ("label end", -4.0) } else { ("label", 4.0) };
        text(&mut out, class, [place + shift, 18.0 + 13.0 * at as f64], name);
    }
    out + "</svg>"
}

fn put_axes(
    out: &mut String,
    x: &Scale,
    y: &Scale,
    unit: &str,
    words: impl Fn(f64) -> String,
    whole: bool,
) {
    for tick in y.ticks() {
        let at = y.at(tick);
        line(out, "grid", [EDGE, at], [WIDTH - 12.0, at]);
        text(out, "label end", [EDGE - 6.0, at + 4.0], &words(tick));
    }
    let shift = if whole { 0.5 } else { 0.0 };
    for tick in x.ticks().into_iter().filter(|tick| !whole || tick.fract() == 0.0) {
        let at = x.at(tick + shift);
        if at <= WIDTH - 12.0 {
            text(out, "label middle", [at, HEIGHT - EDGE + 17.0], &number(tick));
        }
    }
    text(out, "label middle", [(EDGE + WIDTH) / 2.0, HEIGHT - 8.0], unit);
}

/// A number as short as it can be said.
fn number(number: f64) -> String {
    let size = number.abs();
    if size >= 1e6 {
        format!("{} M", (number / 1e4).round() / 100.0)
    } else if size >= 1e4 {
        format!("{} k", (number / 10.0).round() / 100.0)
    } else {
        format!("{}", (number * 1e3).round() / 1e3)
    }
}

/// Shares along something, with a band for their intervals and a line to stay below.
pub(super) fn curve(title: &str, unit: &str, points: &[Point], bound: Option<f64>) -> String {
    let xs = points.iter().map(|point| point.x);
    let (low, high) = (xs.clone().fold(f64::MAX, f64::min), xs.fold(f64::MIN, f64::max));
    let margin = (high - low) * 0.03;
    let x = Scale::new([low - margin, high + margin], [EDGE, WIDTH - 12.0]);
    let top = points.iter().map(|point| point.share.high).fold(bound.unwrap_or(0.02), f64::max);
    let y = Scale::new([0.0, (top * 1.08).min(1.0)], [HEIGHT - EDGE, 8.0]);
    let mut out = open(HEIGHT, title);
    put_axes(&mut out, &x, &y, unit, |share| format!("{:.0} %", share * 100.0), false);
    if let Some(bound) = bound {
        line(&mut out, "bound", [EDGE, y.at(bound)], [WIDTH - 12.0, y.at(bound)]);
    }
    let place = |point: &Point, share: f64| format!("{:.1},{:.1}", x.at(point.x), y.at(share));
    let upper = points.iter().map(|point| place(point, point.share.high));
    let lower = points.iter().rev().map(|point| place(point, point.share.low));
    let band: Vec<_> = upper.chain(lower).collect();
    let _ = write!(out, r#"<polygon class="band" points="{}"/>"#, band.join(" "));
    let middle: Vec<_> = points.iter().map(|point| place(point, point.share.share)).collect();
    let _ = write!(out, r#"<polyline class="curve" points="{}"/>"#, middle.join(" "));
    for point in points {
        let (cx, cy) = (x.at(point.x), y.at(point.share.share));
        let _ = write!(
            out,
            r#"<circle class="dot" cx="{cx:.1}" cy="{cy:.1}" r="4"><title>{}: {}</title></circle>"#,
            number(point.x),
            point.share.percent()
        );
    }
    out + "</svg>"
}

/// Numbers along something: the middle, and a band around it.
pub(super) fn range(title: &str, unit: &str, points: &[(f64, [f64; 3])]) -> String {
    let xs = points.iter().map(|(x, _)| *x);
    let (low, high) = (xs.clone().fold(f64::MAX, f64::min), xs.fold(f64::MIN, f64::max));
    let margin = (high - low) * 0.03;
    let x = Scale::new([low - margin, high + margin], [EDGE, WIDTH - 12.0]);
    let top = points.iter().map(|(_, [.., most])| *most).fold(0.0, f64::max);
    let y = Scale::new([0.0, top * 1.08], [HEIGHT - EDGE, 8.0]);
    let mut out = open(HEIGHT, title);
    put_axes(&mut out, &x, &y, unit, number, false);
    let place = |at: f64, value: f64| format!("{:.1},{:.1}", x.at(at), y.at(value));
    let upper = points.iter().map(|(at, [_, _, most])| place(*at, *most));
    let lower = points.iter().rev().map(|(at, [least, ..])| place(*at, *least));
    let band: Vec<_> = upper.chain(lower).collect();
    let _ = write!(out, r#"<polygon class="band" points="{}"/>"#, band.join(" "));
    let middle: Vec<_> = points.iter().map(|(at, [_, middle, _])| place(*at, *middle)).collect();
    let _ = write!(out, r#"<polyline class="curve" points="{}"/>"#, middle.join(" "));
    for (at, [_, middle, _]) in points {
        let (cx, cy) = (x.at(*at), y.at(*middle));
        let _ = write!(out, r#"<circle class="dot" cx="{cx:.1}" cy="{cy:.1}" r="4"/>"#);
    }
    out + "</svg>"
}
