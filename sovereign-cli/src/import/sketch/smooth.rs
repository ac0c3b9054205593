//! Turns rough strokes and stairs of cells into gentle curves.

use super::super::geometry::{Point, Ring};
use super::super::label::squared_to_side;

/// Rounds of corner cutting.
const ROUNDS: usize = 3;

/// Cuts the corners of a closed stroke: each side keeps its middle half (Chaikin's curve).
pub(super) fn closed(ring: &[Point]) -> Ring {
    (0..ROUNDS).fold(ring.to_vec(), |ring, _| {
        let next = ring.iter().cycle().skip(1);
        ring.iter().zip(next).flat_map(|(&a, &b)| middle_half(a, b)).collect()
    })
}

/// Cuts the corners of an open line, whose ends stay.
pub(super) fn open(line: &[Point]) -> Vec<Point> {
    (0..ROUNDS).fold(line.to_vec(), |line, _| {
        let (Some(&first), Some(&last)) = (line.first(), line.last()) else { return line };
        let cut = line.windows(2).flat_map(|ends| middle_half(ends[0], ends[1]));
        std::iter::once(first).chain(cut).chain([last]).collect()
    })
}

fn middle_half(a: Point, b: Point) -> [Point; 2] {
    let between = |share: f64| [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
    [between(0.25), between(0.75)]
}

/// Puts points between those of a closed stroke, none farther than `most` from the next.
pub(super) fn dense(ring: &[Point], most: f64) -> Ring {
    let next = ring.iter().cycle().skip(1);
    let side = |(&[ax, ay], &[bx, by]): (&Point, &Point)| {
        let (dx, dy) = (bx - ax, by - ay);
        let pieces = ((dx * dx + dy * dy).sqrt() / most).ceil().max(1.0) as u32;
        let share = move |piece: u32| f64::from(piece) / f64::from(pieces);
        (0..pieces).map(move |piece| [ax + dx * share(piece), ay + dy * share(piece)])
    };
    ring.iter().zip(next).flat_map(side).collect()
}

/// Leaves out points of an open line that lie within `tolerance` of the line without them
/// (Douglas and Peucker's way). The ends stay.
pub(in crate::import) fn simplified(line: &[Point], tolerance: f64) -> Vec<Point> {
    let mut keep = vec![false; line.len()];
    let mut todo: Vec<(usize, usize)> =
        line.len().checked_sub(1).map(|last| (0, last)).into_iter().collect();
    while let Some((first, last)) = todo.pop() {
        (keep[first], keep[last]) = (true, true);
        let far = |&at: &usize| squared_to_side(line[at], line[first], line[last]);
        let farthest = (first + 1..last).max_by(|a, b| far(a).total_cmp(&far(b)));
        if let Some(at) = farthest.filter(|at| far(at) > tolerance * tolerance) {
            todo.extend([(first, at), (at, last)]);
        }
    }
    line.iter().zip(keep).filter_map(|(&point, keep)| keep.then_some(point)).collect()
}
