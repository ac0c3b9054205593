//! Draws districts: each arc once, with few corners, so that neighbours keep sharing them.

use std::collections::BTreeMap;

use super::conic::Conic;
use super::recipe::{DistrictsRecipe, Sheet};
use crate::import::atlas::topology::{Country, Topology};
use crate::import::geometry::{Point, Ring, area, rounded};
use crate::import::sketch::simplified;

/// Half the width of the mark for a district that is too small to draw, in drawing units.
const MARK: i32 = 2;

/// All that is drawn.
pub(super) struct Outlines {
    sheets: Vec<Conic>,
    /// The sheet of each district.
    sheet_of: Vec<usize>,
    /// Each arc in drawing units, with all its corners and with few.
    arcs: BTreeMap<usize, [Vec<Point>; 2]>,
    least_area: f64,
}

impl Outlines {
    /// Projects and simplifies all arcs that are used.
    pub(super) fn new<'g>(
        recipe: &DistrictsRecipe,
        topology: &Topology,
        districts: &[Country],
        group: impl Fn(usize) -> &'g str,
    ) -> Self {
        let sheet_of: Vec<usize> =
            (0..districts.len()).map(|at| sheet_of(&recipe.sheets, group(at))).collect();
        let fitted = |(number, sheet): (usize, &Sheet)| {
            let on = districts.iter().zip(&sheet_of).filter(|(_, of)| **of == number);
            let rings = on.flat_map(|(district, _)| district.parts.iter().flatten());
            Conic::new(sheet, rings.flatten())
        };
        let sheets: Vec<Conic> = recipe.sheets.iter().enumerate().map(fitted).collect();
        let mut arcs = BTreeMap::new();
        for (district, &sheet) in districts.iter().zip(&sheet_of) {
            for &arc in &district.arcs {
                arcs.entry(arc).or_insert_with(|| {
                    let points = topology.arc(arc);
                    let full: Vec<Point> =
                        points.into_iter().map(|point| sheets[sheet].point(point)).collect();
                    let few = simplified(&full, recipe.detail);
                    [full, few]
                });
            }
        }
        Self { sheets, sheet_of, arcs, least_area: recipe.least_area }
    }

    /// Where a place of a district is drawn.
    pub(super) fn point(&self, district: usize, place: Point) -> Point {
        self.sheets[self.sheet_of[district]].point(place)
    }

    /// The rings of a district, the largest first: with few corners if anything is left of
    /// it then, else with all, else a mark in its place.
    pub(super) fn outline(&self, district: &Country, [x, y]: [i32; 2]) -> Vec<Vec<i32>> {
        let mut drawn = [1, 0].into_iter().map(|detail| self.rings(district, detail));
        drawn
            .find(|rings| !rings.is_empty())
            .unwrap_or_else(|| vec![vec![x - MARK, y, x, y - MARK, x + MARK, y, x, y + MARK]])
    }

    fn rings(&self, district: &Country, detail: usize) -> Vec<Vec<i32>> {
        let mut rings: Vec<Ring> =
            district.rings.iter().map(|arcs| self.ring(arcs, detail)).collect();
        let size = |ring: &Ring| area(ring).abs() / 2.0;
        rings.sort_by(|a, b| size(b).total_cmp(&size(a)));
        let kept = rings.iter().enumerate();
        let kept = kept.filter(|(at, ring)| *at == 0 || size(ring) >= self.least_area);
        kept.filter_map(|(_, ring)| rounded(ring)).collect()
    }

    fn ring(&self, arcs: &[(usize, bool)], detail: usize) -> Ring {
        let mut ring = Ring::new();
        for (arc, backwards) in arcs {
            let points = &self.arcs[arc][detail];
            let last = points.len().saturating_sub(1);
            match backwards {
                true => ring.extend(points.iter().skip(1).rev()),
                false => ring.extend(&points[..last]),
            }
        }
        ring
    }
}

fn sheet_of(sheets: &[Sheet], group: &str) -> usize {
    let named = |sheet: &Sheet| sheet.groups.iter().any(|name| name == group);
    let own = sheets.iter().position(named);
    own.or_else(|| sheets.iter().position(|sheet| sheet.groups.is_empty())).unwrap_or(0)
}
