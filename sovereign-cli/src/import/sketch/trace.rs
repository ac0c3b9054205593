//! Finds the lines between the labels of a raster.
//!
//! Lines run along the edges of cells, from one knot (a corner where at least three labels
//! meet) to the next, or around in a circle. Two neighbours share the line between them, so
//! that smoothing it leaves no gap.

use std::collections::BTreeMap;

use super::raster::Raster;

/// A corner between cells.
pub(in crate::import) type Corner = [isize; 2];

/// A line with one label on each side.
pub(in crate::import) struct Line {
    /// First and last are the same if it runs in a circle.
    pub(in crate::import) corners: Vec<Corner>,
    /// The label to the left of its direction.
    pub(in crate::import) left: u16,
    /// The label to the right.
    pub(in crate::import) right: u16,
}

/// Right, down, left, up.
const WAYS: [Corner; 4] = [[1, 0], [0, 1], [-1, 0], [0, -1]];

struct Tracer<'a> {
    raster: &'a Raster,
    /// For each corner, which ways have been walked from it.
    walked: BTreeMap<Corner, [bool; 4]>,
}

/// All lines of a raster without tangles.
pub(in crate::import) fn lines(raster: &Raster) -> Vec<Line> {
    let mut tracer = Tracer { raster, walked: BTreeMap::new() };
    let corners = tracer.corners();
    let (knots, plain): (Vec<_>, Vec<_>) = corners.into_iter().partition(|&c| tracer.is_knot(c));
    let mut lines = Vec::new();
    for corner in knots.into_iter().chain(plain) {
        for way in 0..WAYS.len() {
            lines.extend(tracer.walk(corner, way));
        }
    }
    lines
}

impl Tracer<'_> {
    /// All corners that lie on some line.
    fn corners(&self) -> Vec<Corner> {
        let (width, height) = (self.raster.width as isize, self.raster.height as isize);
        let all = (0..=height).flat_map(|y| (0..=width).map(move |x| [x, y]));
        all.filter(|&corner| self.ways(corner).next().is_some()).collect()
    }

    /// The labels left and right of the step from a corner.
    fn sides(&self, [x, y]: Corner, way: usize) -> (u16, u16) {
        let at = |dx: isize, dy: isize| self.raster.get(x + dx, y + dy);
        match way {
            0 => (at(0, -1), at(0, 0)),
            1 => (at(0, 0), at(-1, 0)),
            2 => (at(-1, 0), at(-1, -1)),
            _ => (at(-1, -1), at(0, -1)),
        }
    }

    /// The ways in which a line leaves a corner.
    fn ways(&self, corner: Corner) -> impl Iterator<Item = usize> {
        (0..WAYS.len()).filter(move |&way| {
            let (left, right) = self.sides(corner, way);
            left != right
        })
    }

    fn is_knot(&self, corner: Corner) -> bool {
        self.ways(corner).count() > 2
    }

    /// Walks the line that leaves `corner` in this direction, unless there is none or it has
    /// been walked, from either end.
    fn walk(&mut self, corner: Corner, way: usize) -> Option<Line> {
        let (left, right) = self.sides(corner, way);
        if left == right || self.walked.get(&corner).is_some_and(|walked| walked[way]) {
            return None;
        }
        let (mut at, mut way) = (corner, way);
        let mut corners = vec![corner];
        loop {
            at = self.step(at, way);
            corners.push(at);
            if at == corner || self.is_knot(at) {
                return Some(Line { corners, left, right });
            }
            let back = (way + 2) % 4;
            way = self.ways(at).find(|&next| next != back)?;
        }
    }

    fn step(&mut self, [x, y]: Corner, way: usize) -> Corner {
        let to = [x + WAYS[way][0], y + WAYS[way][1]];
        self.walked.entry([x, y]).or_default()[way] = true;
        self.walked.entry(to).or_default()[(way + 2) % 4] = true;
        to
    }
}
