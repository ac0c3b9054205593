//! Fits names into territories, or beside them.

use sovereign_core::id::TerritoryId;
use sovereign_core::map::{Map, Ring};

use super::shape::{Frame, Point, frame, holds, main_frame, room};

/// The largest text, in thousandths of the picture's longer side.
const LARGEST: f64 = 11.5;
/// The least and most that a name beside its territory measures, likewise. The more
/// territories, the smaller.
const BESIDE: [f64; 2] = [1.6, 6.4];
/// The smallest text inside of a territory, as shares of that beside one: where there is
/// water to write on, and where there is none.
const SMALLEST: [f64; 2] = [0.86, 0.45];
/// The most that a name beside its territory may cover: more is worse than small print.
const COVER_MAX: f64 = 3.0;
/// From one line to the next, in sizes.
const LEADING: f64 = 1.08;
/// How much of the room in a territory a name may fill.
const FILL: f64 = 0.9;

/// A name, set.
pub(super) struct Label {
    pub(super) lines: Vec<String>,
    pub(super) size: f64,
    /// The middle of the first line's base.
    pub(super) at: Point,
    frame: Frame,
}

/// How wide a text is, in sizes: close to what common fonts need.
pub(super) fn width(text: &str) -> f64 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | '\'' | ' ' | '-' => 0.31,
        'f' | 'r' | 't' => 0.38,
        'm' | 'w' | 'M' | 'W' => 0.84,
        c if c.is_uppercase() => 0.68,
        _ => 0.56,
    };
    text.chars().map(of).sum()
}

/// How large a name beside its territory is, in thousandths of the longer side.
fn size_beside(count: usize) -> f64 {
    (40.0 / (count.max(1) as f64).sqrt()).clamp(BESIDE[0], BESIDE[1])
}

/// What names are set on, and the names set so far.
struct Sheet<'a> {
    shapes: &'a [Vec<Ring>],
    frames: Vec<Frame>,
    placed: Vec<Label>,
}

/// Sets the names of all territories: first those that fit inside, then the others, the
/// smallest first, since these have the fewest places to go.
pub(super) fn labels(map: &Map, shapes: &[Vec<Ring>], side: f64) -> Vec<Label> {
    let mut order: Vec<usize> = (0..shapes.len()).collect();
    let area = |at: &usize| {
        let [left, top, right, bottom] = main_frame(&shapes[*at]);
        (right - left) * (bottom - top)
    };
    order.sort_by(|a, b| area(a).total_cmp(&area(b)));
    let small = size_beside(shapes.len());
    let frames = shapes.iter().map(|rings| frame(rings)).collect();
    let mut sheet = Sheet { shapes, frames, placed: Vec::new() };
    let named = |at: usize| {
        let id = TerritoryId::from_index(at);
        (map.territory_name(id), map.position(id).map(f64::from))
    };
    let within = |at: usize, least: f64| {
        let (name, middle) = named(at);
        inside(name, middle, &shapes[at], side, least * small)
    };
    order.retain(|&at| within(at, SMALLEST[0]).map(|label| sheet.placed.push(label)).is_none());
    let size = small * side / 1000.0;
    for at in order {
        let (name, middle) = named(at);
        let label = sheet
            .beside(name, middle, at, size)
            .or_else(|| within(at, SMALLEST[1]))
            .unwrap_or_else(|| set(narrowest(name), middle, size * SMALLEST[1]));
        sheet.placed.push(label);
    }
    sheet.placed
}

/// The name in its territory, in the size and number of lines that read best.
fn inside(name: &str, middle: Point, rings: &[Ring], side: f64, least: f64) -> Option<Label> {
    let sizes = || std::iter::successors(Some(LARGEST), |size| Some(size * 0.93));
    let sizes = sizes().take_while(|&size| size >= least).map(|size| size * side / 1000.0);
    for size in sizes {
        for lines in splits(name) {
            let label = set(lines, middle, size);
            if fits(&label, rings) {
                return Some(label);
            }
        }
    }
    None
}

/// The name in one line, in two, and in three, each broken where the lines are most even.
fn splits(name: &str) -> Vec<Vec<String>> {
    let words: Vec<&str> = name.split(' ').collect();
    let mut splits = vec![vec![name.to_owned()]];
    for count in 2..=words.len().min(3) {
        splits.extend(breaks(&words, count).into_iter().min_by(|a, b| {
            let widest = |lines: &[String]| lines.iter().map(|l| width(l)).fold(0.0, f64::max);
            widest(a).total_cmp(&widest(b))
        }));
    }
    splits
}

/// The name in as many lines as are tried.
fn narrowest(name: &str) -> Vec<String> {
    splits(name).pop().unwrap_or_default()
}

/// All ways to break words into this many lines.
fn breaks(words: &[&str], count: usize) -> Vec<Vec<String>> {
    if count == 1 {
        return vec![vec![words.join(" ")]];
    }
    let first = 1..=words.len() + 1 - count;
    let with_rest = |at: usize| {
        let head = words[..at].join(" ");
        let rest = breaks(&words[at..], count - 1).into_iter();
        rest.map(move |mut lines| {
            lines.insert(0, head.clone());
            lines
        })
    };
    first.flat_map(with_rest).collect()
}

/// Lines of text around a middle.
fn set(lines: Vec<String>, [x, y]: Point, size: f64) -> Label {
    let wide = lines.iter().map(|line| width(line)).fold(0.0, f64::max) * size;
    let high = lines.len() as f64 * LEADING * size;
    let frame = [x - wide / 2.0, y - high / 2.0, x + wide / 2.0, y + high / 2.0];
    // A line's base is below its middle.
    let at = [x, frame[1] + size * 0.9];
    Label { lines, size, at, frame }
}

fn fits(label: &Label, rings: &[Ring]) -> bool {
    let line = |(at, text): (usize, &String)| {
        let base = label.at[1] + at as f64 * LEADING * label.size;
        let half = width(text) * label.size / 2.0 / FILL;
        let heights = [base, base - 0.35 * label.size, base - 0.7 * label.size];
        heights.iter().all(|&y| {
            let room = room(rings, [label.at[0], y]);
            room.is_some_and(|[l, r]| l <= label.at[0] - half && label.at[0] + half <= r)
        })
    };
    label.lines.iter().enumerate().all(line)
}

impl Sheet<'_> {
    /// The name where it covers the least, of some places around the territory; `None` if
    /// it covers too much everywhere.
    fn beside(&self, name: &str, [x, y]: Point, own: usize, size: f64) -> Option<Label> {
        let (half, gap) = (width(name) * size / 2.0, size * 0.5);
        let [left, top, right, bottom] = main_frame(&self.shapes[own]);
        let (below, above) = (bottom + size * 0.7, top - size * 0.7);
        let places = [
            [right + gap + half, y],
            [left - gap - half, y],
            [x, below],
            [x, above],
            [right + half, below],
            [left - half, below],
            [right + half, above],
            [left - half, above],
        ];
        let candidates = places.map(|place| set(vec![name.to_owned()], place, size));
        let costed = candidates.into_iter().map(|label| (self.cost(&label, own), label));
        let (cost, best) = costed.min_by(|a, b| a.0.total_cmp(&b.0))?;
        (cost <= COVER_MAX).then_some(best)
    }

    /// How bad a place is: other names count most, then the distance to the territory, then
    /// foreign land, then own land.
    fn cost(&self, label: &Label, own: usize) -> f64 {
        let [left, top, right, bottom] = label.frame;
        let names: f64 = self.placed.iter().map(|other| overlap(label.frame, other.frame)).sum();
        let points = [0.0, 0.25, 0.5, 0.75, 1.0].into_iter().flat_map(|share| {
            let x = left + (right - left) * share;
            [[x, top], [x, bottom]]
        });
        let land = |point: Point| match self.territory_at(point) {
            Some(at) if at == own => 0.6,
            Some(_) => 1.0,
            None => 0.0,
        };
        let area = (right - left) * (bottom - top);
        let away = distance(label.frame, &self.shapes[own]) / label.size;
        points.map(land).sum::<f64>() + 2.0 * away + 100.0 * names / area
    }

    fn territory_at(&self, [x, y]: Point) -> Option<usize> {
        let near = |[left, top, right, bottom]: &Frame| {
            (*left..=*right).contains(&x) && (*top..=*bottom).contains(&y)
        };
        let near = self.frames.iter().enumerate().filter(|(_, frame)| near(frame));
        near.map(|(at, _)| at).find(|&at| holds(&self.shapes[at], [x, y]))
    }
}

/// How far the nearest corner of a territory is from a frame.
fn distance([left, top, right, bottom]: Frame, rings: &[Ring]) -> f64 {
    let corners = rings.iter().flatten().map(|point| point.map(f64::from));
    let squared = corners.map(|[x, y]| {
        let (dx, dy) = (x - x.clamp(left, right), y - y.clamp(top, bottom));
        dx * dx + dy * dy
    });
    squared.fold(f64::MAX, f64::min).sqrt()
}

fn overlap(a: Frame, b: Frame) -> f64 {
    let across = a[2].min(b[2]) - a[0].max(b[0]);
    let down = a[3].min(b[3]) - a[1].max(b[1]);
    across.max(0.0) * down.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_broken_evenly() {
        let splits = splits("Central African Republic");
        assert_eq!(splits[1], ["Central African", "Republic"]);
        assert_eq!(splits[2], ["Central", "African", "Republic"]);
        assert_eq!(super::splits("Peru"), [["Peru"]]);
    }

    #[test]
    fn names_do_not_cover_each_other_much() {
        // Thousands of names on one sheet cannot but crowd.
        for name in ["classic", "world"] {
            let map = Map::shipped(name).expect("it is shipped");
            let shapes: Vec<_> =
                map.territories().map(|id| super::super::shape::rings(&map, id)).collect();
            let labels = labels(&map, &shapes, f64::from(map.width()));
            for (at, a) in labels.iter().enumerate() {
                for b in &labels[at + 1..] {
                    let [left, top, right, bottom] = a.frame;
                    let share = overlap(a.frame, b.frame) / ((right - left) * (bottom - top));
                    assert!(share < 0.35, "{name}: {:?} covers {:?}", b.lines, a.lines);
                }
            }
        }
    }
}
