//! Seeds on a shaken grid, and which of them is nearest.

use super::dice::Dice;
use crate::import::geometry::Point;

/// How far a seed may be shaken from the middle of its square, as a share of its side. No two
/// seeds come nearer to each other than the rest of a side.
const SHAKE: f64 = 0.38;

/// One seed in each square of a grid.
pub(super) struct Cells {
    columns: usize,
    side: f64,
    seeds: Vec<Point>,
}

impl Cells {
    pub(super) fn new(dice: &mut Dice, columns: usize, rows: usize, side: f64) -> Self {
        let mut seed = |at: usize| {
            let middle = [(at % columns) as f64 + 0.5, (at / columns) as f64 + 0.5];
            middle.map(|part| (part + SHAKE * dice.swing()) * side)
        };
        Self { columns, side, seeds: (0..columns * rows).map(&mut seed).collect() }
    }

    pub(super) fn seeds(&self) -> &[Point] {
        &self.seeds
    }

    /// The number of the seed that is nearest to a point; of two that are equally near the
    /// lower one. It is never more than two squares away.
    pub(super) fn nearest(&self, [x, y]: Point) -> usize {
        let rows = self.seeds.len() / self.columns;
        let square = |at: f64, most: usize| {
            let own = (at / self.side).clamp(0.0, (most - 1) as f64) as usize;
            own.saturating_sub(2)..(own + 3).min(most)
        };
        let columns = square(x, self.columns);
        let near = square(y, rows).flat_map(|row| columns.clone().map(move |c| (row, c)));
        let far = |&at: &usize| {
            let [sx, sy] = self.seeds[at];
            (sx - x) * (sx - x) + (sy - y) * (sy - y)
        };
        let numbers = near.map(|(row, column)| row * self.columns + column);
        numbers.min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(0)
    }
}
