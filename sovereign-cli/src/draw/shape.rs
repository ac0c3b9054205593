//! The shapes of territories, as paths and as places for text.

use std::fmt::Write;

use sovereign_core::id::TerritoryId;
use sovereign_core::map::{Map, Ring};

/// The side of the square drawn for a territory without an outline, in drawing units.
const SQUARE: i32 = 16;

/// The rings of a territory: its outline, or a square in its place.
pub(super) fn rings(map: &Map, id: TerritoryId) -> Vec<Ring> {
    let outline = map.outline(id);
    if !outline.is_empty() {
        return outline.to_vec();
    }
    let ([x, y], half) = (map.position(id), SQUARE / 2);
    vec![vec![
        [x - half, y - half],
        [x + half, y - half],
        [x + half, y + half],
        [x - half, y + half],
    ]]
}

/// Path data: steps from corner to corner, which are shorter than positions.
pub(super) fn path(rings: &[Ring]) -> String {
    let mut data = String::new();
    for ring in rings {
        let mut last = [0, 0];
        for (at, &[x, y]) in ring.iter().enumerate() {
            let written = match at {
                0 => write!(data, "M{x} {y}l"),
                1 => write!(data, "{} {}", x - last[0], y - last[1]),
                _ => write!(data, " {} {}", x - last[0], y - last[1]),
            };
            written.expect("a string takes all text");
            last = [x, y];
        }
        data.push('z');
    }
    data
}

/// A point in drawing units.
pub(super) type Point = [f64; 2];

/// Each side of each ring.
fn sides(rings: &[Ring]) -> impl Iterator<Item = (Point, Point)> {
    rings.iter().flat_map(|ring| {
        let next = ring.iter().cycle().skip(1);
        ring.iter().zip(next).map(|(a, b)| (a.map(f64::from), b.map(f64::from)))
    })
}

/// Where the sides of the rings cross the horizontal line at `y`, from left to right.
fn cuts(rings: &[Ring], y: f64) -> Vec<f64> {
    let crossing = |&([_, ay], [_, by]): &(Point, Point)| (ay > y) != (by > y);
    let at = |([ax, ay], [bx, by]): (Point, Point)| ax + (y - ay) * (bx - ax) / (by - ay);
    let mut cuts: Vec<f64> = sides(rings).filter(crossing).map(at).collect();
    cuts.sort_by(f64::total_cmp);
    cuts
}

/// The stretch of the horizontal line through a point that lies inside of the rings.
pub(super) fn room(rings: &[Ring], [x, y]: Point) -> Option<[f64; 2]> {
    let cuts = cuts(rings, y);
    let mut inside = cuts.chunks_exact(2);
    inside.find(|pair| pair[0] <= x && x <= pair[1]).map(|pair| [pair[0], pair[1]])
}

/// Whether a point lies inside of the rings.
pub(super) fn holds(rings: &[Ring], point: Point) -> bool {
    room(rings, point).is_some()
}

/// Left, top, right and bottom.
pub(super) type Frame = [f64; 4];

/// The frame around the largest ring.
pub(super) fn main_frame(rings: &[Ring]) -> Frame {
    let size = |[l, t, r, b]: &Frame| (r - l) * (b - t);
    let frames = rings.iter().map(|ring| frame(std::slice::from_ref(ring)));
    frames.max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or_default()
}

/// The frame around all rings.
pub(super) fn frame(rings: &[Ring]) -> Frame {
    let start = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
    let points = rings.iter().flatten().map(|point| point.map(f64::from));
    points.fold(start, |[l, t, r, b], [x, y]| [l.min(x), t.min(y), r.max(x), b.max(y)])
}

/// The corners of two shapes that are nearest to each other, if the second is shifted
/// sideways.
pub(super) fn nearest(a: &[Ring], b: &[Ring], shift: f64) -> (Point, Point) {
    let mut best = (f64::MAX, ([0.0; 2], [0.0; 2]));
    for from in a.iter().flatten().map(|point| point.map(f64::from)) {
        for to in b.iter().flatten().map(|&[x, y]| [f64::from(x) + shift, f64::from(y)]) {
            let far = (from[0] - to[0]).powi(2) + (from[1] - to[1]).powi(2);
            if far < best.0 {
                best = (far, (from, to));
            }
        }
    }
    best.1
}
