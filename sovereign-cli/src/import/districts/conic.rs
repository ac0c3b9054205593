//! Albers' projection, fitted into a frame.

use super::recipe::Sheet;
use crate::import::geometry::{Point, bounds, sin_cos_degrees, wrap};

/// From degrees to drawing units on one sheet.
pub(super) struct Conic {
    n: f64,
    c: f64,
    meridian: f64,
    scale: f64,
    shift: Point,
}

impl Conic {
    /// The projection that fits points into a sheet's frame, in its middle.
    pub(super) fn new<'p>(sheet: &Sheet, points: impl Iterator<Item = &'p Point>) -> Self {
        let [(first, cos), (second, _)] = sheet.parallels.map(sin_cos_degrees);
        let n = (first + second) / 2.0;
        let meridian = sheet.meridian;
        let raw = Self { n, c: cos * cos + 2.0 * n * first, meridian, scale: 1.0, shift: [0.0; 2] };
        let projected: Vec<Point> = points.map(|&point| raw.point(point)).collect();
        let [left, top, right, bottom] = bounds(&projected).unwrap_or([0.0, 0.0, 1.0, 1.0]);
        let [x, y, width, height] = sheet.frame;
        let scale = (width / (right - left)).min(height / (bottom - top));
        let middle = [x + width / 2.0, y + height / 2.0];
        let shift =
            [middle[0] - (left + right) / 2.0 * scale, middle[1] - (top + bottom) / 2.0 * scale];
        Self { scale, shift, ..raw }
    }

    /// Where a longitude and latitude are drawn; y grows southwards.
    pub(super) fn point(&self, [lon, lat]: Point) -> Point {
        let (sin_lat, _) = sin_cos_degrees(lat);
        let radius = (self.c - 2.0 * self.n * sin_lat).max(0.0).sqrt() / self.n;
        let (sin, cos) = sin_cos_degrees(self.n * wrap(lon - self.meridian));
        let [dx, dy] = self.shift;
        [radius * sin * self.scale + dx, radius * cos * self.scale + dy]
    }
}
