//! The title above the map, the legend and the sources below it.

use sovereign_core::map::EdgeKind;

use super::colour::hex;
use super::label::width;
use super::svg::{Escaped, Short, Svg};
use super::{INK, Picture, Style};

/// All in units of the picture.
const TITLE: f64 = 52.0;
const ROW: f64 = 20.0;
const COLUMN: f64 = 136.0;
const TEXT: f64 = 9.0;
const NOTE: f64 = 6.5;
const MARGIN: f64 = 22.0;
/// How much wider than reckoned a line may come out, in a wide font.
const WIDER: f64 = 1.15;

pub(super) fn title_height(picture: &Picture<'_>) -> f64 {
    TITLE * picture.unit
}

/// How many columns of regions fit side by side.
fn columns(picture: &Picture<'_>) -> usize {
    let wide = f64::from(picture.map.width()) / picture.unit - 2.0 * MARGIN;
    ((wide / COLUMN) as usize).max(1)
}

fn rows(picture: &Picture<'_>) -> usize {
    picture.map.regions().len().div_ceil(columns(picture))
}

/// Title, map, legend and notes.
pub(super) fn total_height(picture: &Picture<'_>) -> f64 {
    let below =
        MARGIN * 1.5 + rows(picture) as f64 * ROW + ROW + notes(picture).len() as f64 * NOTE * 1.5;
    f64::from(picture.map.height()) + (TITLE + below + MARGIN) * picture.unit
}

/// Source and licence, broken into lines that fit.
fn notes(picture: &Picture<'_>) -> Vec<String> {
    let most = f64::from(picture.map.width()) / picture.unit - 2.0 * MARGIN;
    let text = format!("{} Licence: {}", picture.map.source(), picture.map.licence());
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last().cloned().unwrap_or_default();
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&longer) * NOTE * WIDER <= most || line.is_empty() {
            lines.pop();
            lines.push(longer);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

pub(super) fn put(svg: &mut Svg, picture: &Picture<'_>, style: Style) {
    let height = f64::from(picture.map.height()) / picture.unit;
    svg.put(format_args!("<g transform=\"scale({})\">", picture.unit));
    put_title(svg, picture);
    let top = height + MARGIN * 1.5;
    put_regions(svg, picture, top);
    let key = top + rows(picture) as f64 * ROW;
    put_key(svg, style, key);
    for (at, line) in notes(picture).iter().enumerate() {
        let y = Short(key + ROW + at as f64 * NOTE * 1.5);
        svg.put(format_args!(
            "<text x=\"{MARGIN}\" y=\"{y}\" font-size=\"{NOTE}\" fill-opacity=\".65\">{}</text>",
            Escaped(line)
        ));
    }
    svg.put("</g>");
}

fn put_title(svg: &mut Svg, picture: &Picture<'_>) {
    let map = picture.map;
    svg.put(format_args!(
        "<text x=\"{MARGIN}\" y=\"-16\" font-size=\"30\" font-weight=\"600\" \
         font-family=\"Georgia, 'DejaVu Serif', serif\">{}</text>",
        Escaped(map.title())
    ));
    let right = f64::from(map.width()) / picture.unit - MARGIN;
    let regions = map.regions().len();
    svg.put(format_args!(
        "<text x=\"{}\" y=\"-17\" font-size=\"11\" text-anchor=\"end\" fill-opacity=\".75\">\
         {} territories, {regions} regions</text>",
        Short(right),
        map.playable_count()
    ));
}

/// Each region: its colour, its name, what it is worth, and how many territories it has.
fn put_regions(svg: &mut Svg, picture: &Picture<'_>, top: f64) {
    let rows = rows(picture);
    for (at, (region, paint)) in picture.map.regions().iter().zip(&picture.paints).enumerate() {
        let x = MARGIN + (at / rows.max(1)) as f64 * COLUMN;
        let y = top + (at % rows.max(1)) as f64 * ROW;
        let (fill, line) = (hex(paint.fill), hex(paint.line));
        svg.put(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"18\" height=\"13\" rx=\"3\" fill=\"{fill}\" \
             stroke=\"{line}\"/><text x=\"{}\" y=\"{}\" font-size=\"8.5\" font-weight=\"700\" \
             text-anchor=\"middle\">{}</text><text x=\"{}\" y=\"{}\" font-size=\"{TEXT}\">{} \
             <tspan fill-opacity=\".55\">{}</tspan></text>",
            Short(x),
            Short(y - 10.0),
            Short(x + 9.0),
            Short(y - 0.4),
            region.bonus,
            Short(x + 24.0),
            Short(y),
            Escaped(&region.name),
            region.territories.len()
        ));
    }
}

/// What the lines and patterns mean.
fn put_key(svg: &mut Svg, style: Style, y: f64) {
    let mut x = MARGIN;
    for (kind, text) in [(EdgeKind::Strait, "strait"), (EdgeKind::Sea, "sea route, needs a port")] {
        if style.crossings {
            let dashes = if kind == EdgeKind::Sea { "0 3.2" } else { "2.6 2" };
            svg.put(format_args!(
                "<path d=\"M{x} {}h18\" stroke=\"{INK}\" stroke-opacity=\".7\" stroke-width=\"1.1\" \
                 stroke-dasharray=\"{dashes}\" stroke-linecap=\"round\"/>",
                Short(y - 3.0)
            ));
            x = put_meaning(svg, x, y, text);
        }
    }
    for text in ["highland", "mountain"] {
        svg.put(format_args!(
            "<rect x=\"{x}\" y=\"{}\" width=\"18\" height=\"11\" rx=\"3\" fill=\"#fff\"/>\
             <g transform=\"translate({x} {})\">{}</g>",
            Short(y - 9.0),
            Short(y - 9.0),
            peaks(text)
        ));
        x = put_meaning(svg, x, y, text);
    }
    put_meaning(svg, x - 24.0, y, "the number in a colour is what holding the region is worth");
}

fn peaks(terrain: &str) -> &'static str {
    if terrain == "highland" {
        "<path d=\"M2 8q3-4 6 0M10 6q3-4 6 0\" fill=\"none\" stroke=\"#1d2a33\" stroke-opacity=\".5\"/>"
    } else {
        "<path d=\"M2 8l3-5l3 5M10 8l3-5l3 5\" fill=\"none\" stroke=\"#1d2a33\" stroke-opacity=\".5\"/>"
    }
}

/// Writes a meaning beside its sign; where the next sign starts.
fn put_meaning(svg: &mut Svg, x: f64, y: f64, text: &str) -> f64 {
    let at = Short(x + 24.0);
    svg.put(format_args!("<text x=\"{at}\" y=\"{}\" font-size=\"8\">{text}</text>", Short(y)));
    x + 24.0 + width(text) * 8.0 + 18.0
}
