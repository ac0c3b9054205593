//! Grows territories on a sheet of cells.

use super::super::geometry::{Point, Ring, stretches};

/// The label of water.
pub(in crate::import) const SEA: u16 = 0;

/// A sheet of labelled cells: [`SEA`], or a number from 1.
#[derive(Clone)]
pub(in crate::import) struct Raster {
    pub(in crate::import) width: usize,
    pub(in crate::import) height: usize,
    cells: Vec<u16>,
}

impl Raster {
    pub(in crate::import) fn new(width: usize, height: usize) -> Self {
        Self { width, height, cells: vec![SEA; width * height] }
    }

    /// A sheet whose cells are labelled by where their middles are.
    pub(in crate::import) fn of(width: usize, height: usize, label: impl Fn(Point) -> u16) -> Self {
        let mut raster = Self::new(width, height);
        for (at, cell) in raster.cells.iter_mut().enumerate() {
            *cell = label([(at % width) as f64 + 0.5, (at / width) as f64 + 0.5]);
        }
        raster
    }

    /// The label at a cell; beyond the sheet there is sea.
    pub(in crate::import) fn get(&self, x: isize, y: isize) -> u16 {
        let inside = |at: isize, size: usize| usize::try_from(at).ok().filter(|&at| at < size);
        match (inside(x, self.width), inside(y, self.height)) {
            (Some(x), Some(y)) => self.cells[y * self.width + x],
            _ => SEA,
        }
    }

    /// Labels every cell whose middle lies inside of the ring, row by row.
    pub(in crate::import) fn fill(&mut self, ring: &Ring, label: u16) {
        for y in 0..self.height {
            let cuts = cuts(ring, y as f64 + 0.5);
            for pair in cuts.chunks_exact(2) {
                let first = (pair[0] - 0.5).ceil().clamp(0.0, self.width as f64) as usize;
                let end = (pair[1] - 0.5).ceil().clamp(0.0, self.width as f64) as usize;
                self.cells[y * self.width + first..y * self.width + end].fill(label);
            }
        }
    }

    /// Replaces every label that is not water by what `relabel` says of it and its place.
    pub(in crate::import) fn relabel(&mut self, relabel: impl Fn(u16, Point) -> u16) {
        for (at, label) in self.cells.iter_mut().enumerate().filter(|(_, label)| **label != SEA) {
            let (x, y) = (at % self.width, at / self.width);
            *label = relabel(*label, [x as f64 + 0.5, y as f64 + 0.5]);
        }
    }

    /// Lets the neighbours swallow each piece of one label that has fewer than `least` cells.
    pub(in crate::import) fn swallow(&mut self, least: usize) {
        let mut seen = vec![false; self.cells.len()];
        for start in 0..self.cells.len() {
            if !seen[start] {
                let piece = self.piece(start, &mut seen);
                if piece.len() < least {
                    let label = self.around(&piece);
                    piece.iter().for_each(|&at| self.cells[at] = label);
                }
            }
        }
    }

    /// All cells that hang together with `start` and have its label.
    fn piece(&self, start: usize, seen: &mut [bool]) -> Vec<usize> {
        let mut piece = vec![start];
        seen[start] = true;
        let mut done = 0;
        while let Some(&at) = piece.get(done) {
            done += 1;
            for next in self.beside(at) {
                if self.cells[next] == self.cells[start]
                    && !std::mem::replace(&mut seen[next], true)
                {
                    piece.push(next);
                }
            }
        }
        piece
    }

    /// The label that borders most on a piece; the lower one of two that are equal.
    fn around(&self, piece: &[usize]) -> u16 {
        let own = self.cells[piece[0]];
        let mut counts = std::collections::BTreeMap::new();
        for next in piece.iter().flat_map(|&at| self.beside(at)) {
            if self.cells[next] != own {
                *counts.entry(self.cells[next]).or_insert(0_usize) += 1;
            }
        }
        counts.into_iter().rev().max_by_key(|&(_, count)| count).map_or(own, |(label, _)| label)
    }

    /// The cells left, right, above and below.
    fn beside(&self, at: usize) -> impl Iterator<Item = usize> + use<> {
        let (x, width, count) = (at % self.width, self.width, self.cells.len());
        let left = (x > 0).then(|| at - 1);
        let right = (x + 1 < width).then_some(at + 1);
        let above = at.checked_sub(width);
        let below = Some(at + width).filter(|&below| below < count);
        [left, right, above, below].into_iter().flatten()
    }

    /// Removes places where a label touches itself only across a corner, since a border
    /// could not tell which way to go there.
    pub(in crate::import) fn untangle(&mut self) {
        let mut start = 0;
        while let Some((keep, change)) = self.tangle(start) {
            self.cells[change] = self.cells[keep];
            // What the change may have tangled lies at most a row and a cell before it.
            start = keep.min(change).saturating_sub(self.width + 1);
        }
    }

    /// A cell to copy and a cell to overwrite, at the first tangle from a cell on.
    fn tangle(&self, start: usize) -> Option<(usize, usize)> {
        let inner = |at: &usize| at % self.width + 1 < self.width;
        (start..self.width * (self.height - 1)).filter(inner).find_map(|at| {
            let [a, b, c, d] = [at, at + 1, at + self.width, at + self.width + 1];
            let [la, lb, lc, ld] = [a, b, c, d].map(|cell| self.cells[cell]);
            if la == ld && la != lb && la != lc {
                Some((a, b))
            } else if lb == lc && lb != la && lb != ld {
                Some((b, a))
            } else {
                None
            }
        })
    }
}

/// Where a ring crosses a horizontal line, from left to right.
fn cuts(ring: &Ring, y: f64) -> Vec<f64> {
    let crossing = |&([_, ay], [_, by]): &(Point, Point)| (ay > y) != (by > y);
    let at = |([ax, ay], [bx, by]): (Point, Point)| ax + (y - ay) * (bx - ax) / (by - ay);
    let mut cuts: Vec<f64> = stretches(ring).filter(crossing).map(at).collect();
    cuts.sort_by(f64::total_cmp);
    cuts
}
