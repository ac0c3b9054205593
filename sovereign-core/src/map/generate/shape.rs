//! Cells in rows, and where they are drawn.

use alloc::string::String;
use core::fmt::Write;
use core::ops::Range;

/// Drawing units from one cell to the next.
const CELL: u32 = 20;

/// Cells in rows, numbered from left to right and from top to bottom. The last row may be
/// short.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    width: u32,
    count: u32,
}

impl Shape {
    /// Full rows.
    pub(super) const fn full(width: u32, height: u32) -> Self {
        Self { width, count: width * height }
    }

    /// `count` cells in a near square.
    pub(super) const fn square(count: u32) -> Self {
        Self { width: count.isqrt(), count }
    }

    pub(super) const fn width(self) -> u32 {
        self.width
    }

    pub(super) const fn height(self) -> u32 {
        self.count.div_ceil(self.width)
    }

    pub(super) const fn count(self) -> u32 {
        self.count
    }

    pub(super) const fn cells(self) -> Range<u32> {
        0..self.count
    }

    /// Each pair of cells that lie side by side or one above the other, once.
    pub(super) fn borders(self) -> impl Iterator<Item = (u32, u32)> {
        self.cells().flat_map(move |cell| {
            let right = (!(cell + 1).is_multiple_of(self.width)).then_some(cell + 1);
            let after = [right, Some(cell + self.width)].into_iter().flatten();
            after.filter(move |&next| next < self.count).map(move |next| (cell, next))
        })
    }

    /// The number of the square of `side` by `side` cells that this cell lies in.
    pub(super) const fn block(self, cell: u32, side: u32) -> u32 {
        let (x, y) = (cell % self.width, cell / self.width);
        y / side * self.width.div_ceil(side) + x / side
    }

    /// The middle of a cell, in drawing units.
    pub(super) const fn middle(self, cell: u32) -> [i32; 2] {
        let (x, y) = (cell % self.width, cell / self.width);
        [(x * CELL + CELL / 2) as i32, (y * CELL + CELL / 2) as i32]
    }

    /// Names a cell by its column and row, from 1.
    pub(super) fn put_name(self, cell: u32, text: &mut String) {
        let (x, y) = (cell % self.width + 1, cell / self.width + 1);
        write!(text, "{x}-{y}").expect("a string takes all text");
    }

    pub(super) const fn frame_width(self) -> u32 {
        self.width * CELL
    }

    pub(super) const fn frame_height(self) -> u32 {
        self.height() * CELL
    }
}
