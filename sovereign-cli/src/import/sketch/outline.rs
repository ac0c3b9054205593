//! Turns traced lines into the outlines of what lies beside them.

use std::collections::BTreeMap;

use super::smooth::{self, simplified};
use super::trace::{Corner, Line};
use crate::import::geometry::{Point, Ring, area};
use crate::import::label::label_point;

/// How far the stairs of a traced line are straightened before it is rounded, in cells.
const STRAIGHTEN: f64 = 1.1;
/// How much of a rounded line's detail is dropped again, in cells.
const DROP: f64 = 0.12;
/// A line between two labels, smoothed, in drawing units.
pub(in crate::import) struct Smooth {
    points: Vec<[i32; 2]>,
    pub(in crate::import) left: u16,
    pub(in crate::import) right: u16,
}

impl Smooth {
    /// Smooths a traced line; a cell is `scale` drawing units wide.
    pub(in crate::import) fn new(line: &Line, scale: f64) -> Self {
        let points = smoothed(&line.corners);
        let unit = |point: &Point| point.map(|part| (part * scale).round() as i32);
        Self { points: points.iter().map(unit).collect(), left: line.left, right: line.right }
    }
}

/// Straightens and rounds the stairs of a line. A circle is opened at two far corners.
fn smoothed(corners: &[Corner]) -> Vec<Point> {
    let line: Vec<Point> = corners.iter().map(|corner| corner.map(|part| part as f64)).collect();
    if corners.first() != corners.last() {
        let straight = simplified(&line, STRAIGHTEN);
        return simplified(&smooth::open(&straight), DROP);
    }
    let half = line.len() / 2;
    let mut straight = simplified(&line[..=half], STRAIGHTEN);
    straight.extend(simplified(&line[half..], STRAIGHTEN).into_iter().skip(1));
    straight.pop();
    let mut round = smooth::closed(&straight);
    round.extend(round.first().copied());
    simplified(&round, DROP)
}

/// A territory's rings, largest first.
pub(in crate::import) type Outline = Vec<Vec<[i32; 2]>>;

/// The closed rings that have a label on their left.
pub(in crate::import) fn rings<'l>(
    lines: impl IntoIterator<Item = &'l Smooth>,
    label: u16,
) -> Outline {
    let mut parts: BTreeMap<[i32; 2], Vec<[i32; 2]>> = BTreeMap::new();
    let mut rings = Outline::new();
    for line in lines {
        let mut points = line.points.clone();
        if line.right == label {
            points.reverse();
        }
        if (line.left == label) != (line.right == label) {
            match points.first() {
                Some(first) if Some(first) != points.last() => drop(parts.insert(*first, points)),
                _ => rings.push(points),
            }
        }
    }
    while let Some((first, mut ring)) = parts.pop_first() {
        while let Some(next) =
            ring.last().filter(|&&last| last != first).and_then(|l| parts.remove(l))
        {
            ring.extend(next.into_iter().skip(1));
        }
        rings.push(ring);
    }
    // The last corner repeats the first.
    rings.iter_mut().for_each(|ring| ring.truncate(ring.len().saturating_sub(1)));
    rings.retain(|ring| ring.len() >= 3);
    rings
}

pub(super) fn twice_area(ring: &[[i32; 2]]) -> u64 {
    let points: Ring = ring.iter().map(|point| point.map(f64::from)).collect();
    area(&points).abs() as u64
}

/// Where the label of the largest ring goes.
pub(in crate::import) fn label(outline: &[Vec<[i32; 2]>]) -> Point {
    let ring: Ring = outline[0].iter().map(|point| point.map(f64::from)).collect();
    label_point(&[ring]).unwrap_or_default()
}
