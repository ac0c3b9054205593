//! A smooth field of wandering offsets, the same on every machine.

use super::super::geometry::Point;

/// How far apart the bends are, in cells, and how much each octave weighs.
const OCTAVES: [(f64, f64); 3] = [(61.0, 0.55), (27.0, 0.3), (11.0, 0.15)];

/// Moves a point by up to `reach` cells to each side.
pub(in crate::import) fn wander([x, y]: Point, reach: f64, salt: u64) -> Point {
    [x + reach * field(x, y, salt), y + reach * field(x, y, salt ^ 0x5bd1)]
}

/// A smooth value from -1 to 1.
pub(in crate::import) fn field(x: f64, y: f64, salt: u64) -> f64 {
    let octave = |&(step, weight): &(f64, f64)| weight * layer(x / step, y / step, salt);
    OCTAVES.iter().map(octave).sum()
}

/// Values at whole coordinates, blended in between.
fn layer(x: f64, y: f64, salt: u64) -> f64 {
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (smooth(x - left), smooth(y - top));
    let at = |dx: f64, dy: f64| corner((left + dx) as i64, (top + dy) as i64, salt);
    let above = blend(at(0.0, 0.0), at(1.0, 0.0), across);
    let below = blend(at(0.0, 1.0), at(1.0, 1.0), across);
    blend(above, below, down)
}

fn smooth(t: f64) -> f64 {
    t * t * (3.0 - 2.0 * t)
}

fn blend(a: f64, b: f64, share: f64) -> f64 {
    a + (b - a) * share
}

/// A fixed value from -1 to 1 for each whole coordinate.
fn corner(x: i64, y: i64, salt: u64) -> f64 {
    let mut mixed = (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (y as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
        ^ salt.wrapping_mul(0x1656_67b1_9e37_79f9);
    mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed >> 40) as f64) / f64::from(1 << 23) - 1.0
}
