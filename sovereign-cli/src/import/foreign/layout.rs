//! Places that a file gives no position: each is put in the middle of its neighbours, after
//! a start in a spiral, so that neighbours come to lie near each other.

use super::source::{Border, Place};
use crate::import::geometry::Point;

/// How often each place moves.
const ROUNDS: usize = 60;
/// How far it moves towards the middle of its neighbours each time.
const PULL: f64 = 0.5;
/// The steps of the spiral: cosine and sine of the golden angle, so that no two places
/// start in one line.
const TURN: Point = [-0.737_368_878_078_320_1, 0.675_490_294_261_523_8];

/// Gives every place without shape and position a position.
pub(super) fn place_the_unplaced(places: &mut [Place], borders: &[Border]) {
    let unplaced = |place: &Place| place.position.is_none() && place.parts.is_empty();
    if places.is_empty() || !places.iter().all(unplaced) {
        return fill_gaps(places);
    }
    let neighbours = neighbours(places.len(), borders);
    let start = spiral(places.len());
    let mut at = start.clone();
    for _ in 0..ROUNDS {
        for place in 0..at.len() {
            at[place] = moved(&at, place, &neighbours[place], start[place]);
        }
    }
    for (place, at) in places.iter_mut().zip(at) {
        place.position = Some(at);
    }
}

/// A few places without a position among many that have one go to the middle of them all.
fn fill_gaps(places: &mut [Place]) {
    let known =
        |place: &Place| place.position.or_else(|| place.parts.first()?.first()?.first().copied());
    let known: Vec<Point> = places.iter().filter_map(known).collect();
    let sum = known.iter().fold([0.0; 2], |s, p| [s[0] + p[0], s[1] + p[1]]);
    let middle = sum.map(|part| part / known.len().max(1) as f64);
    for place in places.iter_mut().filter(|place| place.parts.is_empty()) {
        place.position.get_or_insert(middle);
    }
}

fn neighbours(count: usize, borders: &[Border]) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); count];
    for border in borders {
        neighbours[border.a].push(border.b);
        neighbours[border.b].push(border.a);
    }
    neighbours
}

/// A sunflower's seeds: even over a disc.
fn spiral(count: usize) -> Vec<Point> {
    let mut way = [1.0, 0.0];
    let seed = |at: usize| {
        let radius = (at as f64 + 0.5).sqrt();
        let here = [way[0] * radius, way[1] * radius];
        let [c, s] = TURN;
        way = [way[0] * c - way[1] * s, way[0] * s + way[1] * c];
        here
    };
    (0..count).map(seed).collect()
}

/// Between where it is and the middle of its neighbours, held back by where it started.
fn moved(at: &[Point], place: usize, neighbours: &[usize], start: Point) -> Point {
    if neighbours.is_empty() {
        return start;
    }
    let share = 1.0 / neighbours.len() as f64;
    let sum = neighbours.iter().fold([0.0; 2], |s, &n| [s[0] + at[n][0], s[1] + at[n][1]]);
    let part = |axis: usize| {
        let pulled = at[place][axis] * (1.0 - PULL) + sum[axis] * share * PULL;
        pulled * 0.9 + start[axis] * 0.1
    };
    [part(0), part(1)]
}
