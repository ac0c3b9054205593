//! A map sketched with few points: coasts in rough strokes, and seeds around which
//! territories grow.

use serde::Deserialize;
use serde::de::IgnoredAny;
use sovereign_core::map::{EdgeKind, Terrain};

use super::super::ImportError;
use super::super::geometry::Point;

/// What a person types; the rest is grown from it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SketchRecipe {
    /// The kind of recipe, which has been looked at before.
    #[serde(rename = "recipe")]
    _recipe: IgnoredAny,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) source: String,
    pub(super) licence: String,
    pub(super) sheet: Sheet,
    pub(super) regions: Vec<RegionSketch>,
    /// Pieces of land, each one rough closed stroke. Where two overlap they grow together.
    pub(super) lands: Vec<Stroke>,
    /// Inland seas: cut out of all land.
    #[serde(default)]
    pub(super) waters: Vec<Stroke>,
    pub(super) territories: Vec<TerritorySketch>,
    pub(super) edges: Vec<EdgeSketch>,
}

/// The paper that is drawn on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sheet {
    /// Width and height in cells; shapes are grown cell by cell.
    pub(super) width: u16,
    pub(super) height: u16,
    /// Drawing units to a cell.
    pub(super) scale: u16,
    /// From typed to drawn positions, in cells: where each x, and each y, comes to lie, in
    /// ascending order of the typed ones. In between it is stretched evenly, so that crowded
    /// parts can be given more room.
    pub(super) x: Vec<Point>,
    pub(super) y: Vec<Point>,
    /// How far coasts and borders wander from the straight line, in cells.
    pub(super) coast_wander: f64,
    pub(super) border_wander: f64,
    /// Pieces of territory or water smaller than this many cells are swallowed.
    pub(super) least_cells: usize,
    /// The distance from label to label that counts as 100 paces, in cells.
    pub(super) ordinary_cells: f64,
    /// The shortest and longest edge, in paces.
    pub(super) least_paces: u16,
    pub(super) most_paces: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegionSketch {
    pub(super) name: String,
    pub(super) bonus: u16,
}

/// A rough closed line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stroke {
    /// What it is, for the reader and for complaints.
    pub(super) name: String,
    pub(super) points: Vec<Point>,
}

/// A territory: all land that is nearer to one of its seeds than to any other seed on the
/// same piece of land.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TerritorySketch {
    pub(super) name: String,
    pub(super) region: String,
    #[serde(default)]
    pub(super) terrain: Terrain,
    pub(super) seeds: Vec<Point>,
}

/// A territory and those of its neighbours that no line above has named yet. Land edges
/// must be exactly the borders that the drawing shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EdgeSketch {
    pub(super) from: String,
    #[serde(default)]
    pub(super) land: Vec<String>,
    #[serde(default)]
    pub(super) strait: Vec<String>,
    #[serde(default)]
    pub(super) sea: Vec<String>,
}

impl EdgeSketch {
    /// Its edges: where to, and how.
    pub(super) fn ends(&self) -> impl Iterator<Item = (&str, EdgeKind)> {
        let lists = [
            (&self.land, EdgeKind::Land),
            (&self.strait, EdgeKind::Strait),
            (&self.sea, EdgeKind::Sea),
        ];
        lists.into_iter().flat_map(|(list, kind)| list.iter().map(move |to| (to.as_str(), kind)))
    }
}

/// The most cells of a sheet, each way.
const CELLS_MAX: u16 = 4_096;

impl SketchRecipe {
    /// Refuses what cannot be drawn, or only with endless work.
    pub(super) fn check(&self) -> Result<(), ImportError> {
        let Sheet { width, height, .. } = self.sheet;
        if ![width, height].iter().all(|side| (1..=CELLS_MAX).contains(side)) {
            return Err(ImportError::SheetTooLarge { width, height, most: CELLS_MAX });
        }
        for (axis, stops) in [('x', &self.sheet.x), ('y', &self.sheet.y)] {
            if stops.len() < 2 || !stops.is_sorted_by(|a, b| a[0] < b[0]) {
                return Err(ImportError::BadStops { axis });
            }
        }
        let bad = |stroke: &&Stroke| !self.sheet.takes(stroke);
        match self.lands.iter().chain(&self.waters).find(bad) {
            Some(stroke) => Err(ImportError::BadStroke { name: stroke.name.clone() }),
            None => Ok(()),
        }
    }
}

impl Sheet {
    /// Whether a stroke is a polygon that lies on the sheet, or not farther off than its size.
    fn takes(&self, stroke: &Stroke) -> bool {
        let near = |at: f64, size: u16| (-f64::from(size)..2.0 * f64::from(size)).contains(&at);
        let mut points = stroke.points.iter().map(|&point| self.place(point));
        stroke.points.len() >= 3 && points.all(|[x, y]| near(x, self.width) && near(y, self.height))
    }

    /// Where a typed position comes to lie, in cells.
    pub(super) fn place(&self, [x, y]: Point) -> Point {
        [stretched(&self.x, x), stretched(&self.y, y)]
    }
}

/// Piecewise linear, going on straight beyond both ends.
fn stretched(stops: &[Point], at: f64) -> f64 {
    let piece = stops.windows(2).find(|ends| at <= ends[1][0]).or_else(|| stops.windows(2).last());
    let Some(&[[from, low], [to, high]]) = piece.map(|ends| [ends[0], ends[1]]).as_ref() else {
        return at;
    };
    low + (at - from) * (high - low) / (to - from)
}
