//! The sides of shapes, cut so that two shapes whose borders run along the same line share a
//! side, even where one of them has a corner in the middle of a side of the other.

use std::collections::BTreeMap;

use super::ForeignError;
use super::source::Place;
use crate::import::geometry::{Point, bounds, stretches};

/// Corners are moved to a grid of so many steps along the longer side of all shapes: they
/// are the same if they are as near as that.
const GRID: f64 = 100_000.0;
/// The most pieces that sides are cut into.
const PIECES_MAX: usize = 8_000_000;

/// A corner on the grid.
type Knot = [i32; 2];
/// A piece of a side, lower end first.
type Side = (Knot, Knot);

/// Each piece of the border of each place, with the place's number.
pub(super) fn sides(places: &[Place]) -> Result<Vec<(Side, usize)>, ForeignError> {
    let rings = || places.iter().flat_map(|place| place.parts.iter().flatten());
    let Some([left, top, right, bottom]) = bounds(rings().flatten()) else {
        return Ok(Vec::new());
    };
    let step = (right - left).max(bottom - top).max(f64::MIN_POSITIVE) / GRID;
    let knot =
        |[x, y]: Point| [((x - left) / step).round() as i32, ((y - top) / step).round() as i32];
    let cells = Cells::new(rings().flatten().map(|&point| knot(point)));
    let mut found = Vec::new();
    for (number, place) in places.iter().enumerate() {
        for ring in place.parts.iter().flatten() {
            for (a, b) in stretches(ring) {
                let cut = cells.cut(knot(a), knot(b));
                found.extend(cut.into_iter().map(|side| (side, number)));
            }
            if found.len() > PIECES_MAX {
                return Err(ForeignError::TooTangled { most: PIECES_MAX });
            }
        }
    }
    Ok(found)
}

/// All corners, in square cells, so that those near a side are found quickly.
struct Cells {
    size: i32,
    knots: BTreeMap<(i32, i32), Vec<Knot>>,
}

impl Cells {
    /// About one corner to a cell, if they were spread evenly.
    fn new(knots: impl Iterator<Item = Knot>) -> Self {
        let mut all: Vec<Knot> = knots.collect();
        all.sort_unstable();
        all.dedup();
        let size = (GRID / (all.len() as f64).sqrt().max(1.0)).ceil() as i32;
        let mut cells = Self { size, knots: BTreeMap::new() };
        for knot in all {
            cells.knots.entry(cells.cell(knot)).or_default().push(knot);
        }
        cells
    }

    fn cell(&self, [x, y]: Knot) -> (i32, i32) {
        (x.div_euclid(self.size), y.div_euclid(self.size))
    }

    /// The side from `a` to `b`, cut at each corner that lies on it.
    fn cut(&self, a: Knot, b: Knot) -> Vec<Side> {
        let mut on: Vec<(i64, Knot)> = self.near(a, b).filter_map(|k| along(k, a, b)).collect();
        on.extend([(i64::MIN, a), (i64::MAX, b)]);
        on.sort_unstable();
        on.dedup_by_key(|(_, knot)| *knot);
        let ends = on.windows(2).map(|pair| (pair[0].1, pair[1].1));
        ends.filter(|(a, b)| a != b).map(|(a, b)| (a.min(b), a.max(b))).collect()
    }

    /// The corners of all cells that the side runs through or beside.
    fn near(&self, a: Knot, b: Knot) -> impl Iterator<Item = Knot> {
        let (a, b) = if a[0] <= b[0] { (a, b) } else { (b, a) };
        let columns = self.cell(a).0 - 1..=self.cell(b).0 + 1;
        columns.flat_map(move |column| {
            let (top, bottom) = self.rows(column, a, b);
            let cells = self.knots.range((column, top)..=(column, bottom));
            cells.flat_map(|(_, knots)| knots.iter().copied())
        })
    }

    /// The rows of cells that the side runs through in a column of cells.
    fn rows(&self, column: i32, a: Knot, b: Knot) -> (i32, i32) {
        let (width, height) = (i64::from(b[0] - a[0]), i64::from(b[1] - a[1]));
        let at = |edge: i64| {
            let x = edge.clamp(i64::from(a[0]), i64::from(b[0])) - i64::from(a[0]);
            let y = if width == 0 { 0 } else { height * x / width };
            (i64::from(a[1]) + y) as i32
        };
        let left = i64::from(column) * i64::from(self.size);
        let mut ends = [at(left - 1), at(left + i64::from(self.size) + 1)];
        if width == 0 {
            ends = [a[1], b[1]];
        }
        let (top, bottom) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        ((top - 2).div_euclid(self.size), (bottom + 2).div_euclid(self.size))
    }
}

/// How far along the side a corner lies, if it lies on it, at most one step of the grid off.
fn along(knot: Knot, a: Knot, b: Knot) -> Option<(i64, Knot)> {
    let minus = |p: Knot, q: Knot| [i64::from(p[0] - q[0]), i64::from(p[1] - q[1])];
    let ([dx, dy], [ox, oy]) = (minus(b, a), minus(knot, a));
    let length = dx * dx + dy * dy;
    let along = dx * ox + dy * oy;
    let off = dx * oy - dy * ox;
    let near = i128::from(off) * i128::from(off) <= i128::from(length);
    (0 < along && along < length && near).then_some((along, knot))
}
