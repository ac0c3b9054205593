//! Joins coasts across water.

use std::collections::VecDeque;

use sovereign_core::map::EdgeKind;

use super::super::geometry::{Place, Point, distance_km, place, squared_to_stretch};
use super::recipe::Crossings;
use super::topology::Country;

/// Farther than any two places are apart, straight through the Earth, in kilometres.
const EARTH_KM: f64 = 13_000.0;

/// A line of coast on the globe, inside of a ball that helps to skip it quickly.
struct Coast {
    line: Vec<Place>,
    middle: Place,
    radius: f64,
}

impl Coast {
    fn new(line: &[Point]) -> Self {
        let line: Vec<Place> = line.iter().copied().map(place).collect();
        let share = 1.0 / line.len().max(1) as f64;
        let sum = line.iter().fold([0.0; 3], |s, p| [s[0] + p[0], s[1] + p[1], s[2] + p[2]]);
        let middle = sum.map(|part| part * share);
        let radius = line.iter().map(|&at| distance_km(at, middle)).fold(0.0, f64::max);
        Self { line, middle, radius }
    }

    /// The gap to another coast in kilometres, or `best` if it is not smaller.
    fn gap(&self, other: &Self, best: f64) -> f64 {
        if distance_km(self.middle, other.middle) - self.radius - other.radius >= best {
            return best;
        }
        let limit = best * best;
        let nearest = self.nearest(other, limit).min(other.nearest(self, limit));
        if nearest < limit { nearest.sqrt() } else { best }
    }

    /// The smallest squared distance from a corner of this coast to a stretch of the other.
    fn nearest(&self, other: &Self, limit: f64) -> f64 {
        let close = |at: &&Place| distance_km(**at, other.middle) - other.radius < limit.sqrt();
        let to_other = |&at: &Place| {
            let stretches = other.line.windows(2);
            stretches.map(|ends| squared_to_stretch(at, ends[0], ends[1])).fold(limit, f64::min)
        };
        self.line.iter().filter(close).map(to_other).fold(limit, f64::min)
    }
}

/// The water between two countries.
pub(in crate::import) struct Gap {
    metres: u64,
    pub(in crate::import) a: usize,
    pub(in crate::import) b: usize,
}

/// All gaps narrower than `most_km` between the coasts of countries, narrowest first.
pub(in crate::import) fn gaps(countries: &[Country], most_km: f64) -> Vec<Gap> {
    let coasts = |country: &Country| country.coasts.iter().map(|line| Coast::new(line)).collect();
    let coasts: Vec<Vec<Coast>> = countries.iter().map(coasts).collect();
    let mut gaps = Vec::new();
    for a in 0..coasts.len() {
        for b in a + 1..coasts.len() {
            let pairs = coasts[a].iter().flat_map(|x| coasts[b].iter().map(move |y| (x, y)));
            let km = pairs.fold(most_km, |best, (x, y)| x.gap(y, best));
            if km < most_km {
                gaps.push(Gap { metres: (km * 1000.0) as u64, a, b });
            }
        }
    }
    gaps.sort_by_key(|gap| (gap.metres, gap.a, gap.b));
    gaps
}

/// The nearest two countries, one of each list, by their coasts.
pub(in crate::import) fn nearest(
    countries: &[Country],
    ones: &[usize],
    others: &[usize],
) -> Option<(usize, usize)> {
    let coasts = |at: &usize| -> (usize, Vec<Coast>) {
        (*at, countries[*at].coasts.iter().map(|line| Coast::new(line)).collect())
    };
    let (ones, others): (Vec<_>, Vec<_>) =
        (ones.iter().map(coasts).collect(), others.iter().map(coasts).collect());
    let mut best = (EARTH_KM, None);
    for (a, own) in &ones {
        for (b, other) in &others {
            let pairs = own.iter().flat_map(|x| other.iter().map(move |y| (x, y)));
            let km = pairs.fold(best.0, |best, (x, y)| x.gap(y, best));
            if km < best.0 {
                best = (km, Some((*a, *b)));
            }
        }
    }
    best.1
}

/// Who is joined to whom so far.
pub(in crate::import) struct Links(pub(in crate::import) Vec<Vec<usize>>);

impl Links {
    pub(in crate::import) fn join(&mut self, a: usize, b: usize) {
        self.0[a].push(b);
        self.0[b].push(a);
    }

    pub(in crate::import) fn joined(&self, a: usize, b: usize) -> bool {
        self.0[a].contains(&b)
    }

    /// Whether one can go from `a` to `b` in at most `steps` steps.
    fn within(&self, a: usize, b: usize, steps: u32) -> bool {
        let mut seen = vec![false; self.0.len()];
        let mut todo = VecDeque::from([(a, 0)]);
        seen[a] = true;
        while let Some((at, far)) = todo.pop_front() {
            if at == b {
                return true;
            }
            for &next in self.0[at].iter().filter(|_| far < steps) {
                if !std::mem::replace(&mut seen[next], true) {
                    todo.push_back((next, far + 1));
                }
            }
        }
        false
    }
}

/// Adds straits where the way round takes more than this many steps; returns them.
pub(in crate::import) fn straits(
    gaps: &[Gap],
    steps: u32,
    links: &mut Links,
) -> Vec<(usize, usize, EdgeKind)> {
    let mut added = Vec::new();
    for &Gap { a, b, .. } in gaps {
        if !links.within(a, b, steps) {
            links.join(a, b);
            added.push((a, b, EdgeKind::Strait));
        }
    }
    added
}

/// Adds straits where the way round is longer than the recipe accepts, and sea routes where
/// there is no way round, except between those that are to stay apart; returns them.
pub(super) fn cross(
    rules: &Crossings,
    gaps: &[Gap],
    apart: &[(usize, usize)],
    links: &mut Links,
) -> Vec<(usize, usize, EdgeKind)> {
    let mut added = Vec::new();
    for gap in gaps {
        let strait = gap.metres as f64 <= rules.strait_km * 1000.0;
        let (kind, steps) =
            if strait { (EdgeKind::Strait, rules.strait_steps) } else { (EdgeKind::Sea, u32::MAX) };
        if !apart.contains(&(gap.a, gap.b)) && !links.within(gap.a, gap.b, steps) {
            links.join(gap.a, gap.b);
            added.push((gap.a, gap.b, kind));
        }
    }
    added
}
