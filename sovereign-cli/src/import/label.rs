//! Where a label sits best: the point inside of a shape that is farthest from its border
//! (its pole of inaccessibility), found by halving squares and dropping those that cannot
//! hold anything better.

use super::geometry::{Point, Ring, bounds, stretches};

/// How close to the best point the search gets, as a share of the shape's shorter side.
const PRECISION: f64 = 0.01;
/// The most squares looked at; far more than any shape needs.
const SQUARES_MAX: usize = 100_000;

/// A square that may hold the best point.
struct Square {
    middle: Point,
    half: f64,
    /// How far the middle is inside of the shape; negative outside.
    inside: f64,
}

impl Square {
    fn new(middle: Point, half: f64, rings: &[Ring]) -> Self {
        Self { middle, half, inside: depth(middle, rings) }
    }

    /// No point of the square can be deeper inside than this.
    fn at_best(&self) -> f64 {
        self.inside + self.half * core::f64::consts::SQRT_2
    }

    fn quarters(&self, rings: &[Ring]) -> [Self; 4] {
        let ([x, y], half) = (self.middle, self.half / 2.0);
        [[-half, -half], [half, -half], [-half, half], [half, half]]
            .map(|[dx, dy]| Self::new([x + dx, y + dy], half, rings))
    }
}

/// The best place for the label of a polygon given by its outer ring and its holes.
pub(crate) fn label_point(rings: &[Ring]) -> Option<Point> {
    let [left, top, right, bottom] = bounds(rings.first()?)?;
    let (width, height) = (right - left, bottom - top);
    let precision = width.min(height).max(1.0) * PRECISION;
    let middle = [left + width / 2.0, top + height / 2.0];
    let mut todo = vec![Square::new(middle, width.max(height) / 2.0, rings)];
    let mut best = (todo[0].inside, middle);
    for _ in 0..SQUARES_MAX {
        let Some(square) = todo.pop() else { break };
        if square.at_best() <= best.0 + precision {
            continue;
        }
        for quarter in square.quarters(rings) {
            if quarter.inside > best.0 {
                best = (quarter.inside, quarter.middle);
            }
            todo.push(quarter);
        }
        // The most promising square comes last, to be looked at first.
        let tail = todo.len() - 4;
        todo[tail..].sort_by(|a, b| a.at_best().total_cmp(&b.at_best()));
    }
    Some(best.1)
}

/// How far a point is from the border: positive inside, negative outside.
pub(crate) fn depth(point: Point, rings: &[Ring]) -> f64 {
    let sides = || rings.iter().flat_map(|ring| stretches(ring));
    let inside = sides().filter(|&(a, b)| crosses(point, a, b)).count() % 2 == 1;
    let nearest = sides().map(|(a, b)| squared_to_side(point, a, b)).fold(f64::MAX, f64::min);
    if inside { nearest.sqrt() } else { -nearest.sqrt() }
}

/// Whether a ray from the point to the right crosses this side.
fn crosses([x, y]: Point, [ax, ay]: Point, [bx, by]: Point) -> bool {
    (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
}

pub(crate) fn squared_to_side([x, y]: Point, [ax, ay]: Point, [bx, by]: Point) -> f64 {
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let along = (x - ax) * dx + (y - ay) * dy;
    let share = if length > 0.0 { (along / length).clamp(0.0, 1.0) } else { 0.0 };
    let (ox, oy) = (x - ax - dx * share, y - ay - dy * share);
    ox * ox + oy * oy
}
