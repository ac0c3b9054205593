//! From what a file says to a draft: shapes into a frame, borders into edges.

use sovereign_core::map::{EdgeDraft, EdgeKind, FORMAT, MapDraft, RegionDraft, TerritoryDraft};

use super::source::{Border, Place, Source};
use super::{Foreign, ForeignError, layout};
use crate::import::geometry::{Point, Ring, area, bounds, natural_earth, rounded, unwrapped};
use crate::import::label::label_point;

/// The longer side of the frame, without its margin, in drawing units.
const SIDE: f64 = 3_800.0;
/// The empty margin, in drawing units.
const MARGIN: f64 = 60.0;
/// Beyond this a position is no position.
const BOUND: f64 = 1e9;
/// The shortest and longest edge, in paces; the median one is 100.
const PACES: [f64; 2] = [25.0, 400.0];
/// What holding a region is worth where the file does not say: a point for so many
/// territories.
const TERRITORIES_A_POINT: usize = 3;

/// Makes a draft of a source.
pub(super) fn foreign(mut source: Source) -> Result<Foreign, ForeignError> {
    if !points(&source.places).all(|point| point.iter().all(|at| at.abs() < BOUND)) {
        return Err(ForeignError::OutOfBounds);
    }
    if source.globe || looks_like_degrees(&source.places) {
        flatten(&mut source.places);
    }
    layout::place_the_unplaced(&mut source.places, &source.borders);
    let frame = Frame::new(&source.places);
    let labels: Vec<[i32; 2]> = source.places.iter().map(|place| frame.label(place)).collect();
    let edges = edges(&source.borders, &labels);
    let territories = source.places.iter().zip(&labels);
    let territories =
        territories.map(|(place, &[x, y])| territory(&frame, place, x, y)).collect::<Vec<_>>();
    let title = source.title.unwrap_or_else(|| "Imported map".to_owned());
    let draft = MapDraft {
        format: FORMAT.to_owned(),
        name: simple(&title),
        title,
        source: "imported from a file that does not say where it comes from".to_owned(),
        licence: "unknown: ask whoever made the file".to_owned(),
        width: frame.width,
        height: frame.height,
        regions: regions(source.regions, &source.places),
        territories,
        edges,
    };
    Ok(Foreign { draft, defects: source.defects })
}

/// A title as a name: lower case, with hyphens for all that is neither letter nor digit.
pub(crate) fn simple(title: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let text: String = title.chars().map(plain).collect();
    let words: Vec<&str> = text.split('-').filter(|word| !word.is_empty()).collect();
    let name = words.join("-");
    if name.is_empty() { "imported".to_owned() } else { name[..name.len().min(64)].to_owned() }
}

fn points(places: &[Place]) -> impl Iterator<Item = &Point> {
    places.iter().flat_map(|place| place.parts.iter().flatten().flatten().chain(&place.position))
}

/// Whether all corners may be longitudes and latitudes, and some are as far out as only
/// degrees would be: a drawing has its corner at 0.
fn looks_like_degrees(places: &[Place]) -> bool {
    let Some([left, top, right, bottom]) = bounds(points(places)) else { return false };
    let shaped = places.iter().any(|place| !place.parts.is_empty());
    shaped && left >= -180.5 && right <= 180.5 && top >= -90.5 && bottom <= 90.5
}

/// Projects degrees to the plane. The map is cut at the widest stretch of meridians that is
/// empty, so that nothing is torn that does not reach around the world.
fn flatten(places: &mut [Place]) {
    let west = widest_gap(places);
    let project = |point: &mut Point, turns: f64| {
        *point = natural_earth([point[0] + turns - west - 180.0, point[1]]);
    };
    for place in places {
        for ring in place.parts.iter_mut().flatten() {
            let turned = unwrapped(std::mem::take(ring), west);
            *ring = turned;
            ring.iter_mut().for_each(|point| project(point, 0.0));
        }
        if let Some(position) = &mut place.position {
            let turns = -360.0 * ((position[0] - west) / 360.0).floor();
            project(position, turns);
        }
    }
}

/// The meridian in the middle of the widest empty stretch.
fn widest_gap(places: &[Place]) -> f64 {
    let mut spans: Vec<[f64; 2]> = Vec::new();
    for ring in places.iter().flat_map(|place| place.parts.iter().flatten()) {
        let turned = unwrapped(ring.clone(), -180.0);
        if let Some([left, _, right, _]) = bounds(&turned) {
            spans.extend(split(left, right));
        }
    }
    let positions = places.iter().filter_map(|place| place.position);
    spans.extend(positions.flat_map(|[lon, _]| split(lon, lon)));
    spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let mut end = spans.iter().map(|span| span[1]).fold(-180.0, f64::max) - 360.0;
    let mut best = (0.0, -180.0);
    for [left, right] in spans {
        if left - end > best.0 {
            best = (left - end, end + (left - end) / 2.0);
        }
        end = end.max(right);
    }
    best.1
}

/// A span of meridians as one or two between -180 and 180.
fn split(left: f64, right: f64) -> Vec<[f64; 2]> {
    if right > 180.0 { vec![[left, 180.0], [-180.0, right - 360.0]] } else { vec![[left, right]] }
}

/// From the plane to drawing units.
struct Frame {
    left: f64,
    top: f64,
    scale: f64,
    width: u32,
    height: u32,
}

impl Frame {
    fn new(places: &[Place]) -> Self {
        let [left, top, right, bottom] = bounds(points(places)).unwrap_or_default();
        let (width, height) = (right - left, bottom - top);
        let scale = SIDE / width.max(height).max(f64::MIN_POSITIVE);
        let side = |length: f64| (length * scale + 2.0 * MARGIN).ceil() as u32;
        Self { left, top, scale, width: side(width), height: side(height) }
    }

    fn point(&self, [x, y]: Point) -> Point {
        [(x - self.left) * self.scale + MARGIN, (y - self.top) * self.scale + MARGIN]
    }

    /// Where a place's label goes: where the file says, else inside of its largest part.
    fn label(&self, place: &Place) -> [i32; 2] {
        let size = |part: &&Vec<Ring>| part.first().map_or(0.0, |ring| area(ring).abs());
        let largest = place.parts.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
        let inside = |part: &Vec<Ring>| {
            let scaled = |ring: &Ring| ring.iter().map(|&point| self.point(point)).collect();
            label_point(&part.iter().map(scaled).collect::<Vec<Ring>>())
        };
        let given = place.position.map(|point| self.point(point));
        let label = given.or_else(|| largest.and_then(inside)).unwrap_or([MARGIN; 2]);
        label.map(|at| at.round() as i32)
    }
}

fn territory(frame: &Frame, place: &Place, x: i32, y: i32) -> TerritoryDraft {
    let ring = |ring: &Ring| {
        let scaled: Ring = ring.iter().map(|&point| frame.point(point)).collect();
        rounded(&scaled)
    };
    TerritoryDraft {
        name: place.name.clone(),
        region: place.region,
        x,
        y,
        outline: place.parts.iter().flatten().filter_map(ring).collect(),
        ..TerritoryDraft::default()
    }
}

fn regions(regions: Vec<(String, u16)>, places: &[Place]) -> Vec<RegionDraft> {
    let mut members = vec![0_usize; regions.len()];
    for region in places.iter().filter_map(|place| place.region) {
        members[usize::from(region)] += 1;
    }
    let named = regions.into_iter().zip(members);
    let draft = |((name, bonus), members): ((String, u16), usize)| {
        let usual = members.div_ceil(TERRITORIES_A_POINT).min(usize::from(u16::MAX)) as u16;
        RegionDraft { name, bonus: if bonus == 0 { usual } else { bonus } }
    };
    named.map(draft).collect()
}

/// Land edges, as long as it is from label to label: the median edge has 100 paces.
fn edges(borders: &[Border], labels: &[[i32; 2]]) -> Vec<EdgeDraft> {
    let far = |border: &Border| {
        let ([ax, ay], [bx, by]) = (labels[border.a], labels[border.b]);
        let (dx, dy) = (f64::from(ax - bx), f64::from(ay - by));
        (dx * dx + dy * dy).sqrt()
    };
    let mut all: Vec<f64> = borders.iter().map(far).filter(|&far| far > 0.0).collect();
    all.sort_by(f64::total_cmp);
    let median = all.get(all.len() / 2).copied().unwrap_or(1.0);
    let paces =
        |border: &Border| (far(border) * 100.0 / median).round().clamp(PACES[0], PACES[1]) as u16;
    let edge = |border: &Border| EdgeDraft {
        a: border.a as u32,
        b: border.b as u32,
        kind: EdgeKind::Land,
        length: paces(border),
        one_way: border.one_way,
    };
    borders.iter().map(edge).collect()
}
